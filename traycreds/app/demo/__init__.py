"""The demo: the real app in a sandbox folder against the simulated STS, with a guide. Never asks for anything real."""
