"""Decides from state and time what to refresh, what to write and what to say.

Pure: what `due_sessions` remembers of the last plan saves time, and changes no answer.
"""
