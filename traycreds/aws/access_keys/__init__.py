"""Long-term access keys of IAM users, as IAM lists and makes them. Never shows, logs or stores a secret key."""
