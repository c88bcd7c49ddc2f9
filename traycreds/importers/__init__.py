"""Takes roles and keys in from other places. Writes nothing that the user did not confirm."""
