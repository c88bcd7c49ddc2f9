"""Actions that others than the engine carry out: hooks to run, choices to save, MFA codes to ask for.

Pure. Never carries one out, which `app.followers` does.
"""
