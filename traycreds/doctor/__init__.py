"""Examines the files that sessions depend on and says what is wrong, with file, line and remedy. Changes nothing."""
