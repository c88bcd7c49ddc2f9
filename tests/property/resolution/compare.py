"""Resolves the profile of a pair twice, by botocore and by traycreds, and tells what differs."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import botocore.compat
import botocore.hooks

from tests.property.resolution.pairs import STS_ROLE, Pair, make, text
from tests.property.resolution.recorder import Call, Recorder
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.awsfiles import profiles
from traycreds.awsfiles.profiles import Kind
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.model import ProfileName, Role, RoleName

MACHINE = ("container-role", "iam-role", "ec2-credentials-file", "boto-config")
"""Providers of botocore that ask the machine when a profile has nothing."""

CODE = "123456"
_codes = itertools.count()

REFUSALS: dict[str, frozenset[FailureKind]] = {
    "ClientError": frozenset({FailureKind.DENIED}),
    "InvalidConfigError": frozenset({FailureKind.BAD_CONFIG}),
    "InfiniteLoopConfigError": frozenset({FailureKind.BAD_CONFIG}),
    "PartialCredentialsError": frozenset({FailureKind.BAD_CONFIG}),
    "ProfileNotFound": frozenset({FailureKind.BAD_CONFIG}),
    "CredentialRetrievalError": frozenset(
        {
            FailureKind.SOURCE_EXPIRED,
            FailureKind.BAD_CONFIG,
            FailureKind.ANSWER,
            FailureKind.NETWORK,
            FailureKind.PROGRAM,
        }
    ),
    "UnauthorizedSSOTokenError": frozenset({FailureKind.SIGN_IN}),
    "SSOTokenLoadError": frozenset({FailureKind.SIGN_IN}),
    "TokenRetrievalError": frozenset({FailureKind.SIGN_IN}),
    "FileNotFoundError": frozenset({FailureKind.SOURCE_EXPIRED}),
    "JSONDecodeError": frozenset({FailureKind.PROGRAM}),
    "no credentials": frozenset({FailureKind.BAD_CONFIG}),
    "no session": frozenset({FailureKind.BAD_CONFIG, FailureKind.PROGRAM}),
}
"""What each refusal of botocore is with us."""

_original_accepts_kwargs = botocore.compat.accepts_kwargs
_original_alias = botocore.hooks.EventAliaser._alias_event_name

METHODS = {
    "assume-role": Kind.ROLE,
    "assume-role-with-web-identity": Kind.WEB_IDENTITY,
    "sso": Kind.SSO,
    "shared-credentials-file": Kind.KEYS,
    "config-file": Kind.KEYS,
    "custom-process": Kind.PROCESS,
}
"""botocore's names of where credentials come from."""


@dataclass(frozen=True)
class Outcome:
    """What came of a resolution: keys or a refusal, and what was asked on the way."""

    keys: tuple[str, str, str | None] | None
    refusal: str
    calls: tuple[Call, ...]
    kind: Kind | None = None

    def __str__(self) -> str:
        calls = "".join(f"\n    {' '.join(map(str, call))}" for call in self.calls)
        return f"{self.keys[0] if self.keys else self.refusal}{calls}"


def difference(seed: int, home: Path) -> str:
    """What botocore and traycreds do differently with the pair of a seed; "" when nothing is.

    Args:
        seed: of the pair.
        home: a folder for its files; HOME must be it.
    """
    pair = make(seed)
    with faster(), _laid_out(pair, home):
        theirs = _ask_botocore(pair)
        kind = profiles.read(home / ".aws/config", home / ".aws/credentials").profiles[_asked(pair)].kind
    with faster(), _laid_out(pair, home):
        ours = _ask_traycreds(pair, home)
    what = _compare(theirs, ours)
    if not what and theirs.kind not in {None, kind}:
        what = f"the profile is called {kind}, but is {theirs.kind}"
    return f"seed {seed}: {what}\n  botocore: {theirs}\n  traycreds: {ours}" if what else ""


def mixing(seed: int, home: Path) -> str:
    """What one source of sessions does differently when it has served all other profiles of a pair before; "" if nothing.

    Roles share keys and clients there: no role may get what belongs to another.
    """
    pair = make(seed)
    asked = [replace(pair, ask=name, over=over) for name in _names(pair) for over in (False, True)]
    with faster():
        alone = []
        for one in asked:
            with _laid_out(one, home):
                alone.append(_ask_traycreds(one, home))
        with _laid_out(pair, home):
            mfa = MfaSessions()
            shared = StsSource(mfa=mfa)
            together = [_ask_traycreds(one, home, mfa, shared) for one in asked]
    for one, first, second in zip(asked, alone, together, strict=True):
        if (first.keys, first.refusal) != (second.keys, second.refusal):
            return f"seed {seed}: {one.ask}, over={one.over}\n  alone: {first}\n  after others: {second}"
    return ""


def shown(pair: Pair) -> str:
    """Both files of a pair, and what is asked."""
    other = "".join(f"\n{path}: {content}" for path, content in pair.files.items())
    return (
        f"asked for {pair.ask}{' as a source' if pair.over else ''} with {sorted(pair.environment)}\n"
        f"--- config\n{text(pair.config, '~')}--- credentials\n{text(pair.credentials, '~')}---{other}"
    )


def _compare(theirs: Outcome, ours: Outcome) -> str:
    if theirs.calls != ours.calls:
        return "other calls"
    if theirs.keys != ours.keys:
        return "other keys" if theirs.keys and ours.keys else "one refuses"
    if theirs.refusal and FailureKind(ours.refusal) not in REFUSALS.get(theirs.refusal, frozenset()):
        return f"{theirs.refusal} is reported as {ours.refusal}"
    return ""


def _names(pair: Pair) -> list[str]:
    """The profiles of a pair."""
    in_config = [name.removeprefix("profile ") for name, _ in pair.config if not name.startswith("sso-session ")]
    return sorted({*in_config, *dict(pair.credentials)} - {"over"})


def _asked(pair: Pair) -> str:
    return "over" if pair.over else pair.ask


@contextlib.contextmanager
def _laid_out(pair: Pair, home: Path) -> Iterator[None]:
    """The files of a pair, as they are before anything is asked."""
    cache = home / ".aws/sso/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for old in [*cache.iterdir(), *(home / ".aws").glob("token-*"), *(home / ".aws").glob("process-*")]:
        old.unlink()
    files = {
        ".aws/config": text(pair.config, str(home)),
        ".aws/credentials": text(pair.credentials, str(home)),
        **pair.files,
    }
    for path, content in files.items():
        (home / path).write_text(content, encoding="utf-8")
    with mock.patch.dict(os.environ, pair.environment):
        yield


def _ask_botocore(pair: Pair) -> Outcome:
    import botocore.session
    from botocore.credentials import SSOProvider
    from botocore.tokens import SSOTokenProvider

    # When it is imported, botocore reads HOME, and never after that.
    cache = str(Path(os.environ["HOME"]) / ".aws/sso/cache")
    recorder = Recorder(datetime.now(timezone.utc))
    kind: Kind | None = None
    with (
        recorder.listening(),
        mock.patch.object(SSOProvider, "_SSO_TOKEN_CACHE_DIR", cache),
        mock.patch.object(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR", cache),
    ):
        try:
            session = botocore.session.Session(profile=_asked(pair))
            session.register_component("data_loader", _loader())
            if session.get_config_variable("region") is None:
                session.set_config_variable("region", "us-east-1")
            resolver = session.get_component("credential_provider")
            for provider in MACHINE:
                resolver.remove(provider)
            resolver.get_provider("assume-role")._prompter = lambda _: CODE
            found = resolver.load_credentials()
            if found is None:
                return Outcome(None, "no credentials", tuple(recorder.calls))
            kind = METHODS[found.method]
            frozen = found.get_frozen_credentials()
        except Exception as error:  # noqa: BLE001 - whatever botocore raises is its answer
            return Outcome(None, type(error).__name__, tuple(recorder.calls), kind)
    if getattr(found, "_expiry_time", None) is None or frozen.token is None:
        return Outcome(None, "no session", tuple(recorder.calls), kind)
    return Outcome((frozen.access_key, frozen.secret_key, frozen.token), "", tuple(recorder.calls), kind)


def _ask_traycreds(pair: Pair, home: Path, mfa: MfaSessions | None = None, source: StsSource | None = None) -> Outcome:
    mfa = mfa or MfaSessions()
    for serial in pair.serials:
        # Each code works only once.
        mfa.offer(serial, f"{next(_codes):06}")
    recorder = Recorder(datetime.now(timezone.utc))
    with recorder.listening():
        try:
            issued = (source or StsSource(mfa=mfa)).issue(_role(pair, home))
        except IssueError as error:
            return Outcome(None, error.kind.value, tuple(recorder.calls))
    keys = (issued.access_key_id, issued.secret_access_key, issued.session_token)
    return Outcome(keys, "", tuple(recorder.calls))


def _role(pair: Pair, home: Path) -> Role:
    """The role as the configuration has it, with `from_profile`, or with the profile as its source."""
    name, target = RoleName("asked"), ProfileName("asked-session")
    if pair.over:
        return Role(name=name, profile=target, arn=f"{STS_ROLE}over", source_profile=ProfileName(pair.ask))
    profile = profiles.read(home / ".aws/config", home / ".aws/credentials").profiles[pair.ask]
    return Role(name=name, profile=target, from_profile=profile.name, **profiles.offered_values(profile))


@contextlib.contextmanager
def faster() -> Iterator[None]:
    """Let botocore work out once what it works out for each session: two pure functions, most of its time here."""
    with (
        mock.patch("botocore.hooks.accepts_kwargs", _accepts_kwargs),
        mock.patch("botocore.hooks.EventAliaser._alias_event_name", _alias_event_name),
    ):
        yield


_ACCEPT: dict[Any, bool] = {}
_ALIASES: dict[str, str] = {}


def _accepts_kwargs(handler: Any) -> bool:
    # By code, which all sessions share: a method or closure as such would keep its session alive.
    code = getattr(getattr(handler, "__func__", handler), "__code__", None)
    if code is None:
        return bool(_original_accepts_kwargs(handler))
    if code not in _ACCEPT:
        _ACCEPT[code] = bool(_original_accepts_kwargs(handler))
    return _ACCEPT[code]


def _alias_event_name(aliaser: Any, name: str) -> str:
    if name not in _ALIASES:
        _ALIASES[name] = _original_alias(aliaser, name)
    return _ALIASES[name]


@functools.cache
def _loader() -> Any:
    from botocore.loaders import create_loader

    return create_loader()
