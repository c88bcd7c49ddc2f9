"""`import --team` as a user types it: what is new is shown, nothing counts before the answer, programs apart."""

from __future__ import annotations

import json
import os
import sys

import pytest

from tests.support.sandbox import ACCOUNT
from tests.support.terminal import END, in_terminal
from tests.support.wait_until import PATIENCE, until
from traycreds.cli import main

REVIEW = ("import", "--team")


class Team:
    """A team file beside the configuration, and roles of it that AWS knows."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox
        self.path = sandbox.config.with_name("team.toml")
        sandbox.config.parent.mkdir(parents=True)
        self.include('"team.toml"')

    def include(self, entry: str, own: str = "") -> None:
        self.sandbox.config.write_text(f"include = [{entry}]\n{own}")

    def role(self, name: str, extra: str = "") -> str:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        self.sandbox.simulator.world.add_role(arn, trust=[self.sandbox.owner.principal.arn], max_session=43200)
        return f'[roles.{name}]\nrole_arn = "{arn}"\nsource_profile = "base"\n{extra}\n'

    def write(self, *tables: str) -> None:
        new = self.path.with_name("new")
        new.write_text("".join(tables))
        new.replace(self.path)

    def names(self) -> list[str]:
        done = self.sandbox.command("status", "--json")
        assert done.returncode == 0, done.stderr
        return [role["name"] for role in json.loads(done.stdout)["roles"]]


@pytest.fixture
def team(sandbox):
    return Team(sandbox)


@pytest.fixture
def start(sandbox):
    """The app without a tray; it is ended with the test."""
    running = []

    def started(**environment):
        running.append(sandbox.start("run", "--no-tray", **environment))
        until(sandbox.listens, "the app takes commands")
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.communicate(timeout=PATIENCE)


def test_a_role_of_the_team_is_used_once_it_was_accepted(team):
    team.write(team.role("dev"))
    done = team.sandbox.command("once", "dev")
    assert done.returncode == 2
    assert "New team roles in team.toml are waiting for your review: traycreds import team\n" in done.stderr
    shown, code = in_terminal(team.sandbox, "y\n", command=REVIEW)
    assert code == 0
    assert "  + role dev\n" in shown
    assert f'role_arn = "arn:aws:iam::{ACCOUNT}:role/dev"' in shown
    assert f"Accepted: {team.path}: 1 added" in shown
    done = team.sandbox.command("once", "dev")
    assert (done.returncode, done.stderr) == (0, "")
    assert team.sandbox.profiles()["dev-session"]["traycreds_role"] == "dev"


def test_the_command_team_reviews_in_a_terminal_and_without(team):
    team.write(team.role("dev"))
    done = team.sandbox.command("import", "team")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "Cannot ask here: this is not a terminal.\nUse --dry-run to see what is new, --yes to accept it.\n"
    )
    done = team.sandbox.command("import", "team", "--yes", "--json")
    assert [list(entry["added"]) for entry in json.loads(done.stdout)["included"]] == [["dev"]]
    assert "  + role dev\n" in team.sandbox.command("import", "team", "--dry-run").stdout
    assert team.names() == [], "neither of them accepts"
    shown, code = in_terminal(team.sandbox, "y\n", command=("import", "team"))
    assert code == 0, shown
    assert team.names() == ["dev"]
    team.write(team.role("dev"), team.role("new"))
    assert team.sandbox.command("import", "team", "--yes").returncode == 0
    assert team.names() == ["dev", "new"]


@pytest.mark.parametrize("more", [["dev"], ["--sso", "x"], ["--as", "x"]])
def test_the_command_team_takes_nothing_else(home, capsys, more):
    assert main(["import", "team", "--yes", *more]) == 2
    assert "unrecognized arguments" in capsys.readouterr().err


@pytest.mark.parametrize("answer", ["\n", END], ids=["Enter", "end of file"])
def test_without_a_yes_nothing_changes(team, answer):
    team.write(team.role("dev"))
    shown, code = in_terminal(team.sandbox, answer, command=REVIEW)
    assert code == 0
    assert "Not accepted: team.toml" in shown
    assert team.names() == []


def test_a_change_is_shown_from_old_to_new_and_the_old_counts_until_it_is_accepted(team):
    team.write(team.role("dev"), team.role("gone"))
    assert team.sandbox.command(*REVIEW, "--yes").returncode == 0
    team.write(team.role("dev", 'duration = "2h"\n'), team.role("new"))
    done = team.sandbox.command(*REVIEW, "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{team.path}: 1 added, 1 changed, 1 removed\n" in done.stdout
    assert '        duration: not set -> "2h"\n' in done.stdout
    assert team.names() == ["dev", "gone"]
    assert team.sandbox.command(*REVIEW, "--yes").returncode == 0
    assert team.names() == ["dev", "new"]


def test_the_users_own_key_wins_and_the_review_says_so(team):
    team.include('"team.toml"', '[roles.dev]\nduration = "3h"\n')
    team.write(team.role("dev", 'duration = "2h"'))
    assert 'duration = "2h"   (yours wins: "3h")' in team.sandbox.command(*REVIEW, "--yes").stdout


def test_a_program_is_asked_for_by_itself_and_only_a_yes_lets_it_run(team, tmp_path):
    ran = tmp_path / "ran"
    program = tmp_path / ("code.cmd" if sys.platform == "win32" else "code")
    program.write_text(f"@echo 123456>{ran}\n" if sys.platform == "win32" else f"#!/bin/sh\ntouch {ran}\necho 123456\n")
    program.chmod(0o755)
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/me"
    team.write(team.role("dev", f"mfa_serial = \"{serial}\"\nmfa_process = '{program}'\n"))
    done = team.sandbox.command(*REVIEW, "--yes")
    assert f"Not run: {program}. To allow it" in done.stdout
    done = team.sandbox.command("once", "dev")
    assert done.returncode != 0
    assert "needs a code from MFA device" in done.stderr
    assert not ran.exists()
    shown, _ = in_terminal(team.sandbox, "\n", command=REVIEW)
    assert f"this program would run:\n    {program}\n" in shown
    team.sandbox.command("once", "dev")
    assert not ran.exists()
    shown, code = in_terminal(team.sandbox, "y\n", command=REVIEW)
    assert code == 0
    team.sandbox.command("once", "dev")
    assert ran.exists()
    ran.unlink()
    team.write(team.role("dev", f"mfa_serial = \"{serial}\"\nmfa_process = '{program} --more'\n"))
    team.sandbox.command(*REVIEW, "--yes")
    team.sandbox.command("once", "dev")
    assert not ran.exists(), "a program that changed is asked for again"


def test_json_for_programs(team):
    team.write(team.role("dev", 'mfa_process = "code"'))
    done = team.sandbox.command(*REVIEW, "--dry-run", "--json")
    (entry,) = json.loads(done.stdout)["included"]
    assert (entry["waiting"], list(entry["added"]), entry["commands"]) == (True, ["dev"], {"code": ["dev"]})


def test_without_a_terminal_it_asks_nobody(team):
    team.write(team.role("dev"))
    done = team.sandbox.command(*REVIEW)
    assert done.returncode == 2
    assert "Cannot ask here: this is not a terminal." in done.stderr
    assert team.names() == []


@pytest.mark.parametrize(
    "more",
    [["dev"], ["--sso", "x"], ["--live", "x"], ["--take-over", "x"], ["--keyring", "x"], ["--as", "x"], ["--json"]],
)
def test_what_does_not_go_with_it(home, capsys, more):
    assert main([*REVIEW, "--yes", *more]) == 2
    assert "--team" in capsys.readouterr().err or more == ["--json"]


def test_a_faulty_file_is_refused_with_its_line_and_the_users_own_roles_go_on(team):
    team.include('"team.toml"', team.role("mine"))
    team.write(team.role("dev"), "[settings]\n")
    done = team.sandbox.command(*REVIEW, "--yes")
    assert done.returncode == 2
    assert f"{team.path}, line 5: an included file has [settings]." in done.stderr
    assert team.names() == ["mine"]


def test_nothing_included_and_nothing_new(team):
    team.write(team.role("dev"))
    team.sandbox.command(*REVIEW, "--yes")
    assert team.sandbox.command(*REVIEW, "--yes").stdout == "Nothing to review.\n"
    team.sandbox.config.write_text("")
    assert "Your configuration includes no file" in team.sandbox.command(*REVIEW, "--yes").stdout


def test_what_is_handed_to_a_shell_or_an_sdk_has_no_line_about_it(team):
    team.include('"team.toml"', team.role("mine"))
    team.write(team.role("dev"))
    for command in ("creds", "env"):
        done = team.sandbox.command(command, "mine")
        assert (done.returncode, done.stderr) == (0, "")
    done = team.sandbox.command("status", "--json")
    assert done.stderr == ""


def test_doctor_lists_included_files_with_their_state(team, server):
    team.include(f'"team.toml", "lost.toml", {server.entry}')
    team.write(team.role("dev"))
    team.sandbox.command(*REVIEW, "--yes")
    lines = team.sandbox.command("doctor").stdout.splitlines()
    assert lines[:3] == [
        f"Included: {team.path}: accepted.",
        f"Included: {team.path.with_name('lost.toml')}: unreadable.",
        f"Included: {server.url}: unreachable.",
    ]
    states = [each["state"] for each in json.loads(team.sandbox.command("doctor", "--json").stdout)["included"]]
    assert states == ["accepted", "unreadable", "unreachable"]
    shown = f"~{os.sep}{team.path.relative_to(team.sandbox.home)}"
    assert f"{shown}: accepted" in team.sandbox.command("doctor", "--report").stdout


def test_an_address_is_fetched_shown_and_needed_no_more(team, server, certificate):
    trust = {"AWS_CA_BUNDLE": str(certificate)}
    server.data = team.role("dev").encode()
    team.include(server.entry)
    done = team.sandbox.command(*REVIEW, "--yes", **trust)
    assert done.returncode == 0, done.stderr
    assert f"Accepted: {server.url}: 1 added" in done.stdout
    asked = len(server.requests)
    server.behave = "silent"
    assert team.names() == ["dev"]
    assert team.sandbox.command("once", "dev").returncode == 0
    assert team.sandbox.command(*REVIEW, "--yes", **trust).returncode == 0
    assert len(server.requests) == asked


def test_an_address_that_gives_something_else_changes_nothing(team, server, certificate):
    trust = {"AWS_CA_BUNDLE": str(certificate)}
    server.data = team.role("dev").encode()
    team.include(server.entry)
    team.sandbox.command(*REVIEW, "--yes", **trust)
    server.data = team.role("ops").encode()
    wanted = "b" * 64
    team.include(f'{{ url = "{server.url}", sha256 = "{wanted}" }}')
    done = team.sandbox.command(*REVIEW, "--yes", **trust)
    assert done.returncode == 2
    assert f"expected sha256 {wanted}, got {server.pin}" in done.stderr
    assert team.names() == ["dev"]
    assert "hash mismatch" in team.sandbox.command("doctor").stdout


def test_the_running_app_reports_a_change_and_takes_it_when_it_is_accepted(team, start, tmp_path):
    def printed(notice):
        """What the app prints until it has reported this; what was accepted before is not new."""
        lines = []
        for line in iter(app.stdout.readline, ""):
            lines.append(line)
            if notice in line:
                return lines
        pytest.fail(f"it ended, and printed {lines}")

    team.write(team.role("dev", "keep = true"))
    app = start()
    lines = printed("! Team roles wait for your review. team.toml: 1 added.")
    team.sandbox.command(*REVIEW, "--yes")
    team.sandbox.wait_for_profile("dev-session")
    team.write(team.role("dev", "keep = true"), team.role("ops", "keep = true"))
    lines += printed("! The team's roles have changed. team.toml: 1 added.")
    assert team.names() == ["dev"]
    assert "ops-session" not in team.sandbox.profiles()
    assert team.sandbox.command(*REVIEW, "--yes").returncode == 0
    team.sandbox.wait_for_profile("ops-session")
    team.sandbox.end(app)
    rest, _ = app.communicate(timeout=PATIENCE)
    out = "".join(lines) + rest
    assert out.count("! The team's roles have changed. team.toml: 1 added.") == 1
    assert out.count("! Team roles wait for your review. team.toml: 1 added.") == 1


def test_the_running_app_fetches_by_itself_and_reports_what_waits(team, start, server, certificate):
    server.data = team.role("dev").encode()
    team.include(server.entry)
    app = start(AWS_CA_BUNDLE=str(certificate))
    until(lambda: "waiting for your review" in team.sandbox.command("doctor").stdout, "it is fetched")
    team.sandbox.end(app)
    out, _ = app.communicate(timeout=PATIENCE)
    assert "! Team roles wait for your review. roles.toml: 1 added." in out
    assert server.requests == ["/roles.toml"]


def test_the_running_app_starts_and_ends_while_a_server_is_silent(team, start, server, certificate):
    server.behave = "silent"
    team.include(server.entry, team.role("mine", "keep = true"))
    app = start(AWS_CA_BUNDLE=str(certificate))
    team.sandbox.wait_for_profile("mine-session")
    until(lambda: server.requests, "the server is asked")
    team.sandbox.end(app)
    assert app.wait(PATIENCE) == 0
