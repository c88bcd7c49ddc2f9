"""Commands about the roles of the configuration, whatever their sessions. Never asks the running app."""
