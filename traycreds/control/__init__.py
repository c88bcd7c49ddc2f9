"""The protocol between the running app and its commands, and its transports. Never performs a command itself."""
