"""Carries out the follow-ups of the engine's plans, each by its follower. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable

from traycreds.app.followers.choices import ChoicesSaver
from traycreds.app.followers.hooks import Hooks
from traycreds.app.followers.machine_needs import MachineNeeds
from traycreds.app.followers.regions import RegionWriter
from traycreds.core.events import AskForCode, FollowUp, OpenSignIn, RunHook, SaveChoices, SetNeeds, SetRegions
from traycreds.core.model import RoleName


class FollowUps:
    """The followers of one run."""

    def __init__(
        self,
        choices: ChoicesSaver,
        regions: RegionWriter,
        needs: MachineNeeds,
        *,
        ask_for_code: Callable[[str], None],
        open_sign_in: Callable[[RoleName], None],
    ) -> None:
        """Take what carries them out; all of it returns at once."""
        self._hooks = Hooks()
        self._choices = choices
        self._regions = regions
        self._needs = needs
        self._ask_for_code = ask_for_code
        self._open_sign_in = open_sign_in

    def carry_out(self, action: FollowUp) -> None:
        """Carry out one, in the background."""
        match action:
            case SaveChoices(choices=choices):
                self._choices.save(choices)
            case SetRegions(regions=regions):
                self._regions.write(regions)
            case SetNeeds(needs=needs):
                self._needs.bring_about(needs)
            case RunHook():
                self._hooks.run(action)
            case AskForCode(device=device):
                self._ask_for_code(device)
            case OpenSignIn(role=role):  # pragma: no branch - there is no other
                self._open_sign_in(role)

    def wait_until_saved(self, seconds: float) -> bool:
        """Wait until the choices and regions of the last plan are on disk; whether the regions are, or cannot be."""
        self._choices.wait_until_saved(seconds)
        return self._regions.wait_until_written(seconds)

    def finish(self, seconds: float) -> None:
        """Save and write what is left, each within some seconds."""
        self._regions.finish(seconds)
        self._choices.wait_until_saved(seconds)
