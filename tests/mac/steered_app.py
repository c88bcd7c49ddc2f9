"""`python -m tests.mac.steered_app SOCKET ARGUMENTS...`: traycreds as on a Mac, and a person who does what the test asks.

The test writes a line of JSON for each thing that the person, or the system, is to do, and gets a line in return.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections import Counter
from typing import Any

from tests.mac import system

test = socket.socket(fileno=int(sys.argv[1]))
system.become_a_mac()

# The modules are imported as they would be on a Mac.
from tests.mac import appkit, run_loop, user_notifications


def item() -> Any:
    """The icon, or None as long as there is none."""
    items = appkit.NSStatusBar.bar.state["items"] if appkit.NSStatusBar.bar else []
    return items[0] if items else None


def lines(menu: Any) -> list[dict[str, Any]]:
    """A menu as a person reads it."""
    found = []
    for line in menu.state["itemArray"]:
        if not line.state.get("separator"):
            below = line.state.get("submenu")
            kept = {name: line.state.get(name) for name in ("title", "enabled", "state", "tag")}
            found.append({**kept, "below": lines(below) if below is not None else []})
    return found


def find(menu: Any, path: list[str]) -> Any:
    """The line that begins so, below those that do."""
    for line in menu.state["itemArray"]:
        if (line.state.get("title") or "").startswith(path[0]):
            return line if len(path) == 1 else find(line.state["submenu"], path[1:])
    raise LookupError(f"no line {path} in {[each['title'] for each in lines(menu)]}")


def pixels(picture: Any) -> list[tuple[int, int, int, int]]:
    """Those of a picture."""
    return [picture.getpixel((x, y)) for x in range(picture.width) for y in range(picture.height)]


class Person:
    """What can be done; each method's answer is the test's."""

    def is_up(self) -> bool:
        """Whether the icon is there with its menu."""
        return item() is not None and item().state["menu"] is not None and "image" in item().state["button"].state

    def menu(self) -> list[dict[str, Any]]:
        """The open menu, or the one that a click would open."""
        return lines(item().seen or item().state["menu"])

    def open(self) -> None:
        """Click the icon."""
        opened = threading.Event()
        run_loop.main.post(lambda: item().track(opened.set), default_mode=True)
        assert opened.wait(10), "the menu does not open"

    def is_open(self) -> bool:
        """Whether the menu is on the screen."""
        return item() is not None and item().seen is not None

    def choose(self, *path: str) -> str:
        """Click a line of the open menu; gives its title."""
        line = find(item().seen, list(path))
        assert line.state["enabled"], f"{line.state['title']} cannot be clicked"
        run_loop.main.post(lambda: item().let_go(line))
        return line.state["title"]

    def close(self) -> None:
        """Click beside the open menu."""
        run_loop.main.post(lambda: item().let_go(None))

    def button(self) -> dict[str, Any]:
        """What of the icon is seen, and read to the blind."""
        state = item().state["button"].state
        image = state["image"].state
        opaque = Counter(pixel for pixel in pixels(image["picture"]) if pixel[3] == 255)
        return {
            "pixels": image["picture"].size,
            "points": image["size"],
            "template": image["template"],
            "colour": opaque.most_common(1)[0][0][:3],
            "label": state.get("accessibilityLabel"),
            "tooltip": state.get("toolTip"),
        }

    def announce(self, centre: str, name: str) -> bool:
        """The system tells about something; whether the app wants to know."""
        return appkit.centres[centre].announce(name)

    def turn_bar(self, appearance: str) -> None:
        """The menu bar becomes light or dark."""
        appkit.NSAppearance.of_bar = appearance
        self.announce("session", "AppleInterfaceThemeChangedNotification")

    def log_out(self) -> None:
        """The system asks the app to end, as it does at a logout or a shutdown."""
        run_loop.main.post(lambda: appkit.NSApplication.sharedApplication().terminate_(None))

    def permission_asked(self) -> int:
        """How often macOS has asked the user whether notices are allowed."""
        return user_notifications.UNUserNotificationCenter.questions

    def answer_permission(self, allowed: bool) -> None:
        """The user answers that, or changes it in System Settings."""
        user_notifications.UNUserNotificationCenter.currentNotificationCenter().answer(allowed)

    def notices(self) -> list[dict[str, Any]]:
        """What is seen in the Notification Center."""
        center = user_notifications.UNUserNotificationCenter.center
        return [
            {
                **{name: user_notifications.content_of(shown)[name] for name in ("title", "body")},
                "buttons": [action.state["title"] for action in shown.state["actions"]],
            }
            for shown in (center.state["delivered"].values() if center else ())
        ]

    def press(self, title: str, button: str | None) -> None:
        """Click a button of a notice, or the notice itself."""
        user_notifications.UNUserNotificationCenter.center.press(title, button)

    def activities(self) -> list[int]:
        """The options of what keeps App Nap off."""
        return [options for _, options in appkit.NSProcessInfo.activities]


def serve() -> None:
    """Do what the test says, until it ends."""
    with test.makefile("rw", encoding="utf-8") as channel:
        for request in channel:
            name, *arguments = json.loads(request)
            try:
                answer = {"value": getattr(Person(), name)(*arguments)}
            except Exception as error:  # noqa: BLE001 - the test raises it
                answer = {"error": repr(error)}
            channel.write(json.dumps(answer) + "\n")
            channel.flush()
    # The test has ended.
    os._exit(9)


threading.Thread(target=serve, name="person", daemon=True).start()
sys.argv = ["traycreds", *sys.argv[2:]]

from traycreds.__main__ import main

sys.exit(main())
