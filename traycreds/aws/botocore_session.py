"""Sessions and clients of boto3: with the options of a profile, or of no profile.

Never reads the app's AWS_PROFILE or the keys of its environment. The first call imports boto3, which is slow to load.
For botocore see docs/aws-behaviour.md#which-parts-of-botocore-are-public.
"""

from __future__ import annotations

import contextlib
import functools
import getpass
import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

from traycreds import __version__
from traycreds.aws import bounded_http, connections
from traycreds.aws.keys import Keys
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.aws.sso.token_refresh import Tokens
from traycreds.awsfiles import profiles, whole_read
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
from traycreds.files import contents, write_end
from traycreds.files.atomic_write_windows import patiently
from traycreds.files.errors import file_error
from traycreds.state import known_secrets, paths

_READS = 5
"""Attempts to read files while others write them."""

NO_PROFILE = {"profile": (None, None, None, None)}
"""Variables of a session that belongs to no profile: not even AWS_PROFILE gives it one."""

_MADE_UP = "botocore-session-"
"""How the names of sessions begin that botocore makes up for chained roles, which mean nothing in CloudTrail."""

ENDPOINTS = frozenset({"sts", "portal.sso", "oidc", "signin", "iam"})
"""The services that we call, as botocore's table of endpoints has them; the other 400 are 5 MB of memory."""


class BotoSessions:
    """Opens sessions, all with one data loader, and reads the AWS files again when they change."""

    def __init__(
        self, *, connect_timeout: float, read_timeout: float, attempts: int, on_response: Callable[..., None]
    ) -> None:
        """Import nothing yet; timeouts are seconds of each of the `attempts`, `on_response` is for `after-call`."""
        self._attempts = attempts
        self._timeouts = {"connect_timeout": connect_timeout, "read_timeout": read_timeout}
        self._on_response = on_response
        self._lock = threading.Lock()
        self._tokens: Tokens | None = None
        self._stamps: list[contents.Stamp | None] | None = None
        self._config: Mapping[str, Any] = {}

    def config(self) -> Mapping[str, Any]:
        """Both AWS files as botocore merges them, as they are now. Raises IssueError: one cannot be opened."""
        with self._lock:
            files = list(_files().values())
            if [contents.stamp(file) for file in files] != self._stamps:
                self._read(files)
            return self._config

    def location(self, profile: str, key: str) -> str:
        """Where a setting of a profile is, to follow it in a sentence."""
        config_file, credentials_file = _files().values()
        return profiles.location(config_file, credentials_file, profile, key)

    def _read(self, files: Sequence[Path]) -> None:
        """Parse the files once no program is writing them; until then the old content counts."""
        from botocore.exceptions import BotoCoreError

        for tries_left in reversed(range(_READS)):
            for file in files:
                _check_readable(file)
            readings = [_settled(file) for file in files]
            unfinished = [
                file for file, reading in zip(files, readings, strict=True) if write_end.is_unfinished(reading)
            ]
            if unfinished:
                if self._stamps is not None:
                    return
                sentence = f"Another program is writing {unfinished[0]}."
                hint = "traycreds reads it once that program finishes."
                raise IssueError(FailureKind.BAD_CONFIG, sentence, hint, reason="a file is being written")
            stamps = [reading.stamp for reading in readings]
            try:
                config = _read_files(_session(session_vars=NO_PROFILE))
            except BotoCoreError:
                if not tries_left or [contents.stamp(file) for file in files] == stamps:
                    raise
                continue
            if [contents.stamp(file) for file in files] == stamps:
                break
        self._config, self._stamps = config, stamps

    def open(self, profile: str | None) -> ProfileSession:
        """A session with the options of a profile, without one of `default`; raises what `config` raises."""
        from botocore.config import Config
        from botocore.credentials import CredentialResolver

        session = _session(session_vars=NO_PROFILE) if profile is None else _session(profile=profile)
        session._config = self.config()  # noqa: SLF001 - else it reads the files itself, even half-written ones
        connections.check_certificates(session)
        # Each client gets its keys from us, so the session must not find any by itself.
        session.register_component("credential_provider", CredentialResolver([]))
        session.set_default_client_config(
            Config(retries=_retries(self._attempts), user_agent_extra=f"traycreds/{__version__}", **self._timeouts)
        )
        with self._lock:
            self._tokens = self._tokens or Tokens(TokenFolder.of_this_user())
        opened = ProfileSession(session, self._tokens, self._attempts)
        opened.boto3.events.register("after-call", self._on_response)
        for operation in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            opened.boto3.events.register(f"before-parameter-build.sts.{operation}", _name_session)
        bounded_http.bound(opened.boto3.events)
        return opened


class ProfileSession:
    """A session with the options of one profile, for boto3 and botocore's own providers; not thread-safe."""

    def __init__(self, session: Any, tokens: Tokens, attempts: int) -> None:
        """Wrap a session of botocore, which no client has been made of; `attempts` as in `BotoSessions`."""
        self.boto3 = _with_boto3(session)
        self.botocore = session
        self.tokens = tokens
        self.attempts = attempts

    def sts(self, region: str, keys: Keys | None, *, attempts: int) -> Any:
        """An STS client that signs with these keys (None: unsigned) and makes this many attempts."""
        if keys is None:
            return self.unsigned("sts", region, attempts=attempts)
        return self.signed("sts", region, keys, attempts=attempts)

    def signed(self, service: str, region: str, keys: Keys, *, attempts: int) -> Any:
        """A client that signs with these keys and makes this many attempts."""
        from botocore.config import Config

        return self.boto3.client(
            service,
            region_name=region,
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
            aws_session_token=keys.token,
            config=Config(retries=_retries(attempts)),
        )

    def unsigned(self, service: str, region: str, *, attempts: int) -> Any:
        """An unsigned client with this many attempts per call."""
        from botocore import UNSIGNED
        from botocore.config import Config

        config = Config(retries=_retries(attempts), signature_version=UNSIGNED)
        return self.boto3.client(service, region_name=region, config=config)


class StsClients:
    """STS clients of one session and region; those for the credentials used last are kept."""

    def __init__(
        self, session: ProfileSession, region: str, *, lock: AbstractContextManager[object], attempts: int
    ) -> None:
        """Make no client yet; `lock` guards the session, `attempts` is how often a client with `retry` tries a call."""
        self._session, self._region, self._lock, self._attempts = session, region, lock, attempts
        self._kept: dict[bool, Any] = {}
        self._kept_for: Keys | None = None

    def client(self, keys: Keys | None, *, retry: bool) -> Any:
        """The client that signs with these credentials (None: unsigned); without `retry` it tries once."""
        if keys is not None:
            # Note the secrets at each use, or long-lived ones would be forgotten.
            known_secrets.note(keys.secret_key, keys.token)
        # Each new connection reads the certificates again, so check them each time.
        connections.check_certificates(self._session.botocore)
        with self._lock:
            if (keys or ())[:3] != (self._kept_for or ())[:3]:
                self._kept, self._kept_for = {}, keys
            if retry not in self._kept:
                self._kept[retry] = self._session.sts(self._region, keys, attempts=self._attempts if retry else 1)
            return self._kept[retry]


def create_anonymous_client(service: str, region: str, *, connect_timeout: float, read_timeout: float) -> Any:
    """A client that belongs to no profile, signs nothing and tries each call once: for signing in."""
    from botocore import UNSIGNED
    from botocore.config import Config

    session = _session(session_vars=NO_PROFILE)
    _read_files(session)
    connections.check_certificates(session)
    bounded_http.bound(session.get_component("event_emitter"))
    config = Config(
        signature_version=UNSIGNED,
        retries=_retries(1),
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        user_agent_extra=f"traycreds/{__version__}",
    )
    return _with_boto3(session).client(service, region_name=region, config=config)


def login_tokens() -> Any:
    """Botocore's token cache of `aws login`, without files that are too large."""
    from botocore.utils import JSONFileCache, get_login_token_cache_directory

    class BoundedTokens(JSONFileCache):  # type: ignore[misc]
        def __getitem__(self, cache_key: str) -> Any:
            with contextlib.suppress(OSError):
                contents.check_bounded(Path(self._convert_cache_key(cache_key)))
                return super().__getitem__(cache_key)
            raise KeyError(cache_key)

    return BoundedTokens(get_login_token_cache_directory())


def certificates() -> str:
    """The default CA bundle of calls to AWS: certifi's or botocore's own."""
    from botocore.httpsession import where

    return str(where())


def default_session_name() -> str:
    """What CloudTrail shows when the configuration names nothing: `traycreds-` and the user, in STS's alphabet."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        # The user may have no name, as in some containers.
        return "traycreds"
    return re.sub(r"[^\w+=,.@-]", "-", f"traycreds-{user}", flags=re.ASCII)[:64]


def _name_session(params: dict[str, Any], **_: Any) -> None:
    if str(params.get("RoleSessionName", "")).startswith(_MADE_UP):
        params["RoleSessionName"] = default_session_name()


def _session(**options: Any) -> Any:
    session = _botocore().session.Session(**options)
    for name, file in _files().items():
        session.set_config_variable(name, str(file))
    return session


@functools.cache
def _botocore() -> Any:
    # Its data go first: parsing them leaves 4 MB of free memory, which the modules then take.
    _data_loader()
    import botocore.session
    from botocore import awsrequest

    for pool in (awsrequest.AWSHTTPConnectionPool, awsrequest.AWSHTTPSConnectionPool):
        pool.ConnectionCls = connections.noted(pool.ConnectionCls)
    return botocore


def _files() -> dict[str, Path]:
    return {"config_file": paths.aws_config_file(os.environ), "credentials_file": paths.credentials_file(os.environ)}


def settled(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """One of botocore's file parsers, but it waits for writers."""

    def parsed(filename: str) -> Any:
        with whole_read.held(filename):
            return parse(filename)

    return parsed


def _read_files(session: Any) -> Mapping[str, Any]:
    with contextlib.ExitStack() as stack:
        for file in _files().values():
            stack.enter_context(whole_read.held(file))
        return cast("Mapping[str, Any]", session.full_config)


def _with_boto3(session: Any) -> Any:
    import boto3

    loader = _data_loader()
    session.register_component("data_loader", loader)
    wrapped = boto3.Session(botocore_session=session)
    # Each boto3 session adds its folder again, so drop the duplicates.
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)
    return wrapped


@functools.cache
def _data_loader() -> Any:
    """Botocore's service models: megabytes of constant JSON, so one copy for the whole process."""
    from botocore.loaders import create_loader

    loader = create_loader()
    # The loader gives this same object to every later caller, so trim it in place.
    for partition in loader.load_data_with_path("endpoints")[0]["partitions"]:
        partition["services"] = {name: each for name, each in partition["services"].items() if name in ENDPOINTS}
    return loader


def _retries(attempts: int) -> dict[str, Any]:
    return {"mode": "standard", "total_max_attempts": attempts}


def _settled(path: Path) -> contents.Reading:
    try:
        reading = whole_read.read(path)
        if reading.data is None:
            contents.refuse_emptied(path, paths.locate(os.environ).locks_dir)
    except contents.PathError as error:
        # Botocore takes such a link as a missing file, and all profiles as unknown; the other it would read whole.
        raise IssueError(FailureKind.BAD_CONFIG, error.sentence, error.hint, reason=error.reason) from None
    except CredentialsFileError as error:
        if isinstance(error.__cause__, IsADirectoryError) and not (path.is_dir() or contents.is_null(path)):
            # A FIFO would block botocore forever, and a device has no end.
            raise _unreadable(error.sentence, error.hint) from None
        # Botocore reads a path such as /dev/null all the same.
        return contents.Reading(None, contents.stamp(path))
    return reading


def _check_readable(path: Path) -> None:
    # Opening a FIFO would wait for a writer. The next step refuses it.
    if path.is_fifo():
        return
    try:
        patiently(lambda: path.open("rb").close())
    except (FileNotFoundError, NotADirectoryError):
        pass
    except IsADirectoryError as error:
        known = file_error(error, path)
        raise _unreadable(known.sentence, known.hint) from None
    except OSError as error:
        hint = "Give your user permission to read it."
        raise _unreadable(f"{path} cannot be read: {error.strerror}.", hint) from None


def _unreadable(sentence: str, hint: str) -> IssueError:
    return IssueError(FailureKind.BAD_CONFIG, sentence, hint, reason=contents.PathError.reason)
