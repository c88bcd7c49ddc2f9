"""Follow-ups for `app.followers`: hooks to run, choices to save, codes to ask for. Pure. Never carries one out."""
