"""Drives headless Chromium through ChromeDriver's HTTP interface (WebDriver, W3C), by the standard library alone.

Also a program for BROWSER: `python browser.py LOG SHOT URL` presses Allow on the page and writes what the last page says.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, final

PACKAGES = "chromium chromium-driver"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=900,600",
)


def missing() -> str | None:
    """What to install, or None if all is there."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return None
    return f"no Chromium: apt-get install -y --no-install-recommends {PACKAGES}"


@final
class Chromium:
    """One browser with an empty profile; use it as a context manager."""

    def __enter__(self) -> Chromium:
        self._folder = tempfile.TemporaryDirectory(prefix="chromium-")
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._driver.stdout is not None
        line = next(line for line in self._driver.stdout if "started successfully on port" in line)
        port = int("".join(character for character in line.rpartition("port ")[2] if character.isdigit()))
        self._url = f"http://127.0.0.1:{port}"
        options = {"args": [*FLAGS, f"--user-data-dir={self._folder.name}"], "binary": shutil.which("chromium")}
        asked = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        self._session = f"/session/{self._call('POST', '/session', asked)['sessionId']}"
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._call("DELETE", self._session)
        finally:
            self._driver.terminate()
            self._driver.wait(10)
            assert self._driver.stdout is not None
            self._driver.stdout.close()
            self._folder.cleanup()

    def open(self, url: str) -> None:
        self._do("POST", "/url", {"url": url})

    def click(self, selector: str) -> None:
        found = self._do("POST", "/element", {"using": "css selector", "value": selector})
        self._do("POST", f"/element/{found[ELEMENT]}/click", {})

    def text(self) -> str:
        """What the page says; nothing while one page gives way to the next, whose elements are not there (HTTP 404)."""
        try:
            found = self._do("POST", "/element", {"using": "css selector", "value": "body"})
            return str(self._do("GET", f"/element/{found[ELEMENT]}/text"))
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return ""

    def address(self) -> str:
        return str(self._do("GET", "/url"))

    def take_screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._do("GET", "/screenshot")))

    def _do(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._call(method, self._session + path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["value"]


def main(log: Path, screenshot: Path, url: str) -> None:
    """Go through the page as a person would."""
    with Chromium() as browser:
        browser.open(url)
        asked = browser.text()
        browser.click("#allow")
        end = time.monotonic() + 20
        while "signed in" not in (shown := browser.text()) and time.monotonic() < end:
            time.sleep(0.1)
        browser.take_screenshot(screenshot)
        log.write_text(json.dumps({"asked": asked, "told": shown, "address": browser.address()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
