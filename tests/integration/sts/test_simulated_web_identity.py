"""The simulated AssumeRoleWithWebIdentity against what real STS does."""

from __future__ import annotations

from datetime import timedelta

from tests.support.sim import AwsSimulator
from tests.unit.sim.calls import ARN, START, Clock, call


def test_web_identity_needs_no_signature():
    clock = Clock()
    with AwsSimulator(clock=clock) as sim:
        sim.world.add_role(ARN, trust=["repo"])
        good = sim.federation.add_web_token("repo", expires_at=START + timedelta(hours=1))
        foreign = sim.federation.add_web_token("else", expires_at=START + timedelta(hours=1))

        def web(token):
            return call(
                sim, None, "AssumeRoleWithWebIdentity", RoleArn=ARN, RoleSessionName="ci", WebIdentityToken=token
            )

        assert web(good).status == 200
        assert web(foreign).error[:2] == (403, "AccessDenied")
        assert web("forged").error[:2] == (400, "InvalidIdentityToken")
        clock.now += timedelta(hours=1)
        assert web(good).error[:2] == (400, "ExpiredTokenException")
