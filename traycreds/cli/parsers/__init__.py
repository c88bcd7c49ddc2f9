"""The arguments of slower commands, by group; `cli.parser` loads each when needed. Never runs a command."""
