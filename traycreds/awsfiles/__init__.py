"""Parses and edits ~/.aws/credentials and ~/.aws/config, and knows whose a section is. Never talks to AWS."""
