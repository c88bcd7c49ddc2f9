"""`traycreds login` as a process, alone and beside the running app."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from tests.processlist import ProcessList
from tests.terminal import Typed
from tests.waiting import until
from tests.windows.mark import not_on_windows


def login(corp, *arguments, visitor=("allow",), **more):
    browser = corp.browser(*visitor) if visitor else {}
    return corp.sandbox.command("login", *arguments, **{**browser, **corp.endpoints, **more})


def test_it_says_what_it_does_and_the_role_works(corp):
    told = login(corp, "corp")

    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert lines[0] == "Opening the sign-in page of corp in your browser."
    assert re.fullmatch(r"If none opens, go to http://127\.0\.0\.1:\d+/authorize\?\S+", lines[1])
    assert lines[2:] == ["You are signed in: corp is renewed silently until IAM Identity Center ends it."]
    assert "You are signed in" in corp.browser_log
    token = corp.token()
    assert not [value for name, value in token.items() if name.endswith(("Token", "Secret")) and value in told.stdout]

    once = corp.sandbox.command("once", "sso", **corp.endpoints)
    assert once.returncode == 0, once.stderr
    assert corp.sandbox.profiles()["sso-session"]["aws_access_key_id"].startswith("ASIA")


@pytest.mark.skipif(sys.platform != "linux", reason="it is read from /proc, which Linux has")
def test_no_secret_is_in_the_process_list(corp):
    """Neither in our own arguments and variables, nor in the browser's."""
    with ProcessList(corp.sandbox.home) as seen:
        told = login(corp, "sso")

    assert told.returncode == 0
    assert any("traycreds login sso" in line for line in seen.lines)
    assert any("visitor.py" in line and "/authorize?" in line for line in seen.lines)
    create = next(call.parameters for call in corp.sim.calls if call.action == "CreateToken")
    token = corp.token()
    secrets = [create["codeVerifier"], create["code"], token["accessToken"], token["refreshToken"]]
    shown = "\n".join([*seen.lines, *seen.variables.values(), told.stdout, told.stderr])
    assert not [secret for secret in [*secrets, token["clientSecret"]] if secret in shown]


def test_refused(corp):
    told = login(corp, "corp", visitor=("deny",))

    assert told.returncode == 3
    assert told.stderr.splitlines() == [
        "The sign-in to corp was refused in the browser.",
        "If that was a mistake, sign in again.",
    ]
    assert not corp.token_file().exists()


def test_nobody_confirms(corp):
    told = login(corp, "corp", "--timeout", "1", visitor=("leave",))

    assert told.returncode == 3
    assert told.stderr.splitlines() == [
        "The sign-in to corp was not confirmed in time.",
        "Run: traycreds login corp",
    ]


def test_no_browser_only_prints_the_address(corp):
    told = login(corp, "corp", "--no-browser", "--timeout", "1")

    assert told.returncode == 3
    assert told.stdout.splitlines()[0] == "Open this page in a browser on this computer to sign in to corp."
    assert corp.actions("AuthorizePage") == []


@pytest.mark.parametrize(
    "arguments", [("--device",), pytest.param((), marks=not_on_windows)], ids=["asked for", "no screen"]
)
def test_device_code(corp, arguments):
    process = subprocess.Popen(
        [sys.executable, "-m", "traycreds", "login", "corp", *arguments],
        env=corp.sandbox.environment(**corp.endpoints),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = process.stdout.readline()
        if not arguments:
            assert first == "No browser could be opened here, so any other one will do.\n"
            first = process.stdout.readline()
        found = re.fullmatch(r"To sign in to corp, open (\S+/device) and confirm the code (\S+)\n", first)
        assert found, first
        page = corp.visitor.get(f"{found[1]}?user_code={found[2]}")
        assert found[2] in page
        corp.visitor.open(f"{found[1]}?user_code={found[2]}")
        rest, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "You are signed in" in rest


def test_unknown_names_exit_2_with_the_nearest(corp):
    told = login(corp, "crop")

    assert told.returncode == 2
    assert told.stderr == "There is no sso-session, profile or role crop.\nDid you mean corp?\n"
    assert corp.actions() == []


def test_a_region_that_cannot_be(corp):
    corp.more_config("[sso-session bad]\nsso_start_url = https://x.example/start\nsso_region = not a region\n")

    told = login(corp, "bad")

    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        "The sso_region of bad is no region: not a region.",
        "Correct it in ~/.aws/config.",
    ]


def test_a_service_that_is_not_there(corp):
    told = login(corp, "corp", AWS_ENDPOINT_URL_SSO_OIDC="http://127.0.0.1:9")

    assert told.returncode == 3
    assert told.stderr.splitlines()[0] == "The sign-in service of eu-west-1 cannot be reached (127.0.0.1:9)."


def test_interrupted(corp):
    typed = Typed(corp.sandbox.environment(**corp.endpoints), "login", "corp", "--no-browser")
    typed.wait_for("/authorize?")
    typed.wait_for("\n", times=2)
    typed.terminal.interrupt()

    assert typed.end() == 130
    assert len(typed.said.replace("^C", "").splitlines()) == 2, typed.said


def test_two_logins_at_once_open_one_page(corp):
    browser = corp.browser("leave")
    first = corp.sandbox.start("login", "corp", **browser, **corp.endpoints)
    try:
        until(lambda: corp.actions("AuthorizePage"), "the first page")
        second = corp.sandbox.start("login", "sso", **browser, **corp.endpoints)
        assert second.stdout.readline() == "Another sign-in to corp is under way: waiting for that.\n"
        query = next(call.parameters for call in corp.sim.calls if call.action == "AuthorizePage")
        corp.visitor.get(corp.sim.oidc.decide(query, allowed=True))
        said, _ = first.communicate(timeout=20)
        also, _ = second.communicate(timeout=20)
    finally:
        first.kill()
    assert "You are signed in" in said
    assert also.startswith("Another sign-in to corp has just ended well")
    assert corp.actions("AuthorizePage", "RegisterClient") == ["RegisterClient", "AuthorizePage"]
    assert (first.returncode, second.returncode) == (0, 0)


def thirty_roles(corp):
    """Thirty kept roles, each with a profile of the one session."""
    accounts = [f"{n:012d}" for n in range(1, 31)]
    corp.assign(*((account, "Admin") for account in accounts))
    corp.more_config(
        "".join(
            f"[profile p{n}]\nsso_session = corp\nsso_account_id = {account}\nsso_role_name = Admin\n"
            for n, account in enumerate(accounts)
        )
    )
    corp.sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    corp.sandbox.config.write_text(
        "".join(f'[roles.r{n}]\nfrom_profile = "p{n}"\nkeep = true\n' for n in range(len(accounts)))
    )
    return [f"r{n}-session" for n in range(len(accounts))]


@pytest.mark.parametrize("state", ["never signed in", "expired and refused"])
def test_one_sign_in_brings_thirty_waiting_roles_of_the_running_app_to_life(corp, state):
    profiles = thirty_roles(corp)
    if state != "never signed in":
        corp.login()
        corp.age(timedelta(minutes=-1))
        corp.sim.oidc.revoke()
    before = len(corp.sim.calls)

    def since():
        return [call.action for call in corp.sim.calls[before:]]

    app = corp.sandbox.start("run", "--no-tray", **corp.endpoints)
    said = []
    reader = threading.Thread(
        target=lambda: said.extend(app.stdout), daemon=True
    )  # a full pipe would hold the table up
    reader.start()
    try:
        until(lambda: "30 roles need you" in corp.sandbox.command("status").stdout, "all wait", timeout=20)
        renewed = [] if state == "never signed in" else ["CreateToken"]
        assert since() == renewed, "nobody was asked, no page opened by itself, and AWS refused once for all"

        told = login(corp, "corp")

        assert told.returncode == 0, told.stderr
        assert "Being refreshed: r0, r1" in told.stdout
        started = time.monotonic()
        until(lambda: set(profiles) <= set(corp.sandbox.profiles()), "all are written", timeout=20)
        assert time.monotonic() - started < 10
        signs_in = [action for action in since() if action in ("Authorize", "CreateToken")]
        assert signs_in == [*renewed, "Authorize", "CreateToken"]
    finally:
        corp.sandbox.end(app)
        try:
            app.wait(timeout=10)
        finally:
            app.kill()
            reader.join(10)
            app.stdout.close()


def test_roles_without_an_app_to_tell_need_none(corp):
    told = login(corp, "corp")

    assert told.returncode == 0
    assert "Being refreshed" not in told.stdout
