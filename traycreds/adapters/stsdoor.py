"""The only door to botocore: sessions, keys of source profiles, STS clients. Recipe: shared/aws-facts.md 1.3.

Must never read the app's AWS_PROFILE or the keys of its environment (but for `credential_source = Environment`), and
never use botocore's default session. botocore is imported by the first call, since it is slow to load.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from datetime import timezone
from pathlib import Path
from typing import Any, TypeAlias

from traycreds import __version__
from traycreds.adapters import child, files
from traycreds.adapters.fileswindows import patiently
from traycreds.adapters.hop import Hop, has_keys
from traycreds.adapters.keys import Keys
from traycreds.adapters.ssocache import TokenFolder
from traycreds.adapters.ssooidc import renew
from traycreds.adapters.ssotokens import BotocoreTokens, Tokens
from traycreds.core.errors import FailureKind, IssueError

ATTEMPTS = 2
"""Tries of one call; a call with an MFA code gets one, since a code works once and a retry could burn it."""

NO_PROFILE = {"profile": (None, None, None, None)}
"""Variables of a session that belongs to no profile: not even AWS_PROFILE gives it one."""

Connect: TypeAlias = Callable[[Keys, bool], Any]
"""Makes the STS client that signs with some keys; with False it tries each call once."""

Assume: TypeAlias = Callable[[Keys, dict[str, Any], Connect], Any]
"""Assumes a role with some keys and the parameters of AssumeRole; gives the answer."""

ENDPOINTS = frozenset({"sts", "portal.sso", "oidc", "signin"})
"""The services that we call, as botocore's table of endpoints has them; the other 400 are 5 MB of memory."""

TOKENS = "traycreds_sign_in_tokens"
"""The name of our own component of a session."""


class Door:
    """Opens sessions of botocore, all with one data loader, and reads the AWS files once a change."""

    def __init__(self, *, connect_timeout: float, read_timeout: float, on_answer: Callable[..., None]) -> None:
        """Prepare; imports nothing.

        Args:
            connect_timeout: seconds, each try.
            read_timeout: seconds of silence, each try.
            on_answer: handler of botocore's `after-call` event.
        """
        self._timeouts = {"connect_timeout": connect_timeout, "read_timeout": read_timeout}
        self._on_answer = on_answer
        self._lock = threading.Lock()
        self._paths: Any = None
        self._loader: Any = None
        self._stamp: object = None
        self._config: Mapping[str, Any] = {}
        self._tokens: Tokens | None = None

    def config(self) -> Mapping[str, Any]:
        """The merged view of both AWS files: profiles, sso_sessions, services; parsed again when a file has changed.

        Raises:
            IssueError: BAD_CONFIG, when a file is there but cannot be opened (botocore takes it for an empty one).
        """
        import botocore.session  # noqa: PLC0415 - heavy, as all imports of botocore in here

        with self._lock:
            if self._paths is None:
                self._paths = botocore.session.Session(session_vars=NO_PROFILE)
                self._loader = _data_loader()
                self._tokens = Tokens(TokenFolder.of_this_user())
            paths = [
                Path(self._paths.get_config_variable(name)).expanduser() for name in ("config_file", "credentials_file")
            ]
            stamp = [(path, files.stamp(path)) for path in paths]
            if stamp != self._stamp:
                for path in paths:
                    _check_readable(path)
                self._config = botocore.session.Session(session_vars=NO_PROFILE).full_config
                self._stamp = stamp
            return self._config

    def open(self, profile: str) -> Any:
        """A session with the options of a profile."""
        import botocore.session  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415
        from botocore.credentials import CredentialResolver  # noqa: PLC0415

        session = botocore.session.Session(profile=profile)
        session.register_component("data_loader", self._loader)
        session.register_component("credential_provider", CredentialResolver([]))  # no client finds keys by itself
        session.register_component(TOKENS, self._tokens)
        session.set_default_client_config(
            Config(retries=_retries(ATTEMPTS), user_agent_extra=f"traycreds/{__version__}", **self._timeouts)
        )
        session.register("after-call", self._on_answer)
        return session


class _MfaClient:
    """What botocore takes for an STS client; hands AssumeRole on, so that a hop with MFA needs no code of its own."""

    def __init__(self, keys: Keys, assume: Assume, connect: Connect) -> None:
        self._keys = keys
        self._assume = assume
        self._connect = connect

    def assume_role(self, **arguments: Any) -> Any:
        arguments.pop("TokenCode", None)  # what stood for the code
        return self._assume(self._keys, arguments, self._connect)


def _resolve(session: Any, hop: Hop, cache: dict[str, Any], assume: Assume) -> Keys:
    """The credentials of a hop's source, by botocore's own rules; `cache` keeps the hops before it."""
    from botocore import credentials as boto  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import CredentialRetrievalError  # noqa: PLC0415
    from botocore.utils import create_nested_client  # noqa: PLC0415

    def connect(keys: Keys, _retry: bool) -> Any:
        # One try, since others wait for this hop; the engine tries again.
        return create_nested_client(
            session,
            "sts",
            region_name=hop.region,
            config=Config(retries=_retries(1)),
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
            aws_session_token=keys.token,
        )

    def create_client(_service: str, **options: Any) -> Any:
        key, secret, token = (options[f"aws_{end}"] for end in ("access_key_id", "secret_access_key", "session_token"))
        return _MfaClient(Keys(key, secret, token, None, "source"), assume, connect)

    class Builder(boto.ProfileProviderBuilder):  # type: ignore[misc]
        def _create_process_provider(self, profile_name: str) -> Any:
            return boto.ProcessProvider(profile_name, lambda: session.full_config, popen=child.started)

    builder = Builder(
        session,
        cache=cache,
        region_name=hop.region,
        sso_token_cache=BotocoreTokens(session.get_component(TOKENS), lambda token: _renew(session, token)),
    )
    sourcer = boto.CanonicalNameCredentialSourcer(
        [boto.EnvProvider(), boto.ContainerProvider(), _instance_metadata(session)]
    )
    if hop.credential_source is not None:
        if not sourcer.is_supported(hop.credential_source):
            raise IssueError(
                FailureKind.BAD_CONFIG,
                f"Profile {hop.top} names a credential_source that does not exist: {hop.credential_source}.",
                "It can be Environment, Ec2InstanceMetadata or EcsContainer.",
            )
        found = sourcer.source_credentials(hop.credential_source)
        if found is None:
            raise CredentialRetrievalError(provider=hop.credential_source, error_msg="nothing")
    else:
        profile = hop.source_profile
        providers = builder.providers(profile, disable_env_vars=True)
        if not has_keys(session.full_config.get("profiles", {}).get(profile, {})):
            providers.insert(
                0,
                boto.AssumeRoleProvider(
                    load_config=lambda: session.full_config,
                    client_creator=create_client,
                    cache=cache,
                    profile_name=profile,
                    prompter=lambda _: "",  # stands for a code; _MfaClient knows better
                    credential_sourcer=sourcer,
                    profile_provider_builder=builder,
                ),
            )
        found = boto.CredentialResolver(providers).load_credentials()
    if found is None:
        hint = "Add keys or another source of credentials to it."
        raise IssueError(FailureKind.BAD_CONFIG, f"Profile {hop.source_profile} holds no credentials.", hint)
    frozen = found.get_frozen_credentials()
    expiry = getattr(found, "_expiry_time", None)  # no public name; awscli reads it too
    expires_at = expiry.astimezone(timezone.utc) if expiry is not None else None
    return Keys(frozen.access_key, frozen.secret_key, frozen.token, expires_at, found.method)


def resolve(session: Any, hop: Hop, cache: dict[str, Any], assume: Assume) -> Keys:
    """The credentials of a hop's source; what foreign programs and files do wrong comes in words.

    Args:
        session: of the hop's top profile.
        hop: whose source is meant.
        cache: keeps the sessions of the hops before it.
        assume: assumes a role with some keys, by way of MFA where the arguments name a device.

    Raises:
        IssueError: a credential_process or a token file is not there, or holds nothing that can be read.
    """
    try:
        return _resolve(session, hop, cache, assume)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if type(error).__module__.startswith("botocore"):  # some of its own are ValueErrors and OSErrors too
            raise
        if isinstance(error, RuntimeError) and hop.login_session is None:  # awscrt's, of a key that is none
            raise
        # Of an OSError the path may be shown; the others may quote what they read.
        detail = f": {error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else ""
        raise IssueError(
            FailureKind.SOURCE_EXPIRED,
            f"{_source_in_words(hop)} got no credentials that can be used{detail}.",
            f"Run: aws login --profile {hop.login}"
            if hop.login_session is not None
            else "Check its credential_process, token file or sign-in with aws sts get-caller-identity.",
        ) from None


def create_client(session: Any, region: str, keys: Keys | None, *, attempts: int) -> Any:
    """An STS client that signs with these keys (with None: not at all) and tries each call so many times."""
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(retries=_retries(attempts))
    if keys is None:
        return session.create_client("sts", region_name=region, config=config.merge(Config(signature_version=UNSIGNED)))
    return session.create_client(
        "sts",
        region_name=region,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token,
        config=config,
    )


def create_anonymous_client(service: str, region: str, *, connect_timeout: float, read_timeout: float) -> Any:
    """A client that belongs to no profile, signs nothing and tries each call once: for signing in."""
    import botocore.session  # noqa: PLC0415
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    session = botocore.session.Session(session_vars=NO_PROFILE)
    session.register_component("data_loader", _data_loader())
    config = Config(
        signature_version=UNSIGNED,
        retries=_retries(1),
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        user_agent_extra=f"traycreds/{__version__}",
    )
    return session.create_client(service, region_name=region, config=config)


def certificates() -> str:
    """The file of certificates that calls to AWS trust where nothing else is said: certifi's or botocore's own."""
    from botocore.httpsession import where  # noqa: PLC0415

    return str(where())


def _renew(session: Any, token: Mapping[str, Any]) -> dict[str, Any]:
    """Renew a sign-in token by one call, since a refresh token works once."""
    from botocore import UNSIGNED  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.utils import create_nested_client  # noqa: PLC0415

    once = Config(retries=_retries(1), signature_version=UNSIGNED)
    return renew(create_nested_client(session, "sso-oidc", region_name=token["region"], config=once), token)


def _source_in_words(hop: Hop) -> str:
    if hop.credential_source is not None:
        return f"The credential_source {hop.credential_source} of profile {hop.top}"
    return f"Profile {hop.source_profile}"


def _instance_metadata(session: Any) -> Any:
    from botocore.credentials import InstanceMetadataProvider  # noqa: PLC0415
    from botocore.utils import InstanceMetadataFetcher, resolve_imds_endpoint_mode  # noqa: PLC0415

    names = ("ec2_metadata_service_endpoint", "ec2_metadata_v1_disabled")
    config = {name: session.get_config_variable(name) for name in names}
    config["ec2_metadata_service_endpoint_mode"] = resolve_imds_endpoint_mode(session)
    return InstanceMetadataProvider(
        iam_role_fetcher=InstanceMetadataFetcher(
            timeout=session.get_config_variable("metadata_service_timeout"),
            num_attempts=session.get_config_variable("metadata_service_num_attempts"),
            user_agent=session.user_agent(),
            config=config,
        )
    )


@functools.cache
def _data_loader() -> Any:
    """The service models of botocore: megabytes of parsed JSON that never change, so one for the whole process."""
    from botocore.loaders import create_loader  # noqa: PLC0415

    loader = create_loader()
    for partition in loader.load_data_with_path("endpoints")[0]["partitions"]:  # what it gives to all who ask later
        partition["services"] = {name: each for name, each in partition["services"].items() if name in ENDPOINTS}
    return loader


def _retries(attempts: int) -> dict[str, Any]:
    return {"mode": "standard", "total_max_attempts": attempts}


def _check_readable(path: Path) -> None:
    try:
        patiently(lambda: path.open("rb").close())
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise IssueError(
            FailureKind.BAD_CONFIG, f"{path} cannot be read: {error.strerror}.", "Make it readable for your user."
        ) from None
