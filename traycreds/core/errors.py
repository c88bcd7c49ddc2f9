"""Errors that a user can meet: one sentence saying what is wrong, one saying what to do.

No error text may ever hold a value from the credentials file, a key, a token or an MFA code.
"""

from __future__ import annotations

import enum
from typing import NamedTuple


class FailureKind(enum.Enum):
    """Why a refresh failed; the class decides whether and when it is retried (see `policy`)."""

    NETWORK = "network"
    """STS could not be reached, or answered 5xx: passes by itself."""
    THROTTLED = "throttled"
    """AWS asked to slow down: passes by itself."""
    ANSWER = "answer"
    """What answers in the name of AWS gives no session that can be used: passes by itself."""
    DENIED = "denied"
    """AWS refused the role: somebody has to change a policy."""
    SOURCE_EXPIRED = "source_expired"
    """The source profile's own credentials are expired or invalid: the user renews them."""
    PROGRAM = "program"
    """A credential_process or mfa_process failed, or a token file is empty: it may pass by itself, or need a person."""
    SIGN_IN = "sign_in"
    """An IAM Identity Center sign-in is needed."""
    MFA = "mfa"
    """An MFA code is needed."""
    CLOCK = "clock"
    """This machine's clock is too far off for AWS to accept a signature."""
    BAD_CONFIG = "bad_config"
    """The configuration cannot work as it stands."""
    FILE = "file"
    """The credentials file cannot be written, or the profile is not ours."""
    UNEXPECTED = "unexpected"
    """A fault that no rule foresaw; the log has the traceback."""

    @property
    def in_words(self) -> str:
        """The class of a failure in a few words, without an account or a name."""
        return _IN_WORDS[self]


_IN_WORDS = {
    FailureKind.NETWORK: "no good answer from AWS",
    FailureKind.THROTTLED: "AWS is limiting requests",
    FailureKind.ANSWER: "no good answer from AWS",
    FailureKind.DENIED: "refused by AWS",
    FailureKind.SOURCE_EXPIRED: "source credentials not valid",
    FailureKind.PROGRAM: "a program or token file fails",
    FailureKind.SIGN_IN: "sign-in needed",
    FailureKind.MFA: "MFA code needed",
    FailureKind.CLOCK: "this machine's clock is off",
    FailureKind.BAD_CONFIG: "configuration needs correction",
    FailureKind.FILE: "profiles cannot be written",
    FailureKind.UNEXPECTED: "unexpected fault",
}
"""What roles have in common that fail for one kind of cause."""


class TraycredsError(Exception):
    """Base of all errors that are shown to the user.

    Attributes:
        sentence: what is wrong, one plain sentence that ends with a full stop.
        hint: what to do, one plain sentence that ends with a full stop.
        exit_code: what a command that fails with it exits with.
    """

    exit_code = 1

    def __init__(self, sentence: str, hint: str) -> None:
        """Keep the two sentences; `str()` joins them."""
        super().__init__(f"{sentence} {hint}".strip())
        self.sentence = sentence
        self.hint = hint


class UsageError(TraycredsError):
    """The command line asks for something that cannot be (an unknown role, say)."""

    exit_code = 2


class Problem(NamedTuple):
    """One fault of a configuration file.

    Attributes:
        location: the line or the role it stands at, such as "line 7" or "role dev".
        what: what is wrong, without a final full stop.
        hint: what to do.
        file: where several files are involved, the one it stands in; else empty.
    """

    location: str
    what: str
    hint: str
    file: str = ""

    @property
    def full_location(self) -> str:
        """The file, where that has to be said, and the line."""
        return f"{self.file}, {self.location}" if self.file else self.location


class ConfigError(TraycredsError):
    """The configuration is wrong; carries every problem found, not only the first."""

    exit_code = 2

    def __init__(self, sentence: str, hint: str, problems: tuple[Problem, ...] = ()) -> None:
        """Keep the problems beside the two sentences."""
        super().__init__(sentence, hint)
        self.problems = problems


class UnfinishedError(ConfigError):
    """Another program is writing a file: what it holds is known when that program is done."""


class IssueError(TraycredsError):
    """A session could not be issued."""

    exit_code = 3

    def __init__(
        self,
        kind: FailureKind,
        sentence: str,
        hint: str,
        *,
        device: str | None = None,
        sign_in: str | None = None,
        again_in: float | None = None,
    ) -> None:
        """Keep what is wrong, and what it takes.

        Args:
            kind: the class of the failure.
            sentence: what is wrong.
            hint: what to do.
            device: the MFA device whose code is needed.
            sign_in: the sign-in that is needed.
            again_in: real seconds after which the same will do, whatever its class: it only has to wait for its turn.
        """
        super().__init__(sentence, hint)
        self.kind = kind
        self.device = device
        self.sign_in = sign_in
        self.again_in = again_in


class CredentialsFileError(TraycredsError):
    """The credentials file cannot be read or written, or holds a profile that is not ours."""

    exit_code = 4


_EXIT_CODES = {FailureKind.BAD_CONFIG: UsageError.exit_code, FailureKind.FILE: CredentialsFileError.exit_code}


def exit_code_of(kind: FailureKind) -> int:
    """What a command exits with for a role that fails so: 2 configuration, 4 credentials file, 3 AWS."""
    return _EXIT_CODES.get(kind, IssueError.exit_code)


class NotRunningError(TraycredsError):
    """A command that steers the app found no running app."""

    exit_code = 5
