"""The TOML configuration; `team_files` has the included files. Never reads credentials."""
