"""Composition root: builds the parts, starts them, stops them in reverse order; one module for each way to run."""
