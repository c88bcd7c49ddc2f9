"""Finds the profile setting or variable behind a failed call, so it never refuses what works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from traycreds.awsfiles.settings import values
from traycreds.awsfiles.settings.values import SETTINGS, SIGN_IN, Value, WrongValue

Profile: TypeAlias = Mapping[str, Any]

SERVICES = {"sts": "AWS_ENDPOINT_URL_STS", "sso": "AWS_ENDPOINT_URL_SSO", "sso_oidc": "AWS_ENDPOINT_URL_SSO_OIDC"}
"""The variables that name an address for one service, by the service's name in a [services] section."""
_ANY_SERVICE = "AWS_ENDPOINT_URL"
_VARIABLES = {
    setting.variable: setting.rule
    for setting in SETTINGS.values()
    if setting.variable is not None and setting.variable != _ANY_SERVICE
}


class UnusableSettingError(Exception):
    """A setting has the wrong type, such as text for a number."""


class Suspect(NamedTuple):
    """A value that may be to blame: where it is, and what is wrong with it."""

    place: str
    wrong: WrongValue | None


def wrong_setting(
    config: Mapping[str, Any], environ: Mapping[str, str], *, top: str, region: Suspect, chain: Sequence[str]
) -> Suspect | None:
    """The setting to blame, or None; `top` has the options, `chain` the credentials, `config` is botocore's view."""
    profiles: Mapping[str, Profile] = config.get("profiles", {})
    profile = profiles.get(top, {})
    sign_ins = [name for name in chain if _signs_in(profiles.get(name, {}))]
    suspects = (
        *_addresses(top, profile, config.get("services", {}), environ, sign_in=bool(sign_ins)),
        *_of_variables(environ, profile),
        *_of_profile(top, profile, environ),
        region,
        *_sign_ins(profiles, config.get("sso_sessions", {}), sign_ins),
    )
    return next((suspect for suspect in suspects if suspect.wrong is not None), None)


def wrong_variables(environ: Mapping[str, str], profile: Profile, *, sign_in: bool) -> Iterator[Suspect]:
    """The variables that no call of a profile can work with; `sign_in`: it uses IAM Identity Center."""
    for variable in (*_services(sign_in=sign_in).values(), _ANY_SERVICE):
        if environ.get(variable) and (wrong := values.address(environ[variable])):
            yield Suspect(f"the variable {variable}", wrong)
    yield from (suspect for suspect in _of_variables(environ, profile) if suspect.wrong is not None)


def port_of_monitoring(environ: Mapping[str, str], profile: Profile) -> str | None:
    """The setting or variable with the port of client-side monitoring, if that is on and has one."""
    # Botocore reads the value the same way.
    if str(environ.get("AWS_CSM_ENABLED", profile.get("csm_enabled"))).lower() != "true":
        return None
    return "AWS_CSM_PORT" if "AWS_CSM_PORT" in environ else "csm_port" if "csm_port" in profile else None


def _of_variables(environ: Mapping[str, str], profile: Profile) -> Iterator[Suspect]:
    for variable, rule in _VARIABLES.items():
        if variable in environ:
            yield Suspect(f"the variable {variable}", rule(environ[variable]))
    if port_of_monitoring(environ, profile) == "AWS_CSM_PORT":
        yield Suspect("the variable AWS_CSM_PORT", values.port(environ["AWS_CSM_PORT"]))
    if "ca_bundle" not in profile and "AWS_CA_BUNDLE" not in environ and "REQUESTS_CA_BUNDLE" in environ:
        yield Suspect("the variable REQUESTS_CA_BUNDLE", values.certificates(environ["REQUESTS_CA_BUNDLE"]))


def _of_profile(top: str, profile: Profile, environ: Mapping[str, str]) -> Iterator[Suspect]:
    for name, setting in SETTINGS.items():
        hidden = setting.variable is not None and setting.variable in environ
        if name in profile and name != "endpoint_url" and not hidden:
            yield Suspect(f"{name} of profile {top}", setting.rule(profile[name]))
    if port_of_monitoring(environ, profile) == "csm_port":
        yield Suspect(f"csm_port of profile {top}", values.port(profile["csm_port"]))


def _services(*, sign_in: bool) -> Mapping[str, str]:
    return {service: variable for service, variable in SERVICES.items() if sign_in or service == "sts"}


def _signs_in(profile: Profile) -> bool:
    return "role_arn" not in profile and not {"sso_account_id", "sso_role_name"}.isdisjoint(profile)


def _addresses(
    top: str,
    profile: Profile,
    services: Mapping[str, Mapping[str, Value]],
    environ: Mapping[str, str],
    *,
    sign_in: bool,
) -> Iterator[Suspect]:
    """The address that counts for each service, in botocore's order."""
    name = profile.get("services")
    block = services.get(str(name), {})
    for service, variable in _services(sign_in=sign_in).items():
        lines, place = block.get(service), f"{service} in [services {name}]"
        of_service: tuple[str, Value | None, values.Rule]
        if isinstance(lines, str):
            of_service = place, lines or " ", values.lines
        else:
            of_service = f"endpoint_url of {place}", (lines or {}).get("endpoint_url"), values.address
        for where, value, rule in (
            (f"the variable {variable}", environ.get(variable), values.address),
            (f"the variable {_ANY_SERVICE}", environ.get(_ANY_SERVICE), values.address),
            of_service,
            (f"endpoint_url of profile {top}", profile.get("endpoint_url"), values.address),
        ):
            if value:
                yield Suspect(where, rule(value))
                break


def _sign_ins(
    profiles: Mapping[str, Profile], sessions: Mapping[str, Profile], names: Iterable[str]
) -> Iterator[Suspect]:
    for name in names:
        profile = profiles[name]
        session = str(profile.get("sso_session"))
        for key, rule in SIGN_IN.items():
            if key in sessions.get(session, {}):
                yield Suspect(f"{key} of sso-session {session}", rule(sessions[session][key]))
            elif key in profile:
                yield Suspect(f"{key} of profile {name}", rule(profile[key]))
