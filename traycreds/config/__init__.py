"""The TOML configuration; what is about included files alone is in `team_files`. Never reads credentials."""
