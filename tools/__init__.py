"""Commands for developers: measurements, pictures, comparisons. Never shipped."""
