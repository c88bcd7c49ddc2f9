"""How commands show things in a terminal: what it can do, colours, progress, one role in detail.

Never asks the user, and decides nothing.
"""
