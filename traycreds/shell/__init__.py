"""How a command is typed into the shells of this system. Never runs one."""
