"""Ways to show a notification, and the choice among them. Never decides what is said."""
