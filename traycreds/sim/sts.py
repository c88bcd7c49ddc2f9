"""The actions of the simulated STS, with the real one's rules and words (docs/aws-behaviour.md#sts-limits). No HTTP."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from xml.sax.saxutils import escape

from traycreds.core.model import ONE_HOUR
from traycreds.core.text import rfc_3339
from traycreds.sim.errors import ErrorResponse, denied, invalid
from traycreds.sim.faults import not_authorized
from traycreds.sim.sigv4 import Signer
from traycreds.sim.world import Key, Principal, SimRole, World

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
TOKEN_CODE = re.compile(r"\d{6}", re.ASCII)
NUMBER = re.compile(r"\d{1,9}", re.ASCII)
POLICY_LIMIT = 2048
TAG_LIMIT = 50
MFA_FAILED = "MultiFactorAuthentication failed"

Form = Mapping[str, str]


class Sts:
    """AssumeRole, GetSessionToken, GetCallerIdentity.

    Attributes:
        services: by action, the service that its request is signed for, if it is not STS.
    """

    services: Mapping[str, str] = MappingProxyType({})

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        """Act on a world; sessions begin and end by this clock."""
        self._world = world
        self._clock = clock

    def respond(self, form: Form, authenticate: Callable[[], Signer], request_id: str) -> str:
        """Carry out the action of a form; return the XML. Raises ErrorResponse: AWS would refuse it.

        `authenticate` checks the signature, if the action needs one.
        """
        action = form.get("Action", "")
        result = self.result(action, form, authenticate)
        return (
            f'<{action}Response xmlns="{NAMESPACE}"><{action}Result>{result}</{action}Result>'
            f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
        )

    def result(self, action: str, form: Form, authenticate: Callable[[], Signer]) -> str:
        """The XML of an action's result; see `respond`."""
        if action == "AssumeRole":
            return self._assume_role(form, authenticate().key)
        if action == "GetSessionToken":
            return self._get_session_token(form, authenticate().key)
        if action == "GetCallerIdentity":
            return self._get_caller_identity(authenticate().key)
        raise ErrorResponse(400, "InvalidAction", f"Could not find operation {action} for version 2011-06-15")

    def _assume_role(self, form: Form, key: Key) -> str:
        arn, session_name = role_arn(form), name(form, "RoleSessionName", "roleSessionName", required=True)
        seconds = duration(form, default=3600, most=43200)
        check_policies(form)
        _check_tags(form)
        source_identity = name(form, "SourceIdentity", "sourceIdentity", required=False)
        role = self._world.role(arn)
        caller = key.principal
        if role is None or not role.trusts(caller):
            raise not_authorized("sts:AssumeRole", caller.arn, arn)
        self._check_external_id(form, role, caller)
        with_mfa = self._check_mfa(form, caller) or caller.mfa
        if role.requires_mfa and not with_mfa:
            raise not_authorized("sts:AssumeRole", caller.arn, arn)
        if caller.source_identity is not None and source_identity not in (None, caller.source_identity):
            raise not_authorized("sts:SetSourceIdentity", caller.arn, arn)
        if key.session_token is not None and seconds > ONE_HOUR.total_seconds():
            raise invalid(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
            )
        return self.open(role, session_name or "", seconds, source_identity=source_identity or caller.source_identity)

    def _get_session_token(self, form: Form, key: Key) -> str:
        if key.session_token is not None:
            raise denied("Cannot call GetSessionToken with session credentials")
        seconds = duration(form, default=43200, most=129600)
        caller = key.principal
        principal = Principal(
            arn=caller.arn,
            trusted_as=caller.trusted_as,
            account=caller.account,
            unique_id=caller.unique_id,
            mfa=self._check_mfa(form, caller),
        )
        session = self._world.open_session(principal, expires_at=self._clock() + timedelta(seconds=seconds))
        return _credentials(session)

    @staticmethod
    def _get_caller_identity(key: Key) -> str:
        caller = key.principal
        return (
            f"<Arn>{escape(caller.arn)}</Arn><UserId>{escape(caller.unique_id)}</UserId>"
            f"<Account>{caller.account}</Account>"
        )

    def open(self, role: SimRole, session_name: str, seconds: int, *, source_identity: str | None = None) -> str:
        """The XML of a new session of a role. Raises ErrorResponse: it would last too long."""
        if seconds > role.max_session:
            raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
        principal = Principal(
            arn=f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{session_name}",
            trusted_as=role.arn,
            account=role.account,
            unique_id=f"{role.unique_id}:{session_name}",
            source_identity=source_identity,
        )
        session = self._world.open_session(principal, expires_at=self._clock() + timedelta(seconds=seconds))
        identity = f"<SourceIdentity>{escape(source_identity)}</SourceIdentity>" if source_identity else ""
        return (
            f"<AssumedRoleUser><AssumedRoleId>{escape(principal.unique_id)}</AssumedRoleId>"
            f"<Arn>{escape(principal.arn)}</Arn></AssumedRoleUser>{_credentials(session)}{identity}"
        )

    @staticmethod
    def _check_external_id(form: Form, role: SimRole, caller: Principal) -> None:
        given = form.get("ExternalId")
        if given is not None and not EXTERNAL_ID.fullmatch(given):
            raise _constraint("externalId", given, r"Member must satisfy regular expression pattern: [\w+=,.@:\/-]*")
        if role.external_id is not None and given != role.external_id:
            raise not_authorized("sts:AssumeRole", caller.arn, role.arn)

    def _check_mfa(self, form: Form, caller: Principal) -> bool:
        serial, code = form.get("SerialNumber"), form.get("TokenCode")
        if serial is None and code is None:
            return False
        if serial is None or code is None:
            raise denied(f"{MFA_FAILED}, must provide both MFA serial number and one time pass code. ")
        if not TOKEN_CODE.fullmatch(code):
            raise _constraint("tokenCode", code, r"Member must satisfy regular expression pattern: [\d]*")
        device = self._world.device(serial)
        if device is None or device.owner != caller.arn:
            raise denied(
                f"{MFA_FAILED}, unable to validate MFA code.  Please verify your MFA serial number is valid and "
                "associated with this user."
            )
        if not self._world.use_code(device, code, at=time.time()):
            raise denied(f"{MFA_FAILED} with invalid MFA one time pass code. ")
        return True


def error_xml(error: ErrorResponse, request_id: str) -> str:
    """The XML of a refusal."""
    kind = "Receiver" if error.status >= 500 else "Sender"  # noqa: PLR2004 - HTTP
    return (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>{kind}</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _credentials(key: Key) -> str:
    assert key.session_token is not None
    assert key.expires_at is not None
    return (
        f"<Credentials><AccessKeyId>{key.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{key.secret_access_key}</SecretAccessKey>"
        f"<SessionToken>{key.session_token}</SessionToken>"
        f"<Expiration>{rfc_3339(key.expires_at)}</Expiration></Credentials>"
    )


def _constraint(field: str, value: str, rule: str) -> ErrorResponse:
    return invalid(f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {rule}")


def role_arn(form: Form) -> str:
    """The role that a form names. Raises ErrorResponse."""
    arn = form.get("RoleArn", "")
    if not ROLE_ARN.fullmatch(arn):
        raise invalid(f"{arn} is invalid")
    return arn


def name(form: Form, parameter: str, field: str, *, required: bool) -> str | None:
    """A name in a form; None if it has none. Raises ErrorResponse."""
    value = form.get(parameter)
    if value is None:
        if required:
            rule = "failed to satisfy constraint: Member must not be null"
            raise invalid(f"1 validation error detected: Value null at '{field}' {rule}")
        return None
    if not NAME.fullmatch(value):
        raise _constraint(field, value, r"Member must satisfy regular expression pattern: [\w+=,.@-]*")
    return value


def duration(form: Form, *, default: int, most: int) -> int:
    """The seconds that a form asks for. Raises ErrorResponse."""
    text = form.get("DurationSeconds")
    if text is None:
        return default
    if not NUMBER.fullmatch(text):
        raise ErrorResponse(400, "MalformedInput", "Start of structure or map found where not expected.")
    seconds = int(text)
    if seconds < 900:  # noqa: PLR2004 - STS's own limit
        raise _constraint("durationSeconds", text, "Member must have value greater than or equal to 900")
    if seconds > most:
        raise _constraint("durationSeconds", text, f"Member must have value less than or equal to {most}")
    return seconds


def check_policies(form: Form) -> None:
    """Refuse a policy that AWS cannot read. Raises ErrorResponse."""
    policy = form.get("Policy")
    if policy is None:
        return
    if len(policy) > POLICY_LIMIT:
        raise _constraint("policy", "...", f"Member must have length less than or equal to {POLICY_LIMIT}")
    try:
        document = json.loads(policy)
    except ValueError:
        document = None
    if not isinstance(document, dict) or "Statement" not in document:
        raise ErrorResponse(400, "MalformedPolicyDocument", "Syntax errors in policy.")


def _check_tags(form: Form) -> None:
    keys = [value for parameter, value in form.items() if re.fullmatch(r"Tags\.member\.\d+\.Key", parameter)]
    if len(keys) > TAG_LIMIT:
        raise _constraint("tags", "...", f"Member must have length less than or equal to {TAG_LIMIT}")
    if len({key.lower() for key in keys}) < len(keys):
        raise ErrorResponse(
            400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
