"""Help beyond the parser: examples, topics, and suggestions for a wrong word. Never runs a command."""
