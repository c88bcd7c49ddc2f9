"""One module a command: parse what it was given, call a use case, print.

Never holds a decision that another front end needs.
"""
