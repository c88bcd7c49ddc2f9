"""The page of a sign-in opens in the browser that the configuration names for it."""

from __future__ import annotations

import json
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.integration.sso.conftest import own
from tests.integration.sso.test_login_command import login
from tests.integration.sso.test_sign_ins_of_the_app import app  # noqa: F401 - a fixture
from tests.integration.sso.visitor import Visitor
from tests.support.wait_until import written
from tests.windows.mark import not_on_windows
from traycreds.core.errors import TraycredsError

VISITOR = sys.modules[Visitor.__module__].__file__
SCREEN = {"DISPLAY": ":nobody"}
BY_HAND = "Until then, open this page yourself: "


@pytest.fixture
def configured(sso_home):
    def configured(text: str) -> None:
        sso_home.sandbox.config.parent.mkdir(parents=True, exist_ok=True)
        sso_home.sandbox.config.write_text(text)

    return configured


@pytest.fixture
def recorded(tmp_path):
    """The words of a browser that writes down its arguments, then goes through the pages; and where it writes them."""
    seen, program = tmp_path / "seen", tmp_path / "browser.py"
    program.write_text(
        f"import json, os, runpy, sys\njson.dump(sys.argv[1:], open({str(seen)!r} + '~', 'w'))\n"
        f"os.replace({str(seen)!r} + '~', {str(seen)!r})\n"
        f"sys.argv = ['visitor', 'allow', sys.argv[-1]]\nrunpy.run_path({VISITOR!r}, run_name='__main__')\n"
    )
    return [sys.executable, str(program)], seen


@pytest.mark.parametrize(
    "toml",
    [
        "[settings]\nsign_in_browser = {words}\n",
        "[sign_ins.corp]\nbrowser = {words}\n",
        '[settings]\nsign_in_browser = ["/no/where"]\n[sign_ins.corp]\nbrowser = {words}\n',
    ],
    ids=["all", "own", "own before all"],
)
def test_it_opens_the_page(sso_home, configured, recorded, toml):
    words, seen = recorded
    configured(toml.format(words=json.dumps([*words, "--for={session}", "--new-window"])))
    done = login(sso_home, "corp", visitor=(), **SCREEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("You are signed in: corp is renewed silently until IAM Identity Center ends it.\n")
    arguments = json.loads(written(seen))
    assert arguments[:2] == ["--for=corp", "--new-window"]
    assert urlsplit(arguments[2]).path == "/authorize"


def test_it_opens_the_page_of_a_device_code(sso_home, configured, recorded):
    words, seen = recorded
    configured(f"[sign_ins.corp]\nbrowser = {json.dumps([*words, '{url}'])}\n")
    done = login(sso_home, "corp", "--device", visitor=(), **SCREEN)
    assert (done.returncode, done.stderr) == (0, "")
    (address,) = json.loads(written(seen))
    assert urlsplit(address).path == "/device"
    assert "user_code" in parse_qs(urlsplit(address).query)


@not_on_windows
def test_no_screen_keeps_it_closed(sso_home, configured, recorded):
    words, seen = recorded
    configured(f"[sign_ins.corp]\nbrowser = {json.dumps(words)}\n")
    done = login(sso_home, "corp", "--timeout", "1", visitor=())
    assert done.stdout.startswith("Cannot open a browser here, so use one on any computer.\n")
    assert not seen.exists()


@not_on_windows
def test_a_container_of_the_sessions_name(sso_home, configured, tmp_path):
    seen, firefox = tmp_path / "seen", tmp_path / "firefox"
    firefox.write_text(f"#!/bin/sh\necho \"$1\" > '{seen}~'\nmv '{seen}~' '{seen}'\n")
    firefox.chmod(0o755)
    configured(f"[sign_ins.corp]\nbrowser = [{json.dumps(str(firefox))}]\ncontainer = true\n")
    done = login(sso_home, "corp", "--timeout", "1", visitor=(), **SCREEN)
    assert done.stderr.startswith("The sign-in to corp was not confirmed in time.")
    scheme, _, query = written(seen).strip().partition(":")
    assert scheme == "ext+container"
    assert parse_qs(query)["name"] == ["corp"]
    (address,) = parse_qs(query)["url"]
    assert urlsplit(address).path == "/authorize"
    assert parse_qs(urlsplit(address).query)["state"], "the whole address, with all that follows an &"


@pytest.mark.parametrize(
    ("toml", "fix", "right"),
    [
        (
            '[settings]\nsign_in_browser = ["/no/where"]\n',
            "Fix sign_in_browser or sign_in_container in [settings].",
            "[settings]\nsign_in_browser = {words}\n",
        ),
        (
            '[sign_ins.corp]\nbrowser = ["/no/where"]\n',
            "Fix browser or container in [sign_ins.corp].",
            "[sign_ins.corp]\nbrowser = {words}\n",
        ),
    ],
)
def test_one_that_is_not_there_is_reported_with_the_key_to_fix(sso_home, configured, recorded, toml, fix, right):
    configured(toml)
    done = login(sso_home, "corp", "--timeout", "1", visitor=(), **SCREEN)
    assert done.returncode == 3
    assert f"\nCould not start /no/where. {fix}\n{BY_HAND}" in done.stdout
    assert done.stderr.startswith("The sign-in to corp was not confirmed in time.\n")
    configured(right.format(words=json.dumps(recorded[0])))
    assert login(sso_home, "corp", visitor=(), **SCREEN).returncode == 0


@pytest.mark.parametrize("how", [(), ("--device",)], ids=["page", "code"])
def test_its_page_can_be_opened_by_hand_meanwhile(sso_home, configured, how):
    configured('[sign_ins.corp]\nbrowser = ["/no/where"]\n')
    started = sso_home.sandbox.start("login", "corp", *how, **SCREEN, **sso_home.endpoints)
    try:
        page = ""
        while not page.startswith(BY_HAND):
            page = started.stdout.readline()
        sso_home.visitor.open(page.removeprefix(BY_HAND).strip())
        rest, _ = started.communicate(timeout=20)
    finally:
        started.kill()
    assert (started.returncode, rest.startswith("You are signed in")) == (0, True)


def test_a_mistake_in_the_configuration_is_reported_and_the_default_browser_opens(sso_home, configured):
    configured("[sign_ins.corp]\nbrowser = 3\n")
    done = login(sso_home, "corp")
    assert (done.returncode, done.stderr) == (0, "")
    ignored, opening, *_ = done.stdout.splitlines()
    assert ignored.startswith("sign_in_browser is not used. ")
    assert "browser of sign-in corp is a number, not a list. Write the program and its arguments" in ignored
    assert opening == "Opening the sign-in page of corp in your browser."


def test_the_app_opens_it_too(app, configured, recorded):
    words, seen = recorded
    configured(f"[sign_ins.corp]\nbrowser = {json.dumps([*words, '{session}'])}\n")
    app.sign_ins.sign_in(own())
    assert json.loads(written(seen))[0] == "corp"
    assert app.sso_home.visitor.pages == [], "the default browser stays closed"
    assert app.notices[-1].title == "Signed in to corp"


def test_a_click_that_opens_nothing_is_reported(app, configured):
    configured('[sign_ins.corp]\nbrowser = ["/no/where"]\n')
    with pytest.raises(TraycredsError) as caught:
        app.sign_ins.sign_in(own())
    assert str(caught.value) == "Could not start /no/where. Fix browser or container in [sign_ins.corp]."
