"""An app that says what it was asked, and a request."""

from __future__ import annotations

from traycreds.control.protocol import Request
from traycreds.control.server import CommandReply

STATUS = Request(id="1", do="status")


def echo(request, gone):
    return CommandReply(content={"ok": True, "did": request.do, "roles": request.roles})
