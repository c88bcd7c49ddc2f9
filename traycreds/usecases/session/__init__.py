"""A role's session for commands that pass it on. Never takes a secret from anywhere but the credentials file."""
