"""How the simulator says no: an HTTP status, an AWS error code and AWS's own words; must never carry a secret."""

from __future__ import annotations

from collections.abc import Mapping


class ErrorResponse(Exception):  # noqa: N818 - AWS refuses, nothing is broken
    """A request is answered with an error.

    Attributes:
        status: the HTTP status.
        code: the AWS error code.
        message: AWS's message, as real STS words it.
        body: the JSON of the answer, where a service has its own form of it.
    """

    def __init__(self, status: int, code: str, message: str, *, body: Mapping[str, str] | None = None) -> None:
        """Keep the parts of the answer."""
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.body = body


def denied(message: str) -> ErrorResponse:
    """An AccessDenied, as IAM gives it."""
    return ErrorResponse(403, "AccessDenied", message)


def invalid(message: str) -> ErrorResponse:
    """A ValidationError."""
    return ErrorResponse(400, "ValidationError", message)
