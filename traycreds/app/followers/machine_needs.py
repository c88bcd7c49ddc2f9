"""Gives roles what they need from this machine: network changes, timers on time, permission for notices."""

from __future__ import annotations

from collections.abc import Callable, Collection

from traycreds.core.model import Need


class MachineNeeds:
    """Turns on and off what the machine can give. Runs on the engine's thread; nothing blocks."""

    def __init__(
        self,
        watch_network: Callable[[bool], None],
        hold_off_app_nap: Callable[[bool], None],
        ask_permission: Callable[[], None],
    ) -> None:
        """Take what turns each need on or off, and what has macOS ask whether notices are allowed."""
        self._watch_network = watch_network
        self._hold_off_app_nap = hold_off_app_nap
        self._ask_permission = ask_permission
        self._asked = False

    def bring_about(self, needs: Collection[Need]) -> None:
        """Provide exactly this; ask for permission with the first session, while the user is likely to be there."""
        self._watch_network("network" in needs)
        self._hold_off_app_nap("timers" in needs)
        if "notices" in needs and not self._asked:
            self._asked = True
            self._ask_permission()
