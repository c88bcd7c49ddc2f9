"""Takes roles and keys in from other places. Writes only what the user confirmed."""
