"""A wanted role that is not the default profile yet: menu, tooltip, status, JSON and notice say what is on file."""

from __future__ import annotations

import json

import pytest

from tests.desktop.session_bus import Notifications, needs_bus
from tests.support.sandbox_mfa import Mfa
from tests.support.wait_until import until

pytestmark = [pytest.mark.desktop, needs_bus]

CORP = """\
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
[profile corp-dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Dev
"""


def refused(sandbox):
    sandbox.add_role("dev", trusted=False)
    return "AWS gives it a session"


def waits_for_a_code(sandbox):
    Mfa(sandbox).add_role("dev")
    return "you enter the code"


def waits_for_a_sign_in(sandbox):
    with sandbox.aws_config.open("a") as file:
        file.write(CORP)
    with sandbox.config.open("a") as file:
        file.write('[roles.dev]\nfrom_profile = "corp-dev"\n')
    return "you sign in to corp"


@pytest.mark.parametrize("why", [refused, waits_for_a_code, waits_for_a_sign_in])
def test_each_message_names_the_default_on_file_and_what_the_other_role_waits_for(sandbox, bus, watcher, host, why):
    sandbox.add_role("prod-admin")
    once = why(sandbox)
    sandbox.at_rest()
    switch = f"dev becomes the default once {once}; until then prod-admin is."
    with Notifications(bus) as service, sandbox.apps() as start:
        start("run", DBUS_SESSION_BUS_ADDRESS=bus.address)
        menu = host()
        assert sandbox.command("use", "prod-admin").returncode == 0
        before = sandbox.profiles()["default"]
        done = sandbox.command("use", "dev")
        assert (done.returncode, done.stdout) == (3, "")
        assert switch in done.stderr

        until(lambda: switch in " ".join(menu.labels()), "the menu mentions the switch")
        checked = [item.label.partition(" — ")[0] for item in menu.get_layout().children if item.checked]
        assert checked == ["prod-admin"]
        assert menu.property("ToolTip")[2] == "default: prod-admin (1234-5678-9012)"

        shown = sandbox.command("status").stdout.splitlines()
        assert switch in shown
        assert [line.split()[1] for line in shown if line.startswith("*")] == ["prod-admin"]
        found = {each["name"]: each for each in json.loads(sandbox.command("status", "--json").stdout)["roles"]}
        shows = {name: (each["is_default"], each["wanted_default"]) for name, each in found.items()}
        assert shows == {"prod-admin": (True, False), "dev": (False, True)}

        # The notice already asks for the code, so a second one about the switch is not needed.
        if why is waits_for_a_code:
            service.wait_for("No MFA code")
        else:
            assert service.wait_for("dev becomes the default").title.startswith("dev: no session")
        assert sandbox.profiles()["default"] == before
