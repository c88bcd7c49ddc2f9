"""What the app calls of Apple's UserNotifications: the Notification Center, the user's permission, and clicks.

A program without a bundle that asks for the center is ended, as macOS does. Completion handlers are called one after
the other on a thread of the center's own, so that one that waits for another never ends.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.mac import appkit, objects
from tests.mac.objects import NSObject
from tests.mac.variables import BUNDLE, UNSIGNED

TAKEN_BACK = Path("~/taken-back").expanduser()
"""Takes the identifiers of the notices that the program has taken back."""
_ALERT = 4


class NSBundle(NSObject, apple="NSBundle"):
    """What the program is packed in."""

    def class_mainBundle(cls):
        return NSBundle.alloc()

    def do_bundleIdentifier(self):
        return os.environ.get(BUNDLE)

    def do_objectForInfoDictionaryKey_(self, key):
        return "traycreds" if key == "CFBundleName" and os.environ.get(BUNDLE) else None


class NSSet(NSObject, apple="NSSet"):
    """A set."""

    def class_setWithArray_(cls, items):
        made = cls.alloc()
        made.state["items"] = list(items)
        return made


class NSError(NSObject, apple="NSError"):
    """Why something was not done."""


def error(code: int, text: str) -> Any:
    made = NSError.alloc()
    made.state.update(code=code, localizedDescription=text)
    return made


class UNMutableNotificationContent(NSObject, apple="UNMutableNotificationContent"):
    """What a notice says."""


class UNNotificationRequest(NSObject, apple="UNNotificationRequest"):
    """A notice to be shown."""

    def class_requestWithIdentifier_content_trigger_(cls, identifier, content, trigger):
        assert trigger is None, "at once"
        made = cls.alloc()
        made.state.update(identifier=identifier, content=content)
        return made


class UNNotificationAction(NSObject, apple="UNNotificationAction"):
    """A button."""

    def class_actionWithIdentifier_title_options_(cls, identifier, title, options):
        made = cls.alloc()
        made.state.update(identifier=identifier, title=title, options=options)
        return made


class UNNotificationCategory(NSObject, apple="UNNotificationCategory"):
    """The buttons of a kind of notices."""

    def class_categoryWithIdentifier_actions_intentIdentifiers_options_(cls, identifier, actions, intents, options):
        made = cls.alloc()
        made.state.update(identifier=identifier, actions=list(actions))
        return made


class UNNotificationSettings(NSObject, apple="UNNotificationSettings"):
    """What the user allows."""


class UNNotification(NSObject, apple="UNNotification"):
    """A notice that is shown."""


class UNNotificationResponse(NSObject, apple="UNNotificationResponse"):
    """A click."""


class UNUserNotificationCenter(NSObject, apple="UNUserNotificationCenter"):
    """The Notification Center as one program sees it.

    Attributes:
        status: 0 as long as the user was not asked or has not answered, 1 refused, 2 allowed.
        questions: how often the user was asked.
    """

    center: UNUserNotificationCenter | None = None
    status = 0
    questions = 0

    def class_currentNotificationCenter(cls):
        if os.environ.get(BUNDLE) is None:
            objects.note("bundleProxyForCurrentProcess is nil: macOS aborts the process")
            os._exit(134)
        if UNUserNotificationCenter.center is None:
            made = UNUserNotificationCenter.center = cls.alloc()
            made.state.update(delivered={}, categories=NSSet.setWithArray_([]), asking=[], queue=queue.SimpleQueue())
            threading.Thread(target=made.work, name="com.apple.usernotifications", daemon=True).start()
        return UNUserNotificationCenter.center

    def work(self) -> None:
        while True:
            call = self.state["queue"].get()
            try:
                call()
            except Exception as problem:  # noqa: BLE001 - an exception of Python in a block ends the process
                objects.note(f"an exception in a completion handler: {problem!r}")

    def later(self, call: Callable[[], None]) -> None:
        self.state["queue"].put(call)

    def do_requestAuthorizationWithOptions_completionHandler_(self, options, handler):
        assert options & _ALERT
        if os.environ.get(UNSIGNED):
            self.later(lambda: handler(False, error(1, "Notifications are not allowed for this application")))
        elif self.status:
            self.later(lambda: handler(self.status == 2, None))
        else:
            type(self).questions += 1
            self.state["asking"].append(handler)

    def answer(self, allowed: bool) -> None:
        """The user clicks Allow or Don't Allow."""
        type(self).status = 2 if allowed else 1
        asking, self.state["asking"] = self.state["asking"], []
        for handler in asking:
            self.later(lambda handler=handler: handler(allowed, None))

    def do_getNotificationSettingsWithCompletionHandler_(self, handler):
        settings = UNNotificationSettings.alloc()
        settings.state["authorizationStatus"] = self.status
        self.later(lambda: handler(settings))

    def do_setNotificationCategories_(self, categories):
        self.later(lambda: self.state.update(categories=categories))

    def do_getNotificationCategoriesWithCompletionHandler_(self, handler):
        self.later(lambda: handler(self.state["categories"]))

    def do_addNotificationRequest_withCompletionHandler_(self, request, handler):
        if self.status != 2:
            self.later(lambda: handler(error(1, "Notifications are not allowed for this application")))
            return
        content, known = request.state["content"].state, self.state["categories"].state["items"]
        actions = [
            each.state["actions"] for each in known if each.state["identifier"] == content.get("categoryIdentifier")
        ]
        shown = UNNotification.alloc()
        shown.state.update(request=request, actions=actions[0] if actions else [])
        self.state["delivered"].pop(request.state["identifier"], None)
        self.state["delivered"][request.state["identifier"]] = shown
        self.later(lambda: handler(None))

    def do_removeDeliveredNotificationsWithIdentifiers_(self, identifiers):
        with TAKEN_BACK.open("a", encoding="utf-8") as file:
            for identifier in identifiers:
                if self.state["delivered"].pop(identifier, None) is not None:
                    file.write(identifier + "\n")

    def press(self, title: str, button: str | None) -> None:
        """The user clicks a button of a notice, or the notice."""
        shown = next(each for each in self.state["delivered"].values() if content_of(each)["title"].startswith(title))
        labels = {each.state["title"]: each.state["identifier"] for each in shown.state["actions"]}
        response = UNNotificationResponse.alloc()
        action = "com.apple.UNNotificationDefaultActionIdentifier" if button is None else labels[button]
        response.state.update(notification=shown, actionIdentifier=action)
        self.state["delivered"].pop(shown.state["request"].state["identifier"])
        done = threading.Event()
        name = "userNotificationCenter_didReceiveNotificationResponse_withCompletionHandler_"
        self.later(lambda: objects.notify(self.state["delegate"], name, self, response, done.set))
        assert done.wait(10), "the delegate did not call its completion handler"


def content_of(shown: Any) -> dict[str, Any]:
    """What a shown notice says."""
    return shown.state["request"].state["content"].state


def lookup(name: str) -> Any:
    """An attribute of the module UserNotifications.

    Raises:
        AttributeError: Apple declares none.
    """
    return globals()[name] if name.startswith(("NS", "UN")) and name in globals() else appkit.lookup(name)
