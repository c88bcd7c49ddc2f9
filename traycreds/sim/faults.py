"""Faults that can be switched on while the simulator runs, for one role or all; `server` and `sts` play them."""

from __future__ import annotations

import enum
import threading
from datetime import timedelta

from traycreds.sim.errors import ErrorResponse, denied


class Fault(enum.Enum):
    """One way to fail."""

    THROTTLE = "throttle"
    ERROR_500 = "500"
    UNAVAILABLE_503 = "503"
    PROXY_502 = "proxy-502"
    """A proxy answers for AWS, with HTML."""
    DENIED = "denied"
    REGION_DISABLED = "region-disabled"
    DROP = "drop"
    """The connection is closed without an answer."""
    HANG = "hang"
    """The connection stays open and silent, until the fault is cleared."""
    DRIP = "drip"
    """The answer comes one byte at a time."""
    EXPIRED_SOURCE = "expired-source"
    INVALID_TOKEN = "invalid-token"  # noqa: S105 - a name


TRANSPORT = frozenset({Fault.PROXY_502, Fault.DROP, Fault.HANG, Fault.DRIP})
"""Faults that happen before, or instead of, an answer of AWS."""

ANSWERS: dict[Fault, tuple[int, str, str]] = {
    Fault.THROTTLE: (400, "Throttling", "Rate exceeded"),
    Fault.ERROR_500: (500, "InternalFailure", "An internal error occurred."),
    Fault.UNAVAILABLE_503: (503, "ServiceUnavailable", "Service Unavailable"),
    Fault.REGION_DISABLED: (
        403,
        "RegionDisabledException",
        (
            "STS is not activated in this region for account:{account}. Your account administrator can activate STS in "
            "this region using the IAM Console."
        ),
    ),
    Fault.EXPIRED_SOURCE: (403, "ExpiredToken", "The security token included in the request is expired"),
    Fault.INVALID_TOKEN: (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
}


class Faults:
    """The faults that are on; `date_skew` shifts every Date header, `drip_interval` is seconds per byte of a DRIP."""

    def __init__(self) -> None:
        """Begin empty."""
        self.date_skew = timedelta(0)
        self.drip_interval = 1.0
        self._lock = threading.Lock()
        self._active: dict[str | None, tuple[Fault, int | None]] = {}
        self._changed = threading.Event()
        self._closed = False

    def set(self, fault: Fault, *, role: str | None = None, times: int | None = None) -> None:
        """Switch a fault on, for `times` calls or until cleared.

        `role` is a role's ARN or name, or an action without a role, such as CreateToken; None hits every call.
        """
        with self._lock:
            self._active[role] = (fault, times)

    def clear(self, role: str | None = None) -> None:
        """Switch off a role's fault, or with None all; releases hanging calls."""
        with self._lock:
            if role is None:
                self._active.clear()
                self.date_skew = timedelta(0)
            else:
                self._active.pop(role, None)
            self._changed.set()
            if not self._closed:
                self._changed = threading.Event()

    def close(self) -> None:
        """Let every hanging call go, now and from now on."""
        with self._lock:
            self._closed = True
            self._changed.set()

    def take(self, role_arn: str | None) -> Fault | None:
        """The fault that hits a call, counted; a role's own goes before one for all."""
        names = [role_arn, role_arn.rpartition("/")[2]] if role_arn else []
        with self._lock:
            for name in [*names, None]:
                if name in self._active:
                    fault, times = self._active[name]
                    if times == 1:
                        del self._active[name]
                    elif times is not None:
                        self._active[name] = (fault, times - 1)
                    return fault
        return None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until something is cleared, or for some seconds; says whether something was cleared."""
        with self._lock:
            changed = self._changed
        return changed.wait(seconds)


def refusal(fault: Fault, *, principal_arn: str, account: str, role_arn: str | None) -> ErrorResponse:
    """What AWS answers under a fault, in its own words (docs/aws-behaviour.md#sts-errors)."""
    if fault is Fault.DENIED:
        return not_authorized("sts:AssumeRole", principal_arn, role_arn or "*")
    status, code, message = ANSWERS[fault]
    return ErrorResponse(status, code, message.format(account=account))


def not_authorized(action: str, principal_arn: str, resource: str) -> ErrorResponse:
    """The AccessDenied of a missing permission or trust."""
    return denied(f"User: {principal_arn} is not authorized to perform: {action} on resource: {resource}")
