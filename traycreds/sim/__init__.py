"""A simulated STS and IAM Identity Center for the demo and the tests. Imported by app and tests alone."""

from traycreds.sim.faults import Fault
from traycreds.sim.simulator import Call, Simulator

__all__ = ["Call", "Fault", "Simulator"]
