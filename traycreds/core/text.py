"""Text for people and programs: spans and moments, names in a list, cuts, escapes; JSON and moments from outside."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

ELLIPSIS = "…"
_KEY_ID_SHOWN = 13
NAME_WIDTH = 32
"""Longest role name shown whole; IAM allows 64 characters, which would make the menu too wide to read."""

EARLIEST = datetime(1970, 1, 1, tzinfo=timezone.utc)
LATEST = datetime(2200, 1, 1, tzinfo=timezone.utc)

_MINUTE = timedelta(minutes=1)
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(text: str) -> str:
    """Escape text for notices and tooltips that read markup. `html.escape` would load half a megabyte of names."""
    return text.translate(_ESCAPES)


def printable(text: str) -> str:
    """Replace each character that is not visible (control, format, surrogate) by its escape."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def without_password(text: str) -> str:
    """A text without the users and passwords of the addresses in it."""
    return re.sub(r"(://)[^/@\s]+@", r"\1", text)


def proxy_in_words(address: str, environ: Mapping[str, str]) -> str:
    """Where the proxy in use is set: the variables that name it, else the system's settings."""
    wanted = _host(address)
    known = {name for name, value in environ.items() if value and _host(value) == wanted}
    names = [name for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY") if name in known]
    return " or ".join(names) or "the proxy settings of the system"


def _host(address: str) -> str:
    return address.rpartition("://")[2].rpartition("@")[2].rstrip("/")


def os_reason(error: OSError) -> str:
    """Why the system refuses, as part of a sentence; some Python errors have only a text, no number."""
    reason = error.strerror or str(error) or type(error).__name__
    return reason[:1].lower() + reason[1:]


def span(length: timedelta) -> str:
    """Write a length of time in words, to the minute: "1 h 5 min", "12 min", "less than a minute"."""
    return _minutes(length // _MINUTE)


def span_of(text: str) -> timedelta | None:
    """The length of time that is written such as "1h", "45m", "1h30m" or "90s"; None if none is."""
    match = re.fullmatch(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?", text)
    if not text or match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


@functools.lru_cache(maxsize=1440)
def _minutes(minutes: int) -> str:
    """Cached, since most roles of a long menu share a few spans."""
    if minutes < 1:
        return "less than a minute"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def clock_off(skew: timedelta) -> str:
    """How far this machine's clock is off: "This machine's clock is 3 min behind AWS's"; `skew` is AWS's lead."""
    return f"This machine's clock is {span(abs(skew))} {'behind' if skew > timedelta() else 'ahead of'} AWS's"


def rfc_3339(moment: datetime) -> str:
    """Write an aware moment in UTC, to the second, as AWS's own tools do: "2026-11-24T12:00:00Z"."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_rfc_3339(text: object) -> datetime | None:
    """Read a moment as AWS's tools and we write it: "2026-11-24T12:00:00Z", "…UTC", with an offset, with fractions.

    None if it is not one, or has no zone: that cannot be compared with the clock.
    """
    if not isinstance(text, str):
        return None
    plain = text.strip()
    for zone in ("Z", "UTC"):
        plain = plain.removesuffix(zone) + "+00:00" if plain.endswith(zone) else plain
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def sensible(moment: object) -> bool:
    """Whether this is an aware datetime between 1970 and 2200, so that arithmetic cannot overflow."""
    return isinstance(moment, datetime) and moment.tzinfo is not None and EARLIEST <= moment < LATEST


def counted(number: int, thing: str) -> str:
    """A number of things: "1 role", "3 roles"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def alternatives(words: Sequence[str]) -> str:
    """List alternatives: "a, b or c"; there are at least two."""
    *others, last = words
    return f"{', '.join(others)} or {last}"


def name_list(names: Sequence[str], most: int) -> str:
    """List up to `most` names, and count the rest: "a", "a, b and c", "a, b and 3 more"; there is at least one name."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def middle_cut(text: str, width: int = NAME_WIDTH) -> str:
    """Shorten a name in its middle: both ends tell names apart ("prod-billing-…-admin")."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return text[: width - 1 - tail] + ELLIPSIS + text[len(text) - tail :]


def end_cut(text: str, width: int, *, whole_words: bool = False) -> str:
    """Shorten a sentence at its end to `width` characters, after a whole word if asked to."""
    if len(text) <= width:
        return text
    # If a single word is too long, keep as much of it as fits.
    kept = (whole_words and text[:width].rpartition(" ")[0]) or text[: width - 1]
    return kept.rstrip(" ,;:") + ELLIPSIS


BODY_WIDTH = 110
"""Characters of a notice that the narrowest desktops show without unfolding."""
IN_STATUS = "Run: traycreds status"
"""What a remedy of a role or of its file is, where it does not fit."""
BEFORE_REMEDY = 60
"""Characters before what to do: GNOME's folded banner shows about as many."""
TITLE_WIDTH = 36
"""Characters of a notice's title: xfce4-notifyd shows about as many, and cuts the rest."""
_SHORT_NAME = 12
"""Characters that a name has in a title in any case."""
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")


def shown_key_id(access_key_id: str) -> str:
    """An access key's id without its middle, as the log shows it, which still tells the keys of a user apart."""
    return middle_cut(access_key_id, _KEY_ID_SHOWN)


def notice_title(words: str, name: str, *, most: int = TITLE_WIDTH) -> str:
    """A title with the name, `most` characters of it, in the place of {}; a long one is cut so that all words show."""
    left = TITLE_WIDTH - len(words) + len("{}")
    return words.format(middle_cut(name, max(_SHORT_NAME, min(most, left))))


def notice_body(what: str, remedy: str, instead: str = "Run: traycreds doctor") -> str:
    """The body of a notice: a short problem, then the remedy; a long problem goes last and is cut.

    A remedy is never cut, because nobody could carry it out; `instead` of a long one, where it can be read.
    """
    remedy = whole_remedy(remedy, BODY_WIDTH, instead)
    if not what or not remedy:
        return remedy or _whole_sentences(what, BODY_WIDTH)
    if len(what) <= BEFORE_REMEDY and len(what) + 1 + len(remedy) <= BODY_WIDTH:
        return f"{what} {remedy}"
    left = BODY_WIDTH - len(remedy) - 1
    between = " " if remedy.endswith((".", "!", "?", ELLIPSIS)) else "\n"
    return f"{remedy}{between}{end_cut(what, left - 1, whole_words=True)}" if left >= BODY_WIDTH // 4 else remedy


def whole_remedy(remedy: str, width: int, instead: str) -> str:
    """As many sentences of a remedy as fit; `instead` if not even the first does."""
    return _whole_sentences(remedy if len(_SENTENCE_END.split(remedy)[0]) <= width else instead, width)


def _whole_sentences(text: str, width: int) -> str:
    first, *others = _SENTENCE_END.split(text)
    kept = end_cut(first, width, whole_words=True)
    for other in others:
        if len(kept) + 1 + len(other) > width:
            break
        kept = f"{kept} {other}"
    return kept


def utf_16_cut(text: str, units: int) -> str:
    """Shorten a text at its end to as many UTF-16 units as a fixed field of Windows holds."""
    if _utf_16_length(text) <= units:
        return text
    while _utf_16_length(text) > units - 1:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def _utf_16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def json_value(text: str | bytes) -> Any:
    """The value of a JSON text from outside. Raises ValueError: not JSON, not UTF-8, or nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
