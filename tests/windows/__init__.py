"""Windows' own Python, run by Wine: the tests of this program once more, where Windows' ways can be met here."""
