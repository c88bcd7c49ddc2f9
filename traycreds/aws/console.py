"""Turns a session into an AWS console URL through AWS's federation endpoint. Never logs or shows the session.

The session goes into the body of a POST; the answer is a token for the URL, good for fifteen minutes (IAM User Guide,
"Enable custom identity broker access to the AWS console").
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib import error as errors
from urllib import request
from urllib.parse import urlencode, urlsplit

from traycreds.aws import connections
from traycreds.core.errors import FailureKind, IssueError, UsageError
from traycreds.core.model import Credentials, Role
from traycreds.core.text import json_value
from traycreds.core.value_class import value_class
from traycreds.lifecycle.regions import partition_of
from traycreds.process.bounded_call import bounded_call

ENDPOINT = "TRAYCREDS_FEDERATION_ENDPOINT"
"""The environment variable that names another federation endpoint, for tests."""

_PLACES: Mapping[str, str] = {
    "cognito-idp": "cognito/v2/home",
    "dynamodb": "dynamodbv2/home",
    "ecs": "ecs/v2/home",
    "elbv2": "ec2/home#LoadBalancers:",
    "logs": "cloudwatch/home#logsV2:log-groups",
    "route53": "route53/v2/home",
    "sso": "singlesignon/home",
    "ssm": "systems-manager/home",
    "stepfunctions": "states/home",
}
"""Services whose name in the console differs from the AWS CLI's."""
SECONDS = 15.0
"""For the whole answer of the federation endpoint, even if bytes keep dripping in."""
_SLACK = 1.0
"""Seconds until a request has ended after its deadline."""
_LARGEST = 65536
_ISSUER = "https://github.com/traycreds"


@value_class
class _Partition:
    sign_in: str
    console: str
    sign_out: str | None = None


_PARTITIONS: Mapping[str, _Partition] = {
    "aws": _Partition(
        "https://signin.aws.amazon.com/federation", "console.aws.amazon.com", "us-east-1.signin.aws.amazon.com"
    ),
    "aws-us-gov": _Partition("https://signin.amazonaws-us-gov.com/federation", "console.amazonaws-us-gov.com"),
    "aws-cn": _Partition("https://signin.amazonaws.cn/federation", "console.amazonaws.cn"),
}


def check(role: Role, *, service: str | None = None, sign_out: bool = False) -> None:
    """Check what needs no session before one is made, which may cost a code.

    Raises UsageError: no such service name, the MFA session of a user, or no console in the partition.
    """
    if role.is_mfa_session:
        sentence = f"{role.name} is the MFA session of a user, and AWS opens the console only for sessions of roles."
        raise UsageError(sentence, "Choose a role, or sign in to the console with your user's password.")
    _place(service)
    partition = _PARTITIONS.get(partition_of(role))
    if partition is None:
        sentence = f"traycreds does not know the console address of partition {partition_of(role)}."
        raise UsageError(sentence, f"Choose a role in one of {', '.join(_PARTITIONS)}.")
    if sign_out and partition.sign_out is None:
        sentence = f"traycreds does not know how to sign out of the console in partition {partition_of(role)}."
        raise UsageError(sentence, "Sign out there in the browser, and leave out --sign-out and console_sign_out.")


def page(role: Role, credentials: Credentials, *, service: str | None = None, sign_out: bool = False) -> str:
    """A URL that signs in to the console as the role, for anyone who has it, for 15 minutes; if asked, out first.

    Raises UsageError: as `check`. Raises IssueError: the endpoint fails.
    """
    check(role, service=service, sign_out=sign_out)
    destination = _place(service)
    partition = _PARTITIONS[partition_of(role)]
    endpoint = os.environ.get(ENDPOINT) or partition.sign_in
    host = partition.console if role.region is None else f"{role.region}.{partition.console}"
    query = "" if role.region is None else f"?{urlencode({'region': role.region})}"
    parameters = {
        "Action": "login",
        "Issuer": _ISSUER,
        "Destination": f"https://{host}/{destination[0]}{query}{destination[1]}",
        "SigninToken": sign_in_token(endpoint, credentials),
    }
    address = f"{endpoint}?{urlencode(parameters)}"
    return _after_sign_out(address, str(partition.sign_out)) if sign_out else address


def _after_sign_out(address: str, host: str) -> str:
    """The URL that signs out of the console and then opens an address, which only this host does."""
    parts = urlsplit(address)
    if ENDPOINT not in os.environ:
        parts = parts._replace(netloc=host)
    parameters = {"Action": "logout", "redirect_uri": parts.geturl()}
    return parts._replace(path="/oauth", query=urlencode(parameters)).geturl()


def _place(service: str | None) -> tuple[str, str]:
    """A service's place in the console: the path, and the fragment after the query."""
    if service is None:
        return "console/home", ""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", service):
        hint = "Use the AWS CLI's name for it, such as s3, ec2 or cloudformation."
        raise UsageError(f'"{service}" is not a service name.', hint)
    path, mark, part = _PLACES.get(service, f"{service}/home").partition("#")
    return path, mark + part


def sign_in_token(endpoint: str, credentials: Credentials) -> str:
    """A token for one sign-in to the console with a session; secret."""
    session = {
        "sessionId": credentials.access_key_id,
        "sessionKey": credentials.secret_access_key,
        "sessionToken": credentials.session_token,
    }
    form = {"Action": "getSigninToken", "Session": json.dumps(session)}
    response = _post(endpoint, urlencode(form).encode())
    token = response.get("SigninToken") if isinstance(response, dict) else None
    if not isinstance(token, str) or not token:
        raise _unusable(endpoint)
    return token


def _post(endpoint: str, body: bytes) -> Any:
    host = urlsplit(endpoint).hostname or endpoint
    if urlsplit(endpoint).scheme not in {"http", "https"}:
        raise UsageError(f"{ENDPOINT} is not a web address.", "Fix or remove it.")

    asked = request.Request(endpoint, data=body, method="POST")  # noqa: S310 - checked above
    seconds = SECONDS

    def work() -> bytes:
        opener = request.build_opener(_NoRedirect, _Http, _Https)
        with connections.bounded(seconds), opener.open(asked, timeout=seconds) as response:
            answer: bytes = response.read(_LARGEST)
        return answer

    try:
        return json_value(bounded_call(work, seconds=seconds + _SLACK, name="console"))
    except (connections.CallEndedError, TimeoutError):
        # During a name lookup there is no connection that the deadline could end.
        sentence = f"{host} did not respond within {seconds:.0f} seconds."
        raise IssueError(FailureKind.NETWORK, sentence, "Check the network or proxy, then try again.") from None
    except errors.HTTPError as error:
        error.close()
        if error.code in _REFUSALS:
            sentence = f"AWS refused the console sign-in (HTTP {error.code})."
            hint = "Refresh the role and try again. Sessions from GetSessionToken cannot open the console."
            raise IssueError(FailureKind.DENIED, sentence, hint) from None
        raise _unusable(endpoint) from None
    except ValueError:
        raise _unusable(endpoint) from None
    except OSError:
        sentence = f"Could not reach {host}."
        raise IssueError(FailureKind.NETWORK, sentence, "Check the network or proxy, then try again.") from None


class _NoRedirect(request.HTTPRedirectHandler):
    """Refuses redirects: AWS sends none, and a captive portal must not get the session."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


class _Connected:
    """Comes before a connection of `http.client`, which calls what `_create_connection` is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._create_connection = connections.connected


class _ConnectedHttp(_Connected, HTTPConnection):
    pass


class _ConnectedHttps(_Connected, HTTPSConnection):
    pass


class _Http(request.HTTPHandler):
    def http_open(self, req: request.Request) -> Any:
        return self.do_open(_ConnectedHttp, req)


class _Https(request.HTTPSHandler):
    def https_open(self, req: request.Request) -> Any:
        return self.do_open(_ConnectedHttps, req)


def _unusable(endpoint: str) -> IssueError:
    sentence = f"{urlsplit(endpoint).hostname} sent a response that is not from AWS."
    return IssueError(FailureKind.NETWORK, sentence, "Check the network or proxy, then try again.")


_REFUSALS = frozenset({400, 401, 403})
