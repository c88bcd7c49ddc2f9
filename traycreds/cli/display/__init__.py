"""How commands show things in a terminal: colors, progress, one role in detail. Never asks or decides."""
