"""A day of ten roles that demand MFA, in the real app: sessions of an hour each, and one code."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.faults.conftest import App, timed_sandbox
from tests.support.sandbox_mfa import Mfa
from tests.support.wait_until import until

DAY = timedelta(days=1)
PART = timedelta(minutes=4)
"""Less than what the machine's clock may jump, by the app's clock, before it counts as sleep."""
ROLES = [f"role{n}" for n in range(10)]


def test_a_day_of_ten_roles_costs_one_code(home):
    with timed_sandbox(home) as sandbox:
        mfa = Mfa(sandbox)
        for name in ROLES:
            mfa.add_role(name, "keep = true")
        mfa.settings(f'mfa_session = "36h"\nstore = "memory"\n{mfa.process()}')
        mfa.print(mfa.code())
        app = sandbox.run()
        for name in ROLES:
            sandbox.wait_for_valid(name)
        for _ in range(DAY // PART):
            sandbox.pass_time(PART, step=PART)
            assert sandbox.valid(*ROLES)
        calls = sandbox.simulator.calls

    assert [call.action for call in calls if "TokenCode" in call.parameters] == ["GetSessionToken"]
    assert {call.outcome for call in calls} == {"OK"}
    sessions = Counter(call.role_arn.rpartition("/")[2] for call in calls if call.action == "AssumeRole")
    assert set(sessions) == set(ROLES)
    assert min(sessions.values()) >= 24, "no session of more than an hour"
    assert app.notices() == [], "nobody was bothered"


PROGRAM = """\
import time
from traycreds.sim import totp
print(totp.code({secret!r}, time.time()))
"""


@pytest.mark.slow
def test_two_roles_that_take_a_code_each_send_none_twice(sandbox):
    """The real app at the pace of a real device: the second role waits for its next code, and nobody is bothered."""
    mfa, world = Mfa(sandbox), sandbox.simulator.world
    key = world.open_session(sandbox.owner.principal, expires_at=datetime.now(timezone.utc) + timedelta(hours=1))
    keys = f"[base]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n"
    sandbox.credentials_file.write_text(f"{keys}aws_session_token = {key.session_token}\n")
    for name in ("one", "two"):
        mfa.add_role(name, "keep = true")
    program = mfa.folder / "device.py"
    program.write_text(PROGRAM.format(secret=mfa.device.secret))
    mfa.settings(f'mfa_process = \'"{sys.executable}" "{program}"\'')
    app = App(sandbox.start("run", "--no-tray", **mfa.environment()))
    try:
        for name in ("one", "two"):
            until(lambda name=name: sandbox.profiles().get(f"{name}-session"), name, timeout=45)
    finally:
        app.close()
    codes = [call.parameters["TokenCode"] for call in sandbox.simulator.calls]
    assert len(codes) == len(set(codes)) == 2
    assert {call.outcome for call in sandbox.simulator.calls} == {"OK"}
    assert not any("need" in line for line in app.lines)
