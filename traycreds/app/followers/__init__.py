"""Carries out the engine's follow-ups, and watches files and sign-ins. Never changes its state except by events."""
