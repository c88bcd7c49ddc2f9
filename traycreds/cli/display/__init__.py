"""How commands show things in a terminal: what it can do, colours, progress, one role in detail."""
