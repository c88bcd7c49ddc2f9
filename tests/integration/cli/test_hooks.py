"""Hooks of the running app: the program of the configuration is run, and gets no secret."""

from __future__ import annotations

import json
import sys

from tests.support.wait_until import until

RECORD = "import json, os, sys; print(json.dumps(dict(os.environ)), file=open(sys.argv[1], 'a'))"


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_the_programs_are_run(sandbox, start, tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    sandbox.add_role("dev", extra="keep = true")
    sandbox.add_role("shut", trusted=False, extra="keep = true")
    with sandbox.config.open("a") as file:
        for key, path in (("on_refreshed", good), ("on_failed", bad)):
            settings = "[settings]\n" if key == "on_refreshed" else ""
            file.write(f"{settings}{key} = {json.dumps([sys.executable, '-c', RECORD, str(path)])}\n")
    start()
    (done,) = until(lambda: records(good), "on_refreshed is run", timeout=20)
    on_file = sandbox.profiles()["dev-session"]
    assert done["TRAYCREDS_ROLE"] == "dev"
    assert done["TRAYCREDS_PROFILE"] == "dev-session"
    assert done["TRAYCREDS_EXPIRES"] == on_file["x_security_token_expires"]
    (failed,) = until(lambda: records(bad), "on_failed is run", timeout=20)
    assert (failed["TRAYCREDS_ROLE"], failed["TRAYCREDS_ERROR"]) == ("shut", "denied")
    for record in (done, failed):
        assert not {on_file["aws_secret_access_key"], on_file["aws_session_token"]} & set(record.values())
