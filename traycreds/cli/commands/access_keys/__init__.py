"""Commands about long-term access keys. Never prints a secret key."""
