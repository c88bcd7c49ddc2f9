"""The menu as a value, built from a Snapshot. Pure."""
