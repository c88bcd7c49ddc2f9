"""The running app: what it starts, and what clicks and commands ask of it. Never decides about sessions or draws."""
