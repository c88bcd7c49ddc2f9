"""Errors for users: a sentence says what is wrong, a hint what to do. None holds a key, token, code or file value."""

from __future__ import annotations

import enum
from typing import NamedTuple

from traycreds.core.text import without_password


class FailureKind(enum.Enum):
    """Why a refresh failed, which decides whether and when it is retried (see `policy`)."""

    NETWORK = "network"
    """AWS could not be reached, or did not answer within the deadline: passes by itself."""
    THROTTLED = "throttled"
    """AWS asked to slow down: passes by itself."""
    ANSWER = "answer"
    """AWS answered 5xx or without a usable session, or something other than AWS answered: passes by itself."""
    DENIED = "denied"
    """AWS refused the role: someone has to change a policy."""
    SOURCE_EXPIRED = "source_expired"
    """The source profile's own credentials are expired or invalid: the user renews them."""
    PROGRAM = "program"
    """A program for credentials, a code or a token failed, or a token file is empty: it passes, or needs a person."""
    SIGN_IN = "sign_in"
    """An IAM Identity Center sign-in is needed."""
    MFA = "mfa"
    """An MFA code is needed."""
    CLOCK = "clock"
    """This machine's clock is too far off for AWS to accept a signature."""
    BAD_CONFIG = "bad_config"
    """The configuration cannot work as it is."""
    FILE = "file"
    """The credentials file cannot be written, or traycreds did not write the profile."""
    UNEXPECTED = "unexpected"
    """An unexpected fault; the log has the traceback."""

    @property
    def in_words(self) -> str:
        """The kind in a few words, without an account or a name."""
        return _IN_WORDS[self]


_IN_WORDS = {
    FailureKind.NETWORK: "no usable response from AWS",
    FailureKind.THROTTLED: "AWS is throttling requests",
    FailureKind.ANSWER: "no usable response from AWS",
    FailureKind.DENIED: "refused by AWS",
    FailureKind.SOURCE_EXPIRED: "invalid source credentials",
    FailureKind.PROGRAM: "a program or token file failed",
    FailureKind.SIGN_IN: "sign-in needed",
    FailureKind.MFA: "MFA code needed",
    FailureKind.CLOCK: "this machine's clock is off",
    FailureKind.BAD_CONFIG: "configuration needs fixing",
    FailureKind.FILE: "profiles cannot be written",
    FailureKind.UNEXPECTED: "unexpected fault",
}
"""What roles that fail for one kind of cause have in common."""


class TraycredsError(Exception):
    """Base of all errors shown to the user; `sentence` and `hint` are full sentences."""

    exit_code = 2

    def __init__(self, sentence: str, hint: str) -> None:
        """Keep the two sentences, without passwords that are in a name or path; `str()` joins them."""
        self.sentence = without_password(sentence)
        self.hint = without_password(hint)
        super().__init__(f"{self.sentence} {self.hint}".strip())


class UsageError(TraycredsError):
    """The command line asks for something impossible, such as an unknown role."""

    exit_code = 2


class Problem(NamedTuple):
    """One fault of a configuration file, at a `location` such as "line 7" or "role dev".

    `what` is a clause without a full stop; `file` is empty if only one file is involved.
    """

    location: str
    what: str
    hint: str
    file: str = ""

    @property
    def full_location(self) -> str:
        """The file, if needed, and the line."""
        return f"{self.file}, {self.location}" if self.file else self.location


class ConfigError(TraycredsError):
    """The configuration is wrong; carries every problem found, not only the first."""

    exit_code = 2

    def __init__(self, sentence: str, hint: str, problems: tuple[Problem, ...] = ()) -> None:
        """Keep the problems beside the two sentences."""
        super().__init__(sentence, hint)
        self.problems = problems


class UnfinishedError(ConfigError):
    """Another program is writing a file, so its content is not known yet."""


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
        reason: str | None = None,
    ) -> None:
        """Keep the failure.

        Args:
            kind: decides what follows.
            sentence: what is wrong.
            hint: what to do.
            device: the MFA device whose code is needed.
            sign_in: the sign-in that is needed, as the user named it.
            again_in: seconds later the same call works, whatever its kind, because it only waits its turn.
            reason: what is wrong in a few words, if those of the kind do not say it.
        """
        super().__init__(sentence, hint)
        self.kind = kind
        self.device = device
        self.sign_in = sign_in
        self.again_in = again_in
        self.reason = reason


class CredentialsFileError(TraycredsError):
    """The credentials file cannot be read or written, or holds a profile that is not ours."""

    exit_code = 4
    # Whether the target of a link to it is gone, such as a drive, so that nothing is on file.
    is_gone = False


_EXIT_CODES = {FailureKind.BAD_CONFIG: UsageError.exit_code, FailureKind.FILE: CredentialsFileError.exit_code}


def exit_code_of(kind: FailureKind) -> int:
    """A command's exit code for this kind of failure: 2 configuration, 4 credentials file, 3 AWS."""
    return _EXIT_CODES.get(kind, IssueError.exit_code)


class NotRunningError(TraycredsError):
    """A command that controls the app found no running app."""

    exit_code = 5
