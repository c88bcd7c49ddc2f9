"""What commands do without the app, from the files and with one run of the engine. Never asks a running app."""
