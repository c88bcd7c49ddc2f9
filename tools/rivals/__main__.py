"""Puts rivals and ourselves to the same trials: `python -m tools.rivals --logsmith CHECKOUT [--write]`.

One file with other people's lines in it, one session in its last half minute; once with AWS reachable, once without: what is
left of the file?
The rivals come from PyPI and npm into a scratch folder; logsmith, which is on neither, from a checkout of its sources
(https://github.com/otto-de/logsmith), of which the part without a window runs. Prints a table in Markdown.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

from tests.support.sandbox import ACCOUNT, Sandbox
from tests.support.wait_until import until
from tools.marked_page import put
from traycreds.sim.simulator import Simulator

PAGE = Path(__file__).resolve().parents[2] / "docs" / "comparison.md"
JS_INI = "1.5.1"
UNREACHABLE = "http://127.0.0.1:9"
OTHERS = """\
# keys of the payroll job: ask Ann before you touch them
[payroll]
AWS_Access_Key_Id=AKIAPAYROLLPAYROLL12
aws_secret_access_key   = payroll/secret+payroll/secret+payroll/12
account = 012345678901
; the end
"""
SECRET = "trial/secret+trial/secret+trial/secret12"
# The token is as long as those of AWS.
TOKEN = base64.b64encode(hashlib.shake_128(b"trial").digest(300)).decode()
OLD_KEY = "ASIATRIALTRIALTRIAL1"
SESSION = f"aws_access_key_id = {OLD_KEY}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/dev"

LOGSMITH = """\
import sys
sys.path.insert(0, sys.argv[1])
from app.core.core import Core
from app.core.profile_group import ProfileGroup
group = {"team": "t", "region": "us-east-1", "color": "#fff",
  "profiles": [{"profile": "dev", "account": sys.argv[2], "role": "dev"}]}
Core().login_with_key(ProfileGroup("dev", group, "access-key", "", ""), None)
"""
LEAPP = "as Leapp calls it"
LEAPP_WRITES = """\
const [scratch, path] = process.argv.slice(1), fs = require("fs"), ini = require(scratch + "/node_modules/js-ini");
const session = { dev: { aws_access_key_id: "ASIANEWNEWNEWNEWNEW1" } };
fs.writeFileSync(path, ini.stringify(Object.assign(ini.parse(fs.readFileSync(path, "utf-8")), session)));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a trial left.

    Attributes:
        old: the session, good for another half minute, is still on file.
        new: another one is.
        others: all other lines stay, byte for byte.
        leaked: a secret is in plain text in a file outside ~/.aws.
    """

    old: bool
    new: bool
    others: bool
    leaked: bool


Trial = Callable[[Sandbox, str], None]
"""Prepares the file, lets a tool work against an endpoint, and ends it."""

ROWS: Mapping[str, tuple[int, Callable[[Left], bool]]] = {
    "AWS reachable: the tool writes a new session": (0, lambda left: left.new),
    "all other lines stay, byte for byte": (0, lambda left: left.others),
    "AWS unreachable: the session with half a minute left stays in the file": (1, lambda left: left.old),
    "AWS unreachable: all other lines stay": (1, lambda left: left.others),
    "no secret in its logs": (1, lambda left: not left.leaked),
}
"""What is asked of the trial with AWS reachable (0) or without (1)."""

NOTE = (
    "For Leapp, the trial covers only the code that writes the credentials file: it stops at a comment that begins with\n"
    "`#` and writes nothing. "
    "autoawsume ran as its daemon, logsmith without its window. Made by `python -m tools.rivals`."
)


def main(arguments: list[str]) -> None:
    """Try all, print, and write into the page on comparisons where asked to."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--logsmith", type=Path, metavar="CHECKOUT")
    options.add_argument(
        "--write", type=Path, metavar="PAGE", nargs="?", const=PAGE, help="default: docs/comparison.md"
    )
    chosen = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        python, version = _installed(Path(folder))
        trials: dict[str, Trial] = {
            "traycreds": _ours,
            f"autoawsume {version}": partial(_autoawsume, python),
            f"js-ini {JS_INI} {LEAPP}": partial(_leapp, Path(folder)),
        }
        if chosen.logsmith:
            trials[f"logsmith {_version_of(chosen.logsmith)}"] = partial(_logsmith, python, chosen.logsmith)
        left = {
            tool: (_left(trial, reachable=True), None if tool.endswith(LEAPP) else _left(trial, reachable=False))
            for tool, trial in trials.items()
        }
    table = f"{_table(left)}\n\n{NOTE}"
    print(table)
    if chosen.write:
        written = put(chosen.write.read_text(encoding="utf-8"), "rivals", f"{table}\n")
        chosen.write.write_text(written, encoding="utf-8")


def _table(left: Mapping[str, tuple[Left, Left | None]]) -> str:
    lines = [f"| | {' | '.join(left)} |", "|---|" + "---|" * len(left)]
    for words, (trial, holds) in ROWS.items():
        cells = [
            "not tried" if both[trial] is None else "yes" if holds(both[trial]) else "**no**" for both in left.values()
        ]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _left(trial: Trial, *, reachable: bool) -> Left:
    """Try a tool on a new home, and see what is there afterwards."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator:
        sandbox = Sandbox(Path(folder), simulator)
        sandbox.add_role("dev", extra="keep = true")
        trial(sandbox, simulator.url if reachable else UNREACHABLE)
        text = sandbox.credentials_file.read_text(encoding="utf-8")
        files = [path for path in sandbox.home.rglob("*") if path.is_file() and ".aws" not in path.parts]
        return Left(
            old=SECRET in text and TOKEN in text,
            new=any(call.action == "AssumeRole" and call.outcome == "OK" for call in simulator.calls)
            and SECRET not in text,
            others=OTHERS in text,
            leaked=any(secret in path.read_text("utf-8", "replace") for path in files for secret in (SECRET, TOKEN)),
        )


def _add(sandbox: Sandbox, text: str) -> None:
    with sandbox.credentials_file.open("a", encoding="utf-8") as file:
        file.write(f"{OTHERS}\n{text}")


def _ours(sandbox: Sandbox, endpoint: str) -> None:
    soon = (datetime.now(timezone.utc) + timedelta(seconds=40)).strftime("%Y-%m-%dT%H:%M:%SZ")
    _add(sandbox, f"[dev-session]\n{SESSION}x_security_token_expires = {soon}\ntraycreds_role = dev\n")
    app = sandbox.start("run", "--no-tray", AWS_ENDPOINT_URL_STS=endpoint)
    try:
        until(lambda: sandbox.command("keep", "--no-wait", "dev").returncode == 0, "the app answers", timeout=20)
        # `refresh` waits for the outcome.
        sandbox.command("refresh", "dev", AWS_ENDPOINT_URL_STS=endpoint)
    finally:
        app.terminate()
        app.communicate(timeout=20)


def _autoawsume(python: Path, sandbox: Sandbox, endpoint: str) -> None:
    soon = (datetime.now().astimezone() + timedelta(seconds=40)).strftime("%Y-%m-%d %H:%M:%S")
    managed = f"region = us-east-1\nautoawsume = true\nexpiration = {soon}\nawsumepy_command = dev -a\n"
    _add(sandbox, f"[autoawsume-dev]\nmanager = awsume\n{SESSION}{managed}")
    sandbox.aws_config.write_text(f"[profile dev]\nrole_arn = {ROLE}\nsource_profile = base\n", encoding="utf-8")
    _run([str(python.with_name("autoawsume"))], sandbox, endpoint)


def _logsmith(python: Path, checkout: Path, sandbox: Sandbox, endpoint: str) -> None:
    text = sandbox.credentials_file.read_text(encoding="utf-8").replace("[base]", "[access-key]")
    sandbox.credentials_file.write_text(text, encoding="utf-8")
    in_an_hour = datetime.now(timezone.utc) + timedelta(hours=1)
    # An MFA code gave the user this session.
    day = sandbox.simulator.world.open_session(sandbox.owner.principal, expires_at=in_an_hour)
    keys = f"aws_access_key_id = {day.access_key_id}\naws_secret_access_key = {day.secret_access_key}\n"
    _add(sandbox, f"[dev]\n{SESSION}\n[session-token-access-key]\n{keys}aws_session_token = {day.session_token}\n")
    (sandbox.home / ".logsmith").mkdir()
    _run([str(python), "-c", LOGSMITH, str(checkout), ACCOUNT], sandbox, endpoint)


def _leapp(scratch: Path, sandbox: Sandbox, endpoint: str) -> None:
    """Only the writer of its credentials file: it writes where AWS answered, and nothing otherwise."""
    _add(sandbox, f"[dev]\n{SESSION}")
    if endpoint != UNREACHABLE:
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", f"js-ini@{JS_INI}"]
        subprocess.run(npm, cwd=scratch, check=True)
        _run(["node", "-e", LEAPP_WRITES, str(scratch), str(sandbox.credentials_file)], sandbox, endpoint)


def _run(command: list[str], sandbox: Sandbox, endpoint: str) -> None:
    """Run a rival to its end, or for a while; what it leaves in the file is what counts, not its exit code."""
    environment = sandbox.environment(AWS_ENDPOINT_URL=endpoint, AWS_ENDPOINT_URL_STS=endpoint)
    environment |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1"}
    try:
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=15)
    except subprocess.TimeoutExpired:
        print(f"{command[0]} {endpoint}: still running", file=sys.stderr)
    else:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        print(f"{command[0]} {endpoint}: exit {done.returncode}, {last}", file=sys.stderr)


def _installed(scratch: Path) -> tuple[Path, str]:
    """An interpreter with awsume, and what logsmith needs without its window; the version of awsume."""
    subprocess.run([sys.executable, "-m", "venv", scratch / "venv"], check=True)
    python = scratch / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "awsume", "ruamel.yaml"], check=True)
    show = [python, "-c", "import importlib.metadata as m; print(m.version('awsume'))"]
    return python, subprocess.run(show, check=True, capture_output=True, text=True).stdout.strip()


def _version_of(checkout: Path) -> str:
    found = re.search(r"[0-9]+(?:\.[0-9]+)+", (checkout / "app" / "version.py").read_text(encoding="utf-8"))
    return found[0] if found else "of unknown version"


if __name__ == "__main__":
    main(sys.argv[1:])
