"""Programs and processes: start, replace, wait, serve on loopback. Knows nothing of AWS."""
