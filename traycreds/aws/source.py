"""A source's keys, by botocore's rules, and the session they come from; shared by all roles.

Never reads keys from the app's environment, except for `credential_source = Environment`. boto3 cannot resolve a source
profile, so this module uses botocore too.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traycreds.aws.assume_role import AssumeRoleSettings, has_keys
from traycreds.aws.botocore_session import BotoSessions, ProfileSession, StsClients, login_tokens, settled
from traycreds.aws.bounded_http import BoundedSession
from traycreds.aws.keys import FROM_FILES, Keys
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sso import aws_login
from traycreds.aws.sso.oidc import renew
from traycreds.aws.sso.token_cache import key_of
from traycreds.aws.sso.token_refresh import BotocoreTokens, Renew
from traycreds.aws.usable_credentials import (
    UnusableError,
    checked_process_provider,
    checked_service_provider,
    end_of,
    frozen_credentials,
    is_still_expired,
    remedy,
    session_of,
)
from traycreds.awsfiles.settings import values as setting_values
from traycreds.awsfiles.settings.blame import Suspect, UnusableSettingError, wrong_setting
from traycreds.awsfiles.settings.values import WrongValue
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.model import DEFAULT_PROFILE, Role
from traycreds.files import contents
from traycreds.process import bounded_program
from traycreds.process.programs.credential_process import BotocoreProcess
from traycreds.process.programs.lookup import ProgramError
from traycreds.shell.quoting import shell_word
from traycreds.state import known_secrets

PROGRAM_SECONDS = 40.0
"""How long a credential_process may take: less than a refresh, so that it ends first."""


class SourceKeys:
    """A source's keys, resolved once for all roles that use it, and the session they come from.

    The session is not thread-safe, so a lock guards it; roles that wait share one resolution and its failure.
    """

    def __init__(self, sessions: BotoSessions, mfa: MfaSessions, region: str) -> None:
        """Resolve nothing yet; `mfa` assumes the earlier roles of the chain."""
        self._sessions = sessions
        self._mfa = mfa
        self._region = region
        self._lock = threading.Lock()
        self._session: ProfileSession | None = None
        self._fingerprint = ""
        self._chain_cache: dict[str, Any] = {}
        self._keys: Keys | None = None
        self._clients: StsClients | None = None
        self._failure: Exception | None = None
        self._failures = 0

    def keys(self, settings: AssumeRoleSettings) -> Keys:
        """The source's keys: from memory while usable, else resolved again."""
        failures = self._failures
        with self._lock:
            session = self._reopened(settings)
            if self._keys is not None and self._keys.usable():
                return self._keys
            if self._failure is not None and self._failures > failures:
                # It failed while this caller waited, and another try would make the next caller wait too.
                raise self._failure
            try:
                keys = _resolve_alone(session, settings, self._chain_cache, self._mfa)
            except Exception as error:
                self._failure, self._failures = error, self._failures + 1
                raise
            self._keys, self._failure = keys, None
            return keys

    def own_session(self, settings: AssumeRoleSettings) -> Keys:
        """A new session of the profile itself; nothing comes from a cache."""
        with self._lock:
            session = self._reopened(settings)
            return _resolve_alone(session, settings, {}, self._mfa)

    def clients(self, settings: AssumeRoleSettings) -> StsClients:
        """The STS clients of the session."""
        with self._lock:
            self._reopened(settings)
            assert self._clients is not None
            return self._clients

    def forget(self, keys: Keys) -> bool:
        """Drop keys that AWS calls expired; return False when the files have no others."""
        with self._lock:
            if self._keys is keys:
                self._keys, self._chain_cache = None, {}
            return keys.method not in FROM_FILES

    def _reopened(self, settings: AssumeRoleSettings) -> ProfileSession:
        """The session; a new one after a change of what the source depends on, never after our own writes."""
        if self._session is None or self._fingerprint != settings.fingerprint:
            self._session = self._sessions.open(settings.top)
            self._fingerprint, self._keys, self._chain_cache = settings.fingerprint, None, {}
            self._clients = StsClients(self._session, self._region, lock=self._lock, attempts=self._session.attempts)
        return self._session


class _ChainedSts:
    """The STS client that botocore uses for a role in a chain; for MFA it uses the sessions of the app."""

    def __init__(self, mfa: MfaSessions, role: Role, keys: Keys, clients: StsClients) -> None:
        self._mfa = mfa
        self._role = role
        self._keys = keys
        self._clients = clients

    def assume_role(self, **arguments: Any) -> Any:
        # The code here is only the placeholder from `prompter`.
        arguments.pop("TokenCode", None)
        serial = arguments.pop("SerialNumber", None)
        given = session_of(lambda: self._mfa.assume_role(self._role, self._keys, serial, arguments, self._clients))
        return {"Credentials": given}


def _resolve(session: ProfileSession, settings: AssumeRoleSettings, cache: dict[str, Any], mfa: MfaSessions) -> Keys:
    from botocore import configloader
    from botocore import credentials as boto
    from botocore.exceptions import CredentialRetrievalError

    aws = session.botocore

    def create_client(_service: str, **options: Any) -> Any:
        key, secret, token = (options[f"aws_{end}"] for end in ("access_key_id", "secret_access_key", "session_token"))
        keys = Keys(key, secret, token, None, "source")
        # One try a call, since others wait for it; the engine tries again. Who resolves has locked the session.
        clients = StsClients(session, settings.region, lock=contextlib.nullcontext(), attempts=1)
        return _ChainedSts(mfa, settings.role, keys, clients)

    class Builder(_with_bounded_tokens(boto.ProfileProviderBuilder)):  # type: ignore[misc]
        def _create_shared_credential_provider(self, profile_name: str) -> Any:
            file = aws.get_config_variable("credentials_file")
            return boto.SharedCredentialProvider(file, profile_name, settled(configloader.raw_config_parse))

        def _create_config_provider(self, profile_name: str) -> Any:
            return boto.ConfigProvider(
                aws.get_config_variable("config_file"), profile_name, settled(configloader.load_config)
            )

        def _create_process_provider(self, profile_name: str) -> Any:
            provider = checked_process_provider(boto.ProcessProvider)
            return provider(
                profile_name,
                lambda: aws.full_config,
                popen=functools.partial(BotocoreProcess, seconds=PROGRAM_SECONDS),
            )

    builder = Builder(
        aws,
        cache=cache,
        region_name=settings.region,
        sso_token_cache=BotocoreTokens(session.tokens, _renewals(session)),
        login_token_cache=login_tokens(),
    )
    sourcer = boto.CanonicalNameCredentialSourcer(
        [
            boto.EnvProvider(),
            checked_service_provider(boto.ContainerProvider)(fetcher=_container_metadata()),
            _instance_metadata(aws),
        ]
    )
    if settings.credential_source is not None:
        if wrong := setting_values.credential_source(settings.credential_source):
            sentence = f"credential_source of profile {settings.top} {wrong.what}."
            raise IssueError(FailureKind.BAD_CONFIG, sentence, wrong.remedy)
        found = sourcer.source_credentials(settings.credential_source)
        if found is None:
            raise CredentialRetrievalError(provider=settings.credential_source, error_msg="nothing")
    else:
        profile = settings.source_profile
        providers = builder.providers(profile, disable_env_vars=True)
        if not has_keys(aws.full_config.get("profiles", {}).get(profile, {})):
            providers.insert(
                0,
                boto.AssumeRoleProvider(
                    load_config=lambda: aws.full_config,
                    client_creator=create_client,
                    cache=cache,
                    profile_name=profile,
                    # An empty code is a placeholder, and `_ChainedSts` asks for the real one.
                    prompter=lambda _: "",
                    credential_sourcer=sourcer,
                    profile_provider_builder=builder,
                ),
            )
        found = boto.CredentialResolver(providers).load_credentials()
    if found is None:
        hint = "Add keys or another source of credentials to it."
        raise IssueError(FailureKind.BAD_CONFIG, f"Profile {settings.source_profile} holds no credentials.", hint)
    frozen = frozen_credentials(found)
    known_secrets.note(frozen.secret_key, frozen.token)
    end, account_id = end_of(found), frozen.account_id or None
    return Keys(frozen.access_key, frozen.secret_key, frozen.token or None, end, found.method, account_id)


def _with_bounded_tokens(builder: Any) -> Any:
    class Bounded(builder):  # type: ignore[misc]
        def _create_web_identity_provider(self, *arguments: Any) -> Any:
            provider = super()._create_web_identity_provider(*arguments)
            provider._token_loader_cls = lambda path: lambda: contents.token(Path(path)).decode()  # noqa: SLF001 - it takes none
            return provider

    return Bounded


def _resolve_alone(
    session: ProfileSession, settings: AssumeRoleSettings, cache: dict[str, Any], mfa: MfaSessions
) -> Keys:
    """The source's credentials, under the lock of its `aws login`; see `_resolve_in_words`.

    A refresh token works once: if another tool used it first, use what that tool got.
    """
    from botocore.exceptions import LoginError

    login = settings.login_session
    with aws_login.locked(login):
        before = aws_login.refresh_token(login)
        try:
            return _resolve_in_words(session, settings, cache, mfa)
        except Exception as error:
            if not aws_login.renewed_by_others(login, before, refused=isinstance(error, LoginError)):
                raise
        return _resolve_in_words(session, settings, cache, mfa)


def _resolve_in_words(
    session: ProfileSession, settings: AssumeRoleSettings, cache: dict[str, Any], mfa: MfaSessions
) -> Keys:
    """The source's credentials; `cache` holds the sessions of earlier roles in the chain, which `mfa` assumes.

    Raises IssueError: a credential_process or token file is missing, or gives nothing usable.
    """
    try:
        return _resolve(session, settings, cache, mfa)
    except (ProgramError, bounded_program.OverdueError, bounded_program.ChattyError) as error:
        # One that takes too long may wait for a network.
        kind = FailureKind.NETWORK if isinstance(error, bounded_program.OverdueError) else FailureKind.PROGRAM
        sentence = f"{_source_in_words(settings)} got no credentials: {error.sentence}"
        raise IssueError(kind, sentence, error.hint) from None
    except (OSError, ValueError, KeyError, RuntimeError, OverflowError) as error:
        # Some of botocore's own errors are a `ValueError` or an `OSError` too.
        if type(error).__module__.startswith("botocore"):
            raise
        if type(error) is RuntimeError and settings.login_session is None and not is_still_expired(error):
            # This one comes from `awscrt`, for a key that is not valid.
            raise
        # Of an OSError the path may be shown; the others may quote what they read.
        detail = f": {error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else ""
        detail = f": {error}" if isinstance(error, UnusableError) else detail
        kind, hint = remedy(session.botocore.full_config, settings.chain, settings.credential_source, settings.region)
        if settings.login_session is not None:
            kind, hint = FailureKind.SOURCE_EXPIRED, f"Run: aws login --profile {shell_word(settings.login)}"
        if not detail and (blamed := blamed_setting(session.botocore.full_config, settings)) is not None:
            place, wrong = blamed
            kind, hint, detail = FailureKind.BAD_CONFIG, wrong.remedy, f": {place} {wrong.what}"
        sentence = f"{_source_in_words(settings)} got no usable credentials{detail}."
        raise IssueError(kind, sentence, hint) from None


def blamed_setting(config: Mapping[str, Any], settings: AssumeRoleSettings) -> tuple[str, WrongValue] | None:
    """Where in the files or the environment a wrong value keeps these settings from working, and what is wrong with it.

    `config` is botocore's view of both files.
    """
    region = Suspect("its region", setting_values.region(settings.region))
    top = settings.top or DEFAULT_PROFILE
    found = wrong_setting(config, os.environ, top=top, region=region, chain=settings.chain)
    return None if found is None or found.wrong is None else (found.place, found.wrong)


def _renewals(session: ProfileSession) -> dict[str, Renew]:
    """How to renew the sign-in of each sso-session, by the key of its token.

    As in botocore, the session names the region (older tokens do not), and legacy sign-ins are never renewed.
    """
    sessions: Mapping[str, Mapping[str, str]] = session.botocore.full_config.get("sso_sessions", {})
    return {
        key_of(name): functools.partial(_renew, session, settings["sso_region"])
        for name, settings in sessions.items()
        if "sso_region" in settings
    }


def _renew(session: ProfileSession, region: str, token: Mapping[str, Any]) -> dict[str, Any]:
    """Renew a sign-in token by one call, since a refresh token works once."""
    return renew(session.unsigned("sso-oidc", region, attempts=1), token)


def _source_in_words(settings: AssumeRoleSettings) -> str:
    if settings.credential_source is not None:
        return f"The credential_source {settings.credential_source} of profile {settings.top}"
    return f"Profile {settings.source_profile}"


def _instance_metadata(session: Any) -> Any:
    from botocore.credentials import InstanceMetadataProvider
    from botocore.utils import InstanceMetadataFetcher, resolve_imds_endpoint_mode

    names = ("ec2_metadata_service_endpoint", "ec2_metadata_v1_disabled")
    config = {name: session.get_config_variable(name) for name in names}
    config["ec2_metadata_service_endpoint_mode"] = resolve_imds_endpoint_mode(session)
    numbers = ("metadata_service_timeout", "metadata_service_num_attempts")
    try:
        timeout, attempts = map(session.get_config_variable, numbers)
    except ValueError as error:
        # One of the two values is not a number.
        raise UnusableSettingError from error
    fetcher = InstanceMetadataFetcher(
        timeout=timeout, num_attempts=attempts, user_agent=session.user_agent(), config=config
    )
    fetcher._session = BoundedSession(fetcher._session)  # noqa: SLF001 - it takes none
    return checked_service_provider(InstanceMetadataProvider)(iam_role_fetcher=fetcher)


def _container_metadata() -> Any:
    from botocore.httpsession import URLLib3Session
    from botocore.utils import ContainerMetadataFetcher

    return ContainerMetadataFetcher(
        session=BoundedSession(URLLib3Session(timeout=ContainerMetadataFetcher.TIMEOUT_SECONDS))
    )
