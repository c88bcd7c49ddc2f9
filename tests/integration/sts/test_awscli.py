"""The real aws command reads one of our profiles and passes the simulator's signature check with it."""

from __future__ import annotations

import json
import subprocess
import sys

from traycreds.core.model import Credentials


def test_aws_command_signs_with_an_issued_session(aws, source, dev):
    session: Credentials = source.issue(dev)
    aws.credentials(
        f"[dev-session]\naws_access_key_id = {session.access_key_id}\n"
        f"aws_secret_access_key = {session.secret_access_key}\naws_session_token = {session.session_token}\n"
    )

    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "awscli",
            "sts",
            "get-caller-identity",
            "--profile=dev-session",
            "--region=eu-west-1",
            "--endpoint-url",
            aws.sim.url,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["Arn"].startswith("arn:aws:sts::222233334444:assumed-role/dev/traycreds")
    assert aws.actions() == ["AssumeRole", "GetCallerIdentity"]
