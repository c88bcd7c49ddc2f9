"""The two pages of a sign-in that a person sees in the browser: allow an app, allow a device."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""
_BUTTONS = (
    '<p><button id="allow" name="answer" value="allow">Allow</button> '
    '<button id="deny" name="answer" value="deny">Deny</button></p>'
)


def authorize(user: str, query: Mapping[str, str]) -> str:
    """Ask whether an app may act for the user; the answer is posted to the same address."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in query.items()
    )
    scopes = escape(query.get("scopes", "") or "no scope")
    body = (
        f"<p>{escape(user)}, an app on this computer asks for access to your AWS accounts ({scopes}).</p>"
        f'<form method="post" action="/authorize">{hidden}{_BUTTONS}</form>'
    )
    return _PAGE.format(title="Allow access?", body=body)


def device(user: str, user_code: str) -> str:
    """Ask whether the device that shows a code may act for the user."""
    body = (
        f"<p>{escape(user)}, allow the device that shows this code?</p>"
        f'<form method="post" action="/device"><label>Code '
        f'<input name="user_code" value="{escape(user_code)}"></label>{_BUTTONS}</form>'
    )
    return _PAGE.format(title="Allow a device?", body=body)


def message_page(title: str, text: str) -> str:
    """Say how it ended."""
    return _PAGE.format(title=escape(title), body=f"<p>{escape(text)}</p>")
