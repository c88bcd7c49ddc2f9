"""The commands of `import`, and what they share. Never handles old options (`cli.old_import` does)."""
