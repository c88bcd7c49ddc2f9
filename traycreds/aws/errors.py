"""Explains botocore's exceptions and AWS's refusals with the table of `aws.error_table`.

Compares class names, so that botocore need not be imported; shows no file value and at most one line of AWS's text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from traycreds.aws.error_table import (
    AWS_DOWN,
    CLOCK,
    CODES,
    EXCEPTIONS,
    NO_PASSAGE,
    NO_TOKEN,
    NOT_SIGNED_IN,
    PAGE,
    PROVIDERS,
    SIGN_IN,
    THROTTLED,
    UNREADABLE,
    UNUSABLE,
    UNUSABLE_SETTING,
    WRONG_MFA,
    ErrorText,
)
from traycreds.aws.usable_credentials import UnusableAnswerError, identity_command
from traycreds.awsfiles.settings.blame import UnusableSettingError
from traycreds.core.errors import IssueError
from traycreds.core.text import end_cut, printable, proxy_in_words, without_password
from traycreds.core.value_class import value_class
from traycreds.files import contents
from traycreds.process import install_hint
from traycreds.shell.quoting import shell_word
from traycreds.state import known_secrets

LINE = 240
"""The most characters of AWS's own words that are shown."""
_LONGEST = 4096
"""The most that are looked at."""

SERVER_ERRORS = 500
TOO_MANY_REQUESTS = 429

EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException"})
DURATION_MESSAGES = (
    "exceeds the MaxSessionDuration set for this role",
    "exceeds the 1 hour session limit for roles assumed by role chaining",
)


_NO_CODES: Mapping[str, ErrorText] = {}


@value_class(kw_only=True)
class Attempt:
    """What was tried when the error came, for the sentence.

    `who` is such as "profile base", `what` such as "assume arn:aws:iam::123456789012:role/dev". `login` is the argument
    of `traycreds login`, or `aws login --profile`, that renews the sign-in.
    """

    role: str
    who: str
    what: str
    region: str
    login: str


def code_of(error: Exception) -> str:
    """AWS's error code, or "" when the error is none of AWS's."""
    return _in_answer(error, "Code")


def status_of(error: Exception) -> int:
    """The HTTP status of AWS's answer, or 0."""
    return int(_response(error).get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def message_of(error: Exception) -> str:
    """AWS's message without any secret that this process has seen, or ""."""
    return _in_answer(error, "Message")


def _in_answer(error: Exception, name: str) -> str:
    """One line of what an answer says, with nothing that a terminal would obey."""
    words = known_secrets.without(str(_response(error).get("Error", {}).get(name, "")))
    return printable(" ".join(words.split()))[:_LONGEST]


def is_none_of_aws(error: Exception) -> bool:
    """Whether the answer is not AWS's: a page, or a wrong format."""
    return bool(_page(error))


def explain(error: Exception, attempt: Attempt, codes: Mapping[str, ErrorText] = _NO_CODES) -> IssueError | None:
    """Explain a botocore exception; None without a row for it. `codes` has rows that go before those of the table."""
    code = code_of(error)
    if code:
        row, detail = codes.get(code) or _row_of_code(error, code), _one_line(message_of(error)) or code
        if row in (AWS_DOWN, PAGE):
            detail = code
    elif page := _page(error):
        row, detail = PAGE, page
    elif tunnel := re.search(r"Tunnel connection failed: (\d+)", str(_facts(error).get("error"))):
        # `http.client` gives the status only in the text of its error.
        row, detail = NO_PASSAGE, tunnel[1]
    elif isinstance(error, UnusableAnswerError):
        row, detail = UNUSABLE, str(error)
    elif isinstance(error, UnusableSettingError):
        row, detail = UNUSABLE_SETTING, "it is not a number"
    elif type(error).__name__ == "ParamValidationError" and _detail(error) == "WebIdentityToken":
        row, detail = NO_TOKEN, ""
    else:
        row, detail = _row_of_exception(error), _detail(error)
    if row is None:
        return None
    words = {
        "role": attempt.role,
        "who": attempt.who,
        "what": attempt.what,
        "region": attempt.region,
        "login": attempt.login,
        "login_word": shell_word(attempt.login),
        "detail": detail,
        "proxy": proxy_in_words(str(_facts(error).get("proxy_url", "")), os.environ),
        "identity": identity_command(attempt.who.removeprefix("profile "), attempt.region),
        "install": install_hint.advice("botocore[crt]"),
    }
    sentence = row.sentence.format_map(words)
    # We cannot run `aws login`, so errors about it offer no sign-in.
    sign_in = attempt.login if row in {SIGN_IN, NOT_SIGNED_IN} else None
    reason = contents.PathError.reason if row is UNREADABLE else None
    return IssueError(row.kind, _sentence(sentence), row.hint.format_map(words), sign_in=sign_in, reason=reason)


def is_mfa_refusal(error: Exception) -> bool:
    """Whether AWS refused an MFA code, not the role."""
    return code_of(error) == "AccessDenied" and message_of(error).startswith("MultiFactorAuthentication failed")


def is_too_long(error: Exception) -> bool:
    """Whether AWS refused the duration as longer than the role or the chain allows."""
    return code_of(error) == "ValidationError" and any(one in message_of(error) for one in DURATION_MESSAGES)


def is_of_program(error: Exception) -> bool:
    """Whether a credential_process failed or printed an invalid answer."""
    return type(error).__name__ == "CredentialRetrievalError" and _facts(error).get("provider") == "custom-process"


def _row_of_code(error: Exception, code: str) -> ErrorText | None:
    if is_mfa_refusal(error):
        return WRONG_MFA
    if code == "SignatureDoesNotMatch" and re.search("expired|not yet current", message_of(error)):
        return CLOCK
    if code in CODES:
        return CODES[code]
    status = status_of(error)
    if status == TOO_MANY_REQUESTS:
        return THROTTLED
    # Botocore takes the status for the code. No AWS service that we call reports success as an error.
    if code.isdigit() or code == "Success":
        return PAGE
    return AWS_DOWN if status >= SERVER_ERRORS else None


def _page(error: Exception) -> str:
    """Details of an answer that is not AWS's; "" for any other error.

    Measured with botocore 1.43 for HTML pages and empty bodies: below status 500, well-formed XML becomes an error
    without a code, or fails in the parser for its missing result; the rest is a ResponseParserError.
    """
    if status := status_of(error):
        return str(status)
    broken = any(kind.__name__ == "ResponseParserError" for kind in type(error).__mro__)
    return "not XML" if broken else "no result" if _lacks_result(error) or _is_of_parser(error) else ""


def _is_of_parser(error: Exception) -> bool:
    """Whether botocore failed on the form of an answer, such as a list instead of an object."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    stumbled = isinstance(error, (AttributeError, TypeError))
    return stumbled and trace is not None and trace.tb_frame.f_globals.get("__name__") in _PARSERS


_PARSERS = frozenset({"botocore.parsers", "botocore.errorfactory"})
"""Where botocore trusts the form of an answer."""


def _lacks_result(error: Exception) -> bool:
    return isinstance(error, KeyError) and str(error.args[0]).endswith("Result")


def _row_of_exception(error: Exception) -> ErrorText | None:
    if type(error).__name__ == "CredentialRetrievalError":
        provider = _facts(error).get("provider")
        if provider in PROVIDERS:
            return PROVIDERS[provider]
    return next((EXCEPTIONS[c.__name__] for c in type(error).__mro__ if c.__name__ in EXCEPTIONS), None)


def _response(error: Exception) -> dict[str, Any]:
    # Botocore's connection errors have `None` here.
    return getattr(error, "response", None) or {}


def _facts(error: Exception) -> dict[str, Any]:
    return getattr(error, "kwargs", {})


def _detail(error: Exception) -> str:
    """The parts of botocore's exceptions to show: places and names, never content."""
    facts = _facts(error)
    name = type(error).__name__
    if "endpoint_url" in facts:
        return urlsplit(str(facts["endpoint_url"])).netloc
    show = SHOWN.get(name)
    return show(facts, error) if show else name


def _place(facts: dict[str, Any], _: Exception) -> str:
    cause = facts.get("error")
    line = getattr(cause, "lineno", None) or next((number for number, _ in getattr(cause, "errors", ())), None)
    return f"{facts.get('path', 'a file')}, line {line}," if line else str(facts.get("path", "a file"))


def _missing_key(facts: dict[str, Any], _: Exception) -> str:
    return str(facts.get("cred_var", "a key"))


def _provider(facts: dict[str, Any], _: Exception) -> str:
    """Not the text: that is the output of a foreign program and may hold anything."""
    return "credential_process" if facts.get("provider") == "custom-process" else str(facts.get("provider"))


def _fields(facts: dict[str, Any], _: Exception) -> str:
    """Not the report: it quotes values."""
    return ", ".join(sorted(set(re.findall(r"parameter:? (\w+)", str(facts.get("report", "")))))) or "a field"


def _text(_: dict[str, Any], error: Exception) -> str:
    return _one_line(str(error))


SHOWN: dict[str, Callable[[dict[str, Any], Exception], str]] = {
    "ConfigParseError": _place,
    "CredentialRetrievalError": _provider,
    "EndpointResolutionError": _text,
    "InvalidConfigError": _text,
    "ParamValidationError": _fields,
    "PartialCredentialsError": _missing_key,
    "UnknownEndpointError": _text,
}


def _one_line(text: str) -> str:
    return end_cut(without_password(" ".join(text.split())), LINE)


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "…")) else text + "."
