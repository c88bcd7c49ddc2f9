"""The local STS that `traycreds demo` and the tests talk to over real HTTP."""

from traycreds.sim.faults import Fault
from traycreds.sim.simulator import Call, Simulator

__all__ = ["Call", "Fault", "Simulator"]
