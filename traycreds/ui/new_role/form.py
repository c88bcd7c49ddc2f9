"""What is typed into the window that adds a role, and what of it is wrong by itself. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from traycreds.core.names import account_id

_ARN = re.compile(r"arn:(aws[a-z0-9-]*):iam::([0-9]{12}):role/(\S+)")
_ROLE = re.compile(r"[A-Za-z0-9_+=,.@/-]+")
_AWS = "aws"


class Form(NamedTuple):
    """The fields, without blanks around them.

    `account` and `role` are those of the role's ARN; the role may have a path before its name, and both may be a whole
    ARN.
    """

    account: str = ""
    role: str = ""
    source_profile: str = ""
    mfa_serial: str = ""
    name: str = ""
    keep: bool = False

    @property
    def role_arn(self) -> str:
        """The role's ARN; a whole one that was typed or pasted into either field counts as it is."""
        if (whole := self._whole) is not None:
            return whole[0]
        return f"arn:{_AWS}:iam::{_digits(self.account)}:role/{self.role.strip('/')}"

    @property
    def role_name(self) -> str:
        """The role with its path; empty if none is typed."""
        return self.role if (whole := self._whole) is None else whole[3]

    @property
    def table(self) -> dict[str, str | bool]:
        """The keys of the role in our configuration, in writing order."""
        table: dict[str, str | bool] = {"role_arn": self.role_arn, "source_profile": self.source_profile}
        table |= {"mfa_serial": self.mfa_serial} if self.mfa_serial else {}
        return table | ({"keep": True} if self.keep else {})

    def missing(self) -> str | None:
        """What the user has to do before the form can be judged as a whole; None if nothing."""
        if self._whole is None:
            if not self.account:
                return "Fill in the account, or paste the ARN of the role."
            if account_id(_digits(self.account)) is None:
                return "An account has twelve digits."
            if not self.role:
                return "Fill in the role."
            if not _ROLE.fullmatch(self.role):
                return "A role name can have only letters, digits and _+=,.@-."
        if not self.source_profile:
            return "Choose the profile whose credentials assume the role."
        return None if self.name else "Fill in the short name."

    @property
    def _whole(self) -> re.Match[str] | None:
        return _ARN.fullmatch(self.role) or _ARN.fullmatch(self.account)


def parts(typed: str) -> tuple[str, str] | None:
    """Account and role of a whole ARN, for their fields; None if it is not one, or of another partition."""
    whole = _ARN.fullmatch(typed.strip())
    return (whole[2], whole[3]) if whole is not None and whole[1] == _AWS else None


def _digits(account: str) -> str:
    """An account, also as the AWS console writes it: 1234-5678-9012."""
    return re.sub(r"[\s-]", "", account)
