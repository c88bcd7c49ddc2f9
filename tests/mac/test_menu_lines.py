"""A person for each line of the menu that `test_menu` has none for; none may be left out."""

from __future__ import annotations

import ast
import http.client
import json
import re
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.integration.sso.conftest import sso_home  # noqa: F401 - a fixture
from tests.mac.mark import as_on_a_mac
from tests.mac.variables import BUNDLE
from tests.support import sso_profiles
from tests.support.sandbox import ACCOUNT
from tests.support.sim.federation import TOKEN, Federation
from tests.support.wait_until import until, written

pytestmark = as_on_a_mac

APP = {BUNDLE: "io.github.traycreds.traycreds"}
MANY = 11
"""Roles, of which the first level of the menu has not room for all."""


@pytest.fixture
def start(mac):
    """Start the app with these roles, and wait for them."""

    def started(*names, extra="keep = true", **more):
        for name in names:
            mac.sandbox.add_role(name, extra=extra)
        app = mac.start("run", **more)
        for name in names:
            if "keep" in extra:
                mac.sandbox.wait_for_profile(f"{name}-session")
        return app

    return started


@pytest.fixture
def allowed(start):
    """The same with notices, which the user allows."""

    def started(*names, **more):
        app = start(*names, **more, **APP)
        until(lambda: app.ask("permission_asked") == 1, "the question")
        app.ask("answer_permission", True)
        return app

    return started


def default(mac):
    return mac.sandbox.profiles().get("default", {}).get("traycreds_role")


def status(mac, name):
    roles = json.loads(mac.command("status", "--json").stdout)["roles"]
    return next(role for role in roles if role["name"] == name)


def opened(mac):
    """The address of the page that the browser was asked to open, by a script that Python writes for osascript."""
    script = written(mac.sandbox.home / "osascript.script", "the browser is asked")
    return re.search(r'open location "([^"]*)"', script)[1]


def titles(app):
    return [notice["title"] for notice in app.ask("notices")]


def test_a_role_below_another_line_becomes_the_default_profile(mac, start):
    app = start(*(f"r{number:02}" for number in range(MANY)), extra='region = "eu-west-1"')
    app.click("More roles", "r10")
    until(lambda: default(mac) == "r10", "the switch")


def test_a_role_is_found_by_its_name(mac, start):
    app = start(*(f"r{number:02}" for number in range(MANY)), extra='region = "eu-west-1"')
    app.click("Find role")
    asked = until(lambda: [call for call in app.called("osascript") if "choose from list" in call], "the list")[0]
    line = re.search(r"r07 .*?(?=  ?r08)", asked)[0].strip()
    (mac.sandbox.home / "ready").write_text(f"{line}\n")
    (mac.sandbox.home / "ready").rename(mac.sandbox.home / "answer")
    until(lambda: default(mac) == "r07", "the switch")


def test_the_console_opens_in_the_browser_by_an_address_without_a_secret(mac, start):
    with Federation() as federation:
        thread = threading.Thread(target=federation.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            app = start("dev", TRAYCREDS_FEDERATION_ENDPOINT=federation.url)
            app.click("dev")
            app.click("Open console")
            page = urlsplit(opened(mac))
            browser = http.client.HTTPConnection(page.netloc, timeout=10)
            browser.request("GET", page.path)
            location = browser.getresponse().headers["Location"]
            browser.close()
        finally:
            federation.shutdown()
            thread.join(10)
    assert page.hostname == "127.0.0.1"
    assert parse_qs(urlsplit(location).query)["SigninToken"] == [TOKEN]


def test_a_region_is_chosen_and_the_configured_one_is_back(mac, start):
    app = start("dev", extra='keep = true\nregion = "eu-west-1"')
    app.click("dev")
    app.click("Region", "us-east-2")
    until(lambda: status(mac, "dev")["region"] == "us-east-2", "the region")
    app.click("Region", "As configured")
    until(lambda: status(mac, "dev")["region"] == "eu-west-1", "the configured one")


def test_another_role_is_kept_and_no_longer(mac, start):
    app = start("dev", "staging")
    app.click("dev")
    app.wait_for("More actions", "staging")
    app.click("More actions", "staging")
    until(lambda: not status(mac, "staging")["kept"], "it is kept no longer")


def test_what_is_wrong_can_be_tried_again(mac, start):
    mac.sandbox.add_role("broken", extra="keep = true", trusted=False)
    app = start("dev")
    app.wait_for("What is wrong", "Refresh now")
    asked = len(mac.sandbox.simulator.calls)
    app.click("What is wrong", "Refresh now")
    until(lambda: len(mac.sandbox.simulator.calls) > asked, "another try")


def test_roles_of_other_tools_are_imported(mac, allowed):
    app = allowed("dev")
    arn = f"arn:aws:iam::{ACCOUNT}:role/other"
    mac.sandbox.aws_config.write_text(f"[profile other]\nrole_arn = {arn}\nsource_profile = base\n")
    app.click("Settings", "Import roles")
    until(lambda: titles(app) == ["1 role can be imported"], "the offer")
    app.ask("press", "1 role can be imported", "Import 1 role")
    app.wait_for("other")


def test_a_first_run_offers_a_configuration_and_an_import(mac):
    arn = f"arn:aws:iam::{ACCOUNT}:role/other"
    mac.sandbox.aws_config.write_text(f"[profile other]\nrole_arn = {arn}\nsource_profile = base\n")
    app = mac.start("run", **APP)
    app.click("Import roles from")
    app.wait_for("Import 1 role")
    app.click("Import 1 role")
    configuration = mac.support / "config.toml"
    assert "[roles.other]" in written(configuration, "what was imported")


def test_a_first_run_without_roles_offers_a_configuration(mac):
    app = mac.start("run")
    app.click("Settings", "Create a configuration file")
    until((mac.support / "config.toml").exists, "the file")


def test_without_a_window_a_click_on_add_role_says_what_to_run(allowed):
    app = allowed("dev")
    app.click("Settings", "Add role")
    until(lambda: titles(app) == ["No role added"], "the notice")
    assert "traycreds add" in app.ask("notices")[0]["body"]


def test_a_team_s_roles_are_read_and_accepted(mac, allowed):
    mac.sandbox.add_role("dev", extra="keep = true")
    arn = f"arn:aws:iam::{ACCOUNT}:role/ops"
    mac.sandbox.config.write_text('include = ["team.toml"]\n' + mac.sandbox.config.read_text())
    program = mac.sandbox.home / "code"
    program.write_text("#!/bin/sh\necho 123456\n")
    program.chmod(0o700)
    mac.sandbox.config.with_name("team.toml").write_text(
        f'[roles.ops]\nrole_arn = "{arn}"\nsource_profile = "base"\n'
        f'[roles.vault]\nrole_arn = "{arn}"\nsource_profile = "base"\n'
        f'mfa_serial = "arn:aws:iam::{ACCOUNT}:mfa/me"\nmfa_process = "{program}"\n'
    )
    app = allowed()
    app.click("Settings", "Review team roles")
    until(lambda: app.called("open"), "the list is opened")
    app.click("Settings", "Accept reviewed team roles")
    app.wait_for("ops")
    app.click("Settings", "Allow reviewed team programs")
    app.wait_for("vault")


def test_a_sign_in_opens_its_page_and_the_role_follows(mac_of_sso, sso_home):
    mac = mac_of_sso
    mac.sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    mac.sandbox.config.write_text('[roles.admin]\nfrom_profile = "sso"\nkeep = true\n')
    sso_home.assign((sso_profiles.ACCOUNT, "Admin"))
    app = mac.start("run", **sso_home.endpoints)
    app.click("Sign in to corp")
    sso_home.visitor.open(opened(mac))
    mac.sandbox.wait_for_profile("admin-session")


@pytest.fixture
def mac_of_sso(sso_home, tmp_path):
    from tests.mac.conftest import a_mac

    with a_mac(sso_home.sandbox, tmp_path) as mac:
        yield mac


def leaves(lines):
    """What can be clicked."""
    for line in lines:
        if line["below"]:
            yield from leaves(line["below"])
        elif line["enabled"]:
            yield line["title"]


def clicked():
    """The beginnings of the lines that persons of this folder click: the last of each path."""
    found = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                last = node.args[-1]
                is_click = node.func.attr == "click" or getattr(node.args[0], "value", None) == "choose"
                if is_click and isinstance(last, ast.Constant):
                    found.add(last.value)
    return found


@pytest.mark.parametrize("state", ["many roles", "trouble", "no role"])
def test_no_line_is_without_a_person(mac, start, state):
    if state == "no role":
        app = mac.start("run")
    elif state == "trouble":
        mac.sandbox.add_role("dev", extra="keep = true", trusted=False)
        app = mac.start("run")
        app.wait_for("What is wrong")
    else:
        app = start(*(f"r{number:02}" for number in range(MANY)), extra='region = "eu-west-1"')
        app.click("r00")
        app.wait_for("Copy")
    roles_and_regions = re.compile(r"r\d\d\b|dev\b|base\b|[a-z]{2}-[a-z]+-\d$")
    known = tuple(clicked())
    lines = set(leaves(app.ask("menu")))
    assert len(lines) >= 5
    assert {line for line in lines if not roles_and_regions.match(line) and not line.startswith(known)} == set()
