"""`traycreds login` as a process, alone and beside the running app."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from tests.support.process_list import ProcessList, hold_until_seen
from tests.support.terminal import Typed
from tests.support.wait_until import PATIENCE, until
from tests.windows.mark import not_on_windows


def login(sso_home, *arguments, visitor=("allow",), **more):
    browser = sso_home.browser(*visitor) if visitor else {}
    return sso_home.sandbox.command("login", *arguments, **{**browser, **sso_home.endpoints, **more})


def test_it_says_what_it_does_and_the_role_works(sso_home):
    reported = login(sso_home, "corp")

    assert (reported.returncode, reported.stderr) == (0, "")
    lines = reported.stdout.splitlines()
    assert lines[0] == "Opening the sign-in page of corp in your browser."
    assert re.fullmatch(r"If none opens, go to http://127\.0\.0\.1:\d+/authorize\?\S+", lines[1])
    assert lines[2:] == ["You are signed in: corp is renewed silently until IAM Identity Center ends it."]
    assert "You are signed in" in sso_home.browser_log
    token = sso_home.token()
    assert not [
        value for name, value in token.items() if name.endswith(("Token", "Secret")) and value in reported.stdout
    ]

    once = sso_home.sandbox.command("once", "sso", **sso_home.endpoints)
    assert once.returncode == 0, once.stderr
    assert sso_home.sandbox.profiles()["sso-session"]["aws_access_key_id"].startswith("ASIA")


@pytest.mark.skipif(sys.platform != "linux", reason="it is read from /proc, which Linux has")
def test_no_secret_is_in_the_process_list(sso_home, tmp_path):
    """Neither in our own arguments and variables, nor in the browser's."""
    gates = hold_until_seen(tmp_path, ["traycreds login sso", "visitor.py"])
    with ProcessList(sso_home.sandbox.home, gates=gates) as seen:
        reported = login(sso_home, "sso", cold=True, PYTHONPATH=str(tmp_path))

    assert reported.returncode == 0
    assert any("traycreds login sso" in line for line in seen.lines)
    assert any("visitor.py" in line and "/authorize?" in line for line in seen.lines)
    create = next(call.parameters for call in sso_home.sim.calls if call.action == "CreateToken")
    token = sso_home.token()
    secrets = [create["codeVerifier"], create["code"], token["accessToken"], token["refreshToken"]]
    shown = "\n".join([*seen.lines, *seen.variables.values(), reported.stdout, reported.stderr])
    assert not [secret for secret in [*secrets, token["clientSecret"]] if secret in shown]


def test_refused(sso_home):
    reported = login(sso_home, "corp", visitor=("deny",))

    assert reported.returncode == 3
    assert reported.stderr.splitlines() == [
        "The sign-in to corp was refused in the browser.",
        "If that was a mistake, sign in again.",
    ]
    assert not sso_home.token_file().exists()
    assert login(sso_home, "corp").returncode == 0


def test_nobody_confirms(sso_home):
    reported = login(sso_home, "corp", "--timeout", "1", visitor=("leave",))

    assert reported.returncode == 3
    assert reported.stderr.splitlines() == [
        "The sign-in to corp was not confirmed in time.",
        "Run: traycreds login corp",
    ]
    assert login(sso_home, "corp").returncode == 0


def test_no_browser_only_prints_the_address(sso_home):
    reported = login(sso_home, "corp", "--no-browser", "--timeout", "1")

    assert reported.returncode == 3
    assert reported.stdout.splitlines()[0] == "Open this page in a browser on this computer to sign in to corp."
    assert sso_home.actions("AuthorizePage") == []


@pytest.mark.parametrize(
    "arguments", [("--device",), pytest.param((), marks=not_on_windows)], ids=["asked for", "no screen"]
)
def test_device_code(sso_home, arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "traycreds", "login", "corp", *arguments],
        env=sso_home.sandbox.environment(**sso_home.endpoints),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = process.stdout.readline()
        if not arguments:
            assert first == "Cannot open a browser here, so use one on any computer.\n"
            first = process.stdout.readline()
        found = re.fullmatch(r"To sign in to corp, open (\S+/device) and confirm the code (\S+)\n", first)
        assert found, first
        page = sso_home.visitor.get(f"{found[1]}?user_code={found[2]}")
        assert found[2] in page
        sso_home.visitor.open(f"{found[1]}?user_code={found[2]}")
        rest, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "You are signed in" in rest


def test_unknown_names_exit_2_with_the_nearest(sso_home):
    reported = login(sso_home, "crop")

    assert reported.returncode == 2
    assert reported.stderr == "There is no sso-session, profile or role crop.\nDid you mean corp?\n"
    assert sso_home.actions() == []


def test_a_region_that_cannot_be(sso_home):
    sso_home.more_config("[sso-session bad]\nsso_start_url = https://x.example/start\nsso_region = not a region\n")

    reported = login(sso_home, "bad")

    assert reported.returncode == 2
    assert reported.stderr.splitlines() == [
        "The sso_region of bad is not a region: not a region.",
        "Fix it in ~/.aws/config.",
    ]
    sso_home.more_config("[sso-session bad]\nsso_start_url = https://x.example/start\nsso_region = eu-west-1\n")
    assert login(sso_home, "bad").returncode == 0


def test_a_service_that_is_not_there(sso_home):
    reported = login(sso_home, "corp", AWS_ENDPOINT_URL_SSO_OIDC="http://127.0.0.1:9")

    assert reported.returncode == 3
    assert reported.stderr.splitlines()[0] == "Could not reach the sign-in service in eu-west-1 (127.0.0.1:9)."


def test_interrupted(sso_home):
    typed = Typed(sso_home.sandbox.environment(**sso_home.endpoints), "login", "corp", "--no-browser")
    typed.wait_for("/authorize?")
    typed.wait_for("\n", times=2)
    typed.terminal.interrupt()

    assert typed.end() == 130
    assert len(typed.output.replace("^C", "").splitlines()) == 2, typed.output


def test_two_logins_at_once_open_one_page(sso_home):
    browser = sso_home.browser("leave")
    first = sso_home.sandbox.start("login", "corp", **browser, **sso_home.endpoints)
    try:
        until(lambda: sso_home.actions("AuthorizePage"), "the first page")
        second = sso_home.sandbox.start("login", "sso", **browser, **sso_home.endpoints)
        assert second.stdout.readline() == "Another sign-in to corp is in progress: waiting for it.\n"
        query = next(call.parameters for call in sso_home.sim.calls if call.action == "AuthorizePage")
        sso_home.visitor.get(sso_home.sim.oidc.decide(query, allowed=True))
        message, _ = first.communicate(timeout=20)
        also, _ = second.communicate(timeout=20)
    finally:
        first.kill()
    assert "You are signed in" in message
    assert also.startswith("Another sign-in to corp has just succeeded")
    assert sso_home.actions("AuthorizePage", "RegisterClient") == ["RegisterClient", "AuthorizePage"]
    assert (first.returncode, second.returncode) == (0, 0)


def thirty_roles(sso_home):
    """Thirty kept roles, each with a profile of the one session."""
    sso_home.add_profiles(30)
    sso_home.sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    sso_home.sandbox.config.write_text(
        "".join(f'[roles.r{n}]\nfrom_profile = "p{n}"\nkeep = true\n' for n in range(30))
    )
    return [f"r{n}-session" for n in range(30)]


@pytest.mark.parametrize("state", ["never signed in", "expired and refused"])
def test_one_sign_in_brings_thirty_waiting_roles_of_the_running_app_to_life(sso_home, state):
    profiles = thirty_roles(sso_home)
    if state != "never signed in":
        sso_home.login()
        sso_home.age(timedelta(minutes=-1))
        sso_home.sim.oidc.revoke()
    before = len(sso_home.sim.calls)

    def since():
        return [call.action for call in sso_home.sim.calls[before:]]

    app = sso_home.sandbox.start("run", "--no-tray", **sso_home.endpoints)
    message = []
    # A full pipe would block the app while it prints the table.
    reader = threading.Thread(target=lambda: message.extend(app.stdout), daemon=True)
    reader.start()
    try:
        until(lambda: "30 roles need a sign-in" in sso_home.sandbox.command("status").stdout, "all wait", timeout=20)
        renewed = [] if state == "never signed in" else ["CreateToken"]
        assert since() == renewed, "nobody was asked, no page opened by itself, and AWS refused once for all"

        reported = login(sso_home, "corp")

        assert reported.returncode == 0, reported.stderr
        assert "Refreshing: r0, r1" in reported.stdout
        until(lambda: set(profiles) <= set(sso_home.sandbox.profiles()), "all are written", timeout=20)
        signs_in = [action for action in since() if action in ("Authorize", "CreateToken")]
        assert signs_in == [*renewed, "Authorize", "CreateToken"]
    finally:
        sso_home.sandbox.end(app)
        try:
            app.wait(timeout=PATIENCE)
        finally:
            app.kill()
            reader.join(10)
            app.stdout.close()


def test_without_a_running_app_no_role_is_refreshed(sso_home):
    reported = login(sso_home, "corp")

    assert reported.returncode == 0
    assert "Being refreshed" not in reported.stdout
