"""MFA codes and MFA sessions: where a code comes from, and how long the session serves that it opened.

Never calls AssumeRole.
"""
