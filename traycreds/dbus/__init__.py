"""Belongs here: D-Bus, the connection to a bus and the objects we put on it. Never: what is said over it."""
