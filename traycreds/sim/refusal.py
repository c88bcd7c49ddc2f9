"""How the simulator says no: an HTTP status, an AWS error code and AWS's own words; must never carry a secret."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - AWS refuses, nothing is broken
    """A request is answered with an error.

    Attributes:
        status: the HTTP status.
        code: the AWS error code.
        message: AWS's message, as real STS words it.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep the three parts of the answer."""
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


def denied(message: str) -> Refused:
    """An AccessDenied, as IAM gives it."""
    return Refused(403, "AccessDenied", message)


def invalid(message: str) -> Refused:
    """A ValidationError."""
    return Refused(400, "ValidationError", message)
