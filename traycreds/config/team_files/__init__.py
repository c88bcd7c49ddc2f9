"""The files that `include` names: their download, acceptance and comparison. Never reads the rest of the TOML."""
