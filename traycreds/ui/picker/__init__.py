"""Finding one role among many: what is typed against their names, and the window for it.

Never does what was picked.
"""
