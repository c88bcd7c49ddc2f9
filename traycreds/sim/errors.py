"""How the simulator says no: an HTTP status, an AWS error code and AWS's own words; must never carry a secret."""

from __future__ import annotations

from collections.abc import Mapping


class ErrorResponse(Exception):  # noqa: N818 - AWS refuses, nothing is broken
    """An error response with AWS's status, code and message; `body` is JSON of a service's own form."""

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
