"""Checks the age of the long-term access keys that roles depend on; asks IAM only with the user's consent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from traycreds.aws.access_keys.iam import AccessKeys, how_to_rotate
from traycreds.awsfiles.profiles import AwsProfiles, place
from traycreds.core.errors import FailureKind, IssueError, UsageError
from traycreds.core.model import Role, Settings
from traycreds.doctor.finding import Finding, Severity
from traycreds.doctor.setting_checks import chain_of

_ID = "aws_access_key_id"


def key_findings(aws: AwsProfiles, roles: Sequence[Role], settings: Settings, now: datetime) -> Iterator[Finding]:
    """Keys that are older than they may be, that AWS does not accept, or whose age it does not tell.

    Only the first are warnings. Raises ConfigError.
    """
    if settings.max_key_age is None or not settings.list_access_keys:
        return
    used = dict.fromkeys(name for role in roles for name in chain_of(aws, role) if aws.profiles[name].static)
    for name in used:
        file, line = place(aws, name, _ID) or (aws.credentials_file, None)
        try:
            keys = AccessKeys(name)
            ages = {key.access_key_id: (now - key.created_at).days for key in keys.list()}
        except UsageError:
            # Other checks report a session, or half of a key.
            continue
        except IssueError as error:
            what = f"the age of the access key of profile {name} is unknown. {error.sentence.rstrip('.')}"
            severity = Severity.NOTE
            if error.kind is FailureKind.SOURCE_EXPIRED:
                what, severity = error.sentence.rstrip("."), Severity.ERROR
            yield Finding(file=str(file), line=line, what=what, remedy=error.hint, severity=severity)
            continue
        age = ages.get(keys.keys.access_key)
        if age is not None and age > settings.max_key_age.days:
            what = (
                f"the access key of profile {name} is {age} days old; max_key_age is {settings.max_key_age.days} days"
            )
            yield Finding(file=str(file), line=line, what=what, remedy=how_to_rotate(aws, name))
