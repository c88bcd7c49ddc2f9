"""The arguments of commands that no quick command needs, one module a group; `cli.parser` loads each when it is due.

Never runs a command.
"""
