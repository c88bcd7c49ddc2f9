"""Texts of the three files that the tests of `doctor` begin with."""

from __future__ import annotations

KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
BASE = "[base]\n" + KEYS
ROLE = "role_arn = arn:aws:iam::111122223333:role/Dev\n"
DEV = "[profile dev]\n" + ROLE + "source_profile = base\n"
PROCESS = "credential_process = whoami\n"
"""A program that Windows has too."""
OURS = (
    "aws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\naws_session_token = t\n"
    "x_security_token_expires = 2026-01-05T10:00:00Z\ntraycreds_role = dev\n"
)
