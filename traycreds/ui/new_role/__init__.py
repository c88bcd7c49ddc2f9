"""The window that adds a role: what is typed into it, and how it looks. Knows no file: its caller does."""
