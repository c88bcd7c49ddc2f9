"""Someone at a browser, without the browser: reads the page, presses a button, follows where that leads.

Also a program: `python visitor.py [allow|deny|leave] URL`.
"""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from html import unescape


class Visitor:
    """Goes through sign-in pages.

    Attributes:
        answer: the button to press, "allow" or "deny"; "leave" presses none.
        pages: the text of each page seen.
        addresses: where the browser was led.
    """

    def __init__(self, answer: str = "allow") -> None:
        self.answer = answer
        self.pages: list[str] = []
        self.addresses: list[str] = []

    def open(self, url: str) -> None:
        page = self.get(url)
        if self.answer == "leave":
            return
        form = {unescape(n): unescape(v) for n, v in re.findall(r'name="([^"]*)" value="([^"]*)">', page)}
        action = re.search(r'<form method="post" action="([^"]*)"', page)
        assert action, page
        form["answer"] = self.answer
        self.get(urllib.parse.urljoin(url, action[1]), urllib.parse.urlencode(form).encode())

    def get(self, url: str, body: bytes | None = None, **headers: str) -> str:
        """One page; errors are pages too."""
        request = urllib.request.Request(url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                self.addresses.append(answer.url)
                page = answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                self.addresses.append(error.url)
                page = error.read().decode()
        self.pages.append(page)
        return page


if __name__ == "__main__":
    visitor = Visitor(sys.argv[1] if len(sys.argv) > 2 else "allow")
    visitor.open(sys.argv[-1])
    print(visitor.pages[-1])
