"""A simulated IAM Identity Center and `aws login`, beside the STS of `traycreds.sim`: for tests alone, never shipped."""

from tests.support.sim.simulator import AwsSimulator

__all__ = ["AwsSimulator"]
