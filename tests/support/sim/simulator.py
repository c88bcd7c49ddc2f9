"""All of the simulated AWS in one: STS, IAM Identity Center and `aws login`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tests.support.sim.identity_center import IdentityCenter
from tests.support.sim.identity_providers import FederatedSts
from traycreds.sim.simulator import Simulator, real_now
from traycreds.sim.world import World


class AwsSimulator(Simulator):
    """A simulator that answers for IAM Identity Center and `aws login` too.

    Attributes:
        identity_center: routes the calls of both.
        portal: accounts and roles of IAM Identity Center.
        oidc: sign-ins of IAM Identity Center.
        console: sign-ins of `aws login`.
        federation: STS itself, with its identity providers.
        iam: the access keys of users.
    """

    # Two thousand tests have a simulator each and wait for its end.
    poll_interval = 0.005

    def __init__(self, *, clock: Callable[[], datetime] = real_now) -> None:
        """Prepare; nothing listens before `start`."""
        world = World()
        self.identity_center = IdentityCenter(world, clock)
        self.portal = self.identity_center.portal
        self.oidc = self.identity_center.oidc
        self.console = self.identity_center.console
        super().__init__(clock=clock, world=world, services=[self.identity_center])
        self._sts = self.federation = FederatedSts(world, clock)
        self.iam = self.federation.iam
