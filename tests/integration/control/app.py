"""An app that says what it was asked, and a request."""

from __future__ import annotations

from traycreds.adapters.controlserver import Answer
from traycreds.adapters.controlwire import Request

STATUS = Request(id="1", do="status")


def echo(request, gone):
    return Answer(content={"ok": True, "did": request.do, "roles": request.roles})
