"""What commands do without the app: from the files, by one run of the engine. Never asks a running app."""
