"""Runs the core against the world through ports; knows no vendor."""
