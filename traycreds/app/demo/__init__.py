"""The demo: the real app in a sandbox folder against the simulated AWS, with a guide. Never asks for anything real."""
