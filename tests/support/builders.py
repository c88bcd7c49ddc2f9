"""Values for tests, with defaults for all that a test does not care about."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from traycreds.core.engine_state import Failure, Session, State, Throttle
from traycreds.core.errors import FailureKind
from traycreds.core.model import DEFAULT_PROFILE, Credentials, OwnedProfile, ProfileName, Role, RoleName, StoreView
from traycreds.core.value_class import replace

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYaa"
TOKEN = "FwoGZXIvYXdzEBYaDsecretsecretsecretsecret"


def a_role(name="dev", **changes) -> Role:
    base = Role(
        name=RoleName(name),
        profile=ProfileName(changes.pop("profile", f"{name}-session")),
        arn=f"arn:aws:iam::123456789012:role/{name}",
        source_profile=ProfileName("base"),
    )
    return replace(base, **changes)


def credentials(expires_at=NOW + HOUR, n=1) -> Credentials:
    return Credentials(
        access_key_id=f"ASIAEXAMPLE{n:09d}", secret_access_key=SECRET, session_token=TOKEN, expires_at=expires_at
    )


def a_failure(kind=FailureKind.NETWORK, **changes) -> Failure:
    base = Failure(
        kind=kind,
        sentence="STS is out of reach.",
        hint="Check the network.",
        attempts=1,
        first_at=NOW,
        last_at=NOW,
        retry_at=None,
    )
    return replace(base, **changes)


def a_throttle(*, until, **changes) -> Throttle:
    """Everybody is held until a moment, since AWS asked to slow down once."""
    return replace(Throttle(refusals=1, since=until, until=until), **changes)


def a_session(name="dev", *, expires_in=None, lifetime=HOUR, role=None, **changes) -> Session:
    """A kept session; with `expires_in` (timedelta from NOW) it is on file."""
    session = Session(role=role or a_role(name), keep=True)
    if expires_in is not None:
        session = replace(session, expires_at=NOW + expires_in, issued_at=NOW + expires_in - lifetime)
    return replace(session, **changes)


def a_state(*sessions, **changes) -> State:
    """What is known when the file is; the chosen role is the default profile on file unless that is due."""
    state = replace(State(sessions=tuple(sessions), file_known=True), **changes)
    chosen = state.session(state.chosen)
    if chosen is None or state.default_due or not state.file_known or "default_on_file" in changes:
        return state
    return replace(state, default_on_file=a_default(chosen.role.name, chosen.expires_at))


def a_default(name="dev", expires_at=NOW + HOUR) -> OwnedProfile:
    """Our `default` section with a role's session."""
    return OwnedProfile(profile=DEFAULT_PROFILE, role=RoleName(name), expires_at=expires_at)


def a_view(*sessions, foreign=(), default=None) -> StoreView:
    """What is on file when these sessions (with expires_at) are, and `default` is a copy of one."""
    owned = [
        OwnedProfile(profile=s.role.profile, role=s.role.name, expires_at=s.expires_at)
        for s in sessions
        if s.expires_at is not None
    ]
    owned += [replace(o, profile=ProfileName("default")) for o in owned if o.role == default]
    return StoreView(owned=tuple(owned), foreign=tuple(foreign))
