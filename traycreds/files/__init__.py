"""Anybody's files as a whole: read, replace atomically, lock. Knows no content."""
