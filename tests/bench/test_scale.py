"""What is done for many roles grows with them and no faster; `python -m tools.bench` has the seconds.

Calls are counted, since seconds say as much of the machine and of what else it does.
"""

from __future__ import annotations

import pytest

from tests.support.builders import NOW
from tests.support.calls import calls_counted
from tools.bench import credentials_file, scale
from traycreds.lifecycle import plan, presentation
from traycreds.ui.menu import model


@pytest.mark.parametrize("roles", [200, 2_000])
def test_a_plan_while_nothing_is_due_takes_a_few_calls_for_each_role(roles):
    state = scale.state_of(roles)
    with calls_counted() as calls:
        assert plan.plan(NOW, state).actions == ()
    assert calls.total < 300 + 7 * roles


@pytest.mark.parametrize("roles", [100, 1_000])
def test_a_menu_takes_some_calls_for_each_role(roles):
    snapshot = presentation.snapshot(NOW, scale.state_of(roles))
    with calls_counted() as calls:
        model.build(snapshot)
    assert calls.total < 3_000 + 40 * roles


@pytest.mark.parametrize("profiles", [10, 1_000])
def test_an_edit_of_the_file_takes_some_calls_for_each_profile(tmp_path, profiles):
    with calls_counted() as calls:
        read, one, many = credentials_file.measure(profiles, tmp_path, rounds=2, clock=lambda: calls.total)
    assert read < 1_000 + 110 * profiles
    assert one < 6_000 + 130 * profiles
    assert many < 8_000 + 220 * profiles, "200 profiles at once"
