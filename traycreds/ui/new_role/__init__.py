"""The window that adds a role: what is typed into it, and how it looks.

Knows no file: what is wrong with a value, and where a role goes, its caller says.
"""
