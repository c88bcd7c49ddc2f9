"""What roles need of the machine is switched on and off, and the system asks about notices once."""

from __future__ import annotations

from traycreds.app.followers.machine_needs import MachineNeeds


def test_what_is_needed_is_given_and_what_is_not_is_taken_back():
    network, timers, asked = [], [], []
    needs = MachineNeeds(network.append, timers.append, lambda: asked.append(1))
    needs.bring_about({"network"})
    needs.bring_about({"timers"})
    needs.bring_about(())
    assert network == [True, False, False]
    assert timers == [False, True, False]
    assert asked == []


def test_the_system_is_asked_about_notices_once():
    asked = []
    needs = MachineNeeds(lambda _: None, lambda _: None, lambda: asked.append(1))
    for each in ({"notices"}, (), {"notices"}):
        needs.bring_about(each)
    assert asked == [1]
