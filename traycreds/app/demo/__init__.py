"""The demo: the real app in a sandbox folder against the built-in STS simulator, on a fast clock, with a guide."""
