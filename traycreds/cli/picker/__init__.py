"""Questions in a terminal that many names can answer: what is typed narrows them down.

Never does what was picked.
"""
