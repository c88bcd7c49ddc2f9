"""The credentials file under concurrent writes: what to believe, hold back, restore, merge. Never decides ownership."""
