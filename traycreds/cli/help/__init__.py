"""What the command line says of itself beyond the parser: examples, topics, what a wrong word was to be.

Never runs a command.
"""
