"""The live view in the terminal: the roles as they change, and keys. Never decides what the app does."""
