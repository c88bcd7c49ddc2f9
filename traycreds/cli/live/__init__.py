"""The live view in the terminal: the roles, redrawn as they change, with keys where prompt_toolkit is installed."""
