"""Commands reach the app of a user whose name is so long that the path of the socket does not fit into its address."""

from __future__ import annotations

import json
import os

from tests.mac.mark import as_on_a_mac
from tests.mac.system import LONGEST_ADDRESS

pytestmark = as_on_a_mac


def test_a_user_with_a_long_name_has_a_socket_too(mac):
    usual = mac.support / "run" / "control.sock"
    assert len(os.fsencode(usual)) > LONGEST_ADDRESS, "else this shows nothing"
    mac.sandbox.add_role("dev", extra="keep = true")
    app = mac.start("run")
    mac.sandbox.wait_for_profile("dev-session")
    assert mac.socket_file() != usual
    done = mac.command("status", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["roles"][0]["state"] == "fresh"
    assert mac.command("quit").returncode == 0
    assert app.wait() == 0
    assert mac.socket_file() is None
