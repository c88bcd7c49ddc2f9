"""Commands about the roles of the configuration, whatever their sessions."""
