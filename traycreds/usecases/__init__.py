"""What one command does, without printing. Never asks a question in a terminal."""
