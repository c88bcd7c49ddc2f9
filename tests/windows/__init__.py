"""Windows' own Python, run by Wine: the tests of this program again, where Windows' ways can be met here."""
