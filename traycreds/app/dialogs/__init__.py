"""Windows that a click opens: to find a role, to add one. Decide nothing; each is its own process."""
