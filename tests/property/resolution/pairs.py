"""Random pairs of ~/.aws/config and ~/.aws/credentials, with the tokens and programs that they name; one seed, one pair."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

NAMES = ("a", "b", "c", "d", "default", "my.team/x")
SESSIONS = ("corp", "lab")
REGIONS = ("eu-west-1", "us-east-2", "us-east-1")
ACCOUNT = "123456789012"
STS_ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
START = "https://{}.awsapps.com/start"
ENVIRONMENT_KEY = "AKIAENVIRONMENT00000"
HOUR = timedelta(hours=1)

OPTIONS = ("region", "sso_session")
"""What the client of STS depends on: one of our roles with a `source_profile` takes it from there."""

KINDS = {
    "role": 6,
    "credential_source": 2,
    "keys": 4,
    "sso": 3,
    "legacy sso": 2,
    "web identity": 2,
    "process": 2,
    "nothing": 1,
}
"""What a profile is, and how often."""


@dataclass(frozen=True)
class Pair:
    """Files of a home folder, and what is asked.

    Attributes:
        seed: that makes it.
        config: profiles and sso-sessions of ~/.aws/config: section, settings.
        credentials: the same of ~/.aws/credentials.
        files: content of other files, by path below the home folder; those of sso/cache are sign-in tokens.
        environment: variables that hold keys.
        ask: the profile whose session is asked for.
        over: it is asked for as the source of another role instead, which is the profile `over` for botocore.
        serials: the MFA devices that are named.
    """

    seed: int
    config: tuple[tuple[str, dict[str, str]], ...]
    credentials: tuple[tuple[str, dict[str, str]], ...]
    files: dict[str, str]
    environment: dict[str, str]
    ask: str
    over: bool
    serials: tuple[str, ...] = field(default=())


def secret_of(key_id: str) -> str:
    """The secret that belongs to an access key."""
    return hashlib.sha256(key_id.encode()).hexdigest()[:40]


def text(sections: tuple[tuple[str, dict[str, str]], ...], home: str) -> str:
    """A file of these sections; `~~` in a value stands for the home folder."""
    lines = []
    for name, settings in sections:
        lines.append(f"[{name}]")
        lines += [f"{key} = {value.replace('~~', home)}" for key, value in settings.items()]
        lines.append("")
    return "\n".join(lines)


class Maker:
    """Makes the pair of a seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.now = datetime.now(timezone.utc).replace(microsecond=0)
        self.files: dict[str, str] = {}
        self.config: dict[str, dict[str, str]] = {}
        self.credentials: dict[str, dict[str, str]] = {}
        self.serials: list[str] = []

    def pair(self) -> Pair:
        names = self.random.sample(NAMES, self.random.randint(2, 5))
        for name in names:
            self._profile(name, names)
        for session in SESSIONS:
            self._session(session)
        roles = [name for name in names if "role_arn" in self._merged(name)]
        ask = self.random.choice(roles if roles and self.random.random() < 0.4 else names)
        over = self.random.random() < 0.4
        if over:
            options = {key: value for key, value in self._merged(ask).items() if key in OPTIONS}
            self.config["profile over"] = {"role_arn": f"{STS_ROLE}over", "source_profile": ask, **options}
        environment = {}
        if self.random.random() < 0.6:
            environment = {"AWS_ACCESS_KEY_ID": ENVIRONMENT_KEY, "AWS_SECRET_ACCESS_KEY": secret_of(ENVIRONMENT_KEY)}
        if self.random.random() < 0.6:
            environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1/container"
        return Pair(
            seed=self.seed,
            config=self._shuffled(self.config),
            credentials=self._shuffled(self.credentials),
            files=self.files,
            environment=environment,
            ask=ask,
            over=over,
            serials=tuple(self.serials),
        )

    def _merged(self, name: str) -> dict[str, str]:
        """The settings of a profile, those of the credentials file on top."""
        return {**self.config.get(_header(name), {}), **self.credentials.get(name, {})}

    def _shuffled(self, sections: dict[str, dict[str, str]]) -> tuple[tuple[str, dict[str, str]], ...]:
        order = list(sections.items())
        self.random.shuffle(order)
        return tuple(order)

    def _profile(self, name: str, names: list[str]) -> None:
        settings = self._kind(name, names)
        if self.random.random() < 0.25:
            settings = {**self._kind(name, names), **settings}
        if settings and self.random.random() < 0.06:
            del settings[self.random.choice(list(settings))]
        if self.random.random() < 0.5:
            settings["region"] = self.random.choice(REGIONS)
        self._place(name, settings)

    def _kind(self, name: str, names: list[str]) -> dict[str, str]:
        kind = self.random.choices(list(KINDS), list(KINDS.values()))[0]
        make = getattr(self, f"_{kind.replace(' ', '_')}")
        return dict(make(name, names))

    def _place(self, name: str, settings: dict[str, str]) -> None:
        """Keys go into the credentials file mostly, all else mostly into the other; sometimes each is where it is not."""
        header = _header(name)
        stray = self.random.random()
        for key, value in settings.items():
            at_home = (key.startswith("aws_")) is (stray > 0.15) if stray < 0.9 else self.random.random() < 0.5
            if at_home:
                self.credentials.setdefault(name, {})[key] = value
            else:
                self.config.setdefault(header, {})[key] = value
        if not settings:
            self.config.setdefault(header, {})["output"] = "json"

    def _role(self, name: str, names: list[str]) -> dict[str, str]:
        odd = self.random.random()
        others = [other for other in names if other != name]
        source = name if odd < 0.15 else "gone" if odd < 0.18 else self.random.choice(others)
        return {**self._target(name), "source_profile": source}

    def _credential_source(self, name: str, _: list[str]) -> dict[str, str]:
        return {
            **self._target(name),
            "credential_source": self.random.choice(["Environment", "EcsContainer", "Environment", "Moon"]),
        }

    def _target(self, name: str) -> dict[str, str]:
        denied = "denied-" if self.random.random() < 0.08 else ""
        settings = {"role_arn": f"{STS_ROLE}{denied}{hashlib.sha1(name.encode()).hexdigest()[:6]}"}
        optional = {
            "external_id": f"ext-{name[0]}",
            "role_session_name": f"me-{name[0]}",
            "duration_seconds": self.random.choice(["900", "7200", "1h"]),
        }
        settings |= {key: value for key, value in optional.items() if self.random.random() < 0.3}
        if self.random.random() < 0.12:
            settings["mfa_serial"] = f"arn:aws:iam::{ACCOUNT}:mfa/{hashlib.sha1(name.encode()).hexdigest()[:6]}"
            self.serials.append(settings["mfa_serial"])
        return settings

    def _keys(self, name: str, _: list[str]) -> dict[str, str]:
        number = self.random.randrange(1000)
        key = f"AKIA{hashlib.sha1(name.encode()).hexdigest()[:12].upper()}{number:04}"
        settings = {"aws_access_key_id": key, "aws_secret_access_key": secret_of(key)}
        if self.random.random() < 0.2:
            settings["aws_session_token"] = f"token-of-{key}"
        if self.random.random() < 0.08:
            del settings[self.random.choice(["aws_access_key_id", "aws_secret_access_key"])]
        return settings

    def _sso(self, name: str, _: list[str]) -> dict[str, str]:
        session = self.random.choice(SESSIONS) if self.random.random() < 0.95 else "gone"
        settings = {"sso_session": session, **self._assignment(name)}
        # These settings may contradict the session.
        if self.random.random() < 0.15:
            settings |= {"sso_region": REGIONS[0], "sso_start_url": START.format(self.random.choice(SESSIONS))}
        return settings

    def _legacy_sso(self, name: str, _: list[str]) -> dict[str, str]:
        label = f"old-{name[0]}"
        start = START.format(label)
        self._token(start, label, renewable=self.random.random() < 0.3)
        return {"sso_start_url": start, "sso_region": self.random.choice(REGIONS), **self._assignment(name)}

    def _assignment(self, name: str) -> dict[str, str]:
        role = "denied" if self.random.random() < 0.1 else f"Admin-{name[0]}"
        settings = {"sso_account_id": ACCOUNT, "sso_role_name": role}
        if self.random.random() < 0.08:
            del settings[self.random.choice(list(settings))]
        return settings

    def _session(self, name: str) -> None:
        settings = {"sso_start_url": START.format(name), "sso_region": self.random.choice(REGIONS)}
        if self.random.random() < 0.08:
            del settings[self.random.choice(list(settings))]
        self.config[f"sso-session {name}"] = settings
        self._token(name, name, renewable=self.random.random() < 0.7)

    def _token(self, key: str, label: str, *, renewable: bool) -> None:
        """What the cache holds of a sign-in: nothing, or a token in some state."""
        state = self.random.choice(["good", "good", "good", "soon", "expired", "expired", "refused", "missing"])
        if state == "missing":
            return
        left = {"good": 8 * HOUR, "soon": HOUR / 6}.get(state, -HOUR)
        token = {
            "startUrl": START.format(label),
            "region": self.random.choice(REGIONS),
            "accessToken": f"access-{label}-{self.seed}",
            "expiresAt": _moment(self.now + left),
        }
        if renewable:
            token |= {
                "clientId": f"client-{label}",
                "clientSecret": "client-secret",
                "registrationExpiresAt": _moment(self.now + self.random.choice([24 * HOUR, 24 * HOUR, -HOUR])),
                "refreshToken": f"{'refused' if state == 'refused' else 'refresh'}-{label}-{self.seed}",
            }
        for field_name in ("region", "clientSecret", "registrationExpiresAt"):
            if field_name in token and self.random.random() < 0.06:
                del token[field_name]
        self.files[f".aws/sso/cache/{hashlib.sha1(key.encode()).hexdigest()}.json"] = json.dumps(token)

    def _web_identity(self, name: str, _: list[str]) -> dict[str, str]:
        path = f".aws/token-{name[0]}"
        if self.random.random() < 0.9:
            self.files[path] = f"web-token-{name[0]}"
        settings = {**self._target(name), "web_identity_token_file": f"~~/{path}"}
        settings.pop("mfa_serial", None)
        return settings

    def _process(self, name: str, _: list[str]) -> dict[str, str]:
        path = f".aws/process-{name[0]}.json"
        key = f"ASIAPROCESS{name[0].upper()}00000000"
        answer = {
            "Version": 1,
            "AccessKeyId": key,
            "SecretAccessKey": secret_of(key),
            "SessionToken": f"token-of-{key}",
        }
        answer |= {"Expiration": _moment(self.now + self.random.choice([HOUR, HOUR, HOUR / 12]))}
        for field_name, rate in {
            "Expiration": 0.2,
            "Version": 0.05,
            "SecretAccessKey": 0.05,
            "SessionToken": 0.05,
        }.items():
            if self.random.random() < rate:
                del answer[field_name]
        self.files[path] = json.dumps(answer) if self.random.random() < 0.95 else "no JSON"
        return {"credential_process": f"cat ~~/{path}" if self.random.random() < 0.95 else "false"}

    def _nothing(self, _: str, __: list[str]) -> dict[str, str]:
        return {"output": "json"}


def make(seed: int) -> Pair:
    """The pair of a seed."""
    return Maker(seed).pair()


def _header(name: str) -> str:
    """The section of a profile in ~/.aws/config."""
    return name if name == "default" else f"profile {name}"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
