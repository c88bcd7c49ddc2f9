"""The commands of `import`, one module each, and what they share: questions in a terminal, and proposals to pick from.

Never looks at how an older version was called; `cli.old_import` has translated that.
"""
