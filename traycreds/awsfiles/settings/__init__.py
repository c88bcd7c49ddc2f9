"""A profile's settings: valid values, and which one is to blame for a failure. Never reads the AWS files."""
