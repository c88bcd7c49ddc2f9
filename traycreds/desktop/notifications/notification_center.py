"""Shows notices in macOS's Notification Center, with buttons and replacing. Never ran on a real Mac.

macOS ends any process but an app that asks for it, so a bundle is looked for first. Notices wait until the user has
answered whether they are allowed. Never blocks a caller beyond its limit.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any, final

from traycreds.core.events import Notify
from traycreds.desktop.notifications.freedesktop import Click
from traycreds.desktop.notifications.permission import NotAllowedError, Permission
from traycreds.process.bounded_call import daemon

_log = logging.getLogger(__name__)

ANSWER_LIMIT = 1.0
"""Seconds for macOS to answer each call; the user's own answer is not waited for any longer either."""
_REMEMBERED = 50
"""Notices whose buttons still work: the Notification Center keeps old ones in a list."""


@final
class NotificationCenter:
    """Shows notices by UNUserNotificationCenter, whose methods may be called on any thread."""

    def __init__(self, click: Click = lambda _: None, limit: float = ANSWER_LIMIT) -> None:
        """Ask macOS for nothing yet."""
        self._click = click
        self._limit = limit
        self._center: Any = None
        self._delegate: Any = None
        self._unfit = ""
        self._waiting: dict[str, Notify] = {}
        self._shown: dict[str, Notify] = {}
        self._buttons: dict[str, tuple[Any, Notify]] = {}
        self._finding = threading.Lock()
        # This lock is for callers and for what macOS calls back.
        # It is never held while one of them waits for macOS.
        self._lock = threading.Lock()

    @property
    def shown_keys(self) -> frozenset[str]:
        """The keys of the notices that are seen, or wait for the user's permission."""
        with self._lock:
            return frozenset((*self._shown, *self._waiting))

    @property
    def waits(self) -> bool:
        """Whether notices wait for the user's permission."""
        return bool(self._waiting)

    def __call__(self, notice: Notify) -> None:
        """Show it, or keep it until the user answers. Raises NotAllowedError; OSError: no app; TimeoutError."""
        permission = self.permission()
        if permission is Permission.GRANTED:
            self._add(notice)
        elif permission is Permission.NOT_ASKED:
            with self._lock:
                self._waiting[notice.key] = notice
            self.ask(self._limit)
            permission = self.permission()
        if permission is Permission.REFUSED:
            raise NotAllowedError("the user does not allow notices")
        if permission is Permission.NO_APP:
            raise OSError(self._unfit)

    @staticmethod
    def app_name() -> str:
        """What the system calls this program; not our name where it is Python's own app."""
        from Foundation import NSBundle

        return str(NSBundle.mainBundle().objectForInfoDictionaryKey_("CFBundleName") or "traycreds")

    def permission(self) -> Permission:
        """What macOS says of our notices now; asks nobody. Raises TimeoutError: it does not answer."""
        if self._unfit:
            return Permission.NO_APP
        try:
            center = self._found()
        except OSError as error:
            self._unfit = str(error)
            return Permission.NO_APP
        import UserNotifications

        (settings,) = self._answer(center.getNotificationSettingsWithCompletionHandler_)
        return {
            UserNotifications.UNAuthorizationStatusNotDetermined: Permission.NOT_ASKED,
            UserNotifications.UNAuthorizationStatusDenied: Permission.REFUSED,
        }.get(settings.authorizationStatus(), Permission.GRANTED)

    def ask(self, seconds: float = 0.0) -> None:
        """Let macOS ask the user, if it has not; wait `seconds` for the answer. Waiting notices follow."""
        try:
            center = self._found()
        except OSError:
            return
        import UserNotifications

        handled = threading.Event()

        def answer(granted: bool, error: Any) -> None:
            # On a thread of its own: what it asks, macOS answers on the one that this is called on.
            daemon("notices", lambda: self._answered(None if granted else error, handled))

        options = UserNotifications.UNAuthorizationOptionAlert
        center.requestAuthorizationWithOptions_completionHandler_(options, answer)
        handled.wait(seconds)

    def take_back(self, keys: Iterable[str]) -> None:
        """Take away the notices of these keys, if they are still seen or wait."""
        keys = list(keys)
        with self._lock:
            for key in keys:
                self._shown.pop(key, None)
                self._waiting.pop(key, None)
        if self._center is not None:
            self._center.removeDeliveredNotificationsWithIdentifiers_(keys)

    def close(self) -> None:
        """Ignore further clicks."""
        if self._center is not None:
            self._center.setDelegate_(None)

    def _found(self) -> Any:
        """The center, with a delegate for clicks. Raises OSError: no app, or no PyObjC."""
        from Foundation import NSBundle

        with self._finding:
            if self._center is None:
                if NSBundle.mainBundle().bundleIdentifier() is None:
                    raise OSError("this Python is not a macOS app")
                try:
                    from UserNotifications import UNUserNotificationCenter
                except ImportError as error:
                    raise OSError(str(error)) from None

                center = UNUserNotificationCenter.currentNotificationCenter()
                self._delegate = _delegate_class().alloc().init()
                self._delegate.clicked = self._clicked
                center.setDelegate_(self._delegate)
                self._center = center
        return self._center

    def _answered(self, error: Any, handled: threading.Event) -> None:
        """The user has answered, or macOS in place of the user, which it says by an error."""
        try:
            permission = self.permission()
            if error is not None and permission is Permission.NOT_ASKED:
                self._unfit = f"macOS shows no notice of this Python: {error.localizedDescription()}"
            with self._lock:
                waiting, self._waiting = list(self._waiting.values()), {}
            for notice in waiting if permission is Permission.GRANTED else ():
                self._add(notice)
        except OSError as problem:
            _log.warning("A notice cannot be shown: %s.", problem)
        finally:
            handled.set()

    def _add(self, notice: Notify) -> None:
        """Pass it to macOS, in place of one with its key. Raises OSError: refused. Raises TimeoutError."""
        import UserNotifications as un  # noqa: N813 - as Apple's own prefix

        content = un.UNMutableNotificationContent.alloc().init()
        content.setTitle_(notice.title)
        content.setBody_(notice.body)
        if notice.buttons:
            content.setCategoryIdentifier_(self._category(notice))
        request = un.UNNotificationRequest.requestWithIdentifier_content_trigger_(notice.key, content, None)
        (error,) = self._answer(lambda done: self._center.addNotificationRequest_withCompletionHandler_(request, done))
        if error is not None and error.code() == un.UNErrorCodeNotificationsNotAllowed:
            raise NotAllowedError("the user does not allow notices")
        if error is not None:
            raise OSError(str(error.localizedDescription()))
        with self._lock:
            self._shown[notice.key] = notice

    def _category(self, notice: Notify) -> str:
        """Make these buttons known to macOS; gives the name of their category, which no other notice has."""
        from Foundation import NSSet
        from UserNotifications import UNNotificationAction, UNNotificationCategory

        name = os.urandom(8).hex()
        actions = [
            UNNotificationAction.actionWithIdentifier_title_options_(f"{name} {number}", button.label, 0)
            for number, button in enumerate(notice.buttons)
        ]
        make = UNNotificationCategory.categoryWithIdentifier_actions_intentIdentifiers_options_
        with self._lock:
            self._buttons[name] = (make(name, actions, [], 0), notice)
            for old in list(self._buttons)[:-_REMEMBERED]:
                self._buttons.pop(old)
            categories = [category for category, _ in self._buttons.values()]
        self._center.setNotificationCategories_(NSSet.setWithArray_(categories))
        # The categories take effect later. The answer to this call comes after that.

        self._answer(self._center.getNotificationCategoriesWithCompletionHandler_)
        return name

    def _clicked(self, key: str, action: str) -> None:
        """A notice was clicked, which takes it away; without a button that does nothing else."""
        name, _, number = action.partition(" ")
        with self._lock:
            self._shown.pop(key, None)
            _, notice = self._buttons.get(name, (None, None))
        if notice is not None:
            self._click(notice.buttons[int(number)].command)

    def _answer(self, ask: Callable[[Callable[..., None]], object]) -> tuple[Any, ...]:
        """What macOS gives to a completion handler, on its own thread. Raises TimeoutError."""
        answered = threading.Event()
        given: list[Any] = []

        def done(*answer: Any) -> None:
            given.extend(answer)
            answered.set()

        ask(done)
        if not answered.wait(self._limit):
            raise TimeoutError("macOS does not respond")
        return tuple(given)


@functools.cache
def _delegate_class() -> Any:
    """The class whose object receives clicks; Objective-C knows each name once."""
    import objc
    import UserNotifications
    from Foundation import NSObject

    seen = (
        UserNotifications.UNNotificationPresentationOptionBanner
        | UserNotifications.UNNotificationPresentationOptionList
    )

    protocol = objc.protocolNamed("UNUserNotificationCenterDelegate")

    class TraycredsNoticeDelegate(NSObject, protocols=[protocol]):  # type: ignore[misc, call-arg]  # pyobjc is untyped
        def userNotificationCenter_didReceiveNotificationResponse_withCompletionHandler_(
            self, _center: Any, response: Any, done: Callable[[], None]
        ) -> None:
            self.clicked(response.notification().request().identifier(), response.actionIdentifier())
            done()

        def userNotificationCenter_willPresentNotification_withCompletionHandler_(
            self, _center: Any, _notification: Any, done: Callable[[int], None]
        ) -> None:
            # Without this, no notice is seen while we are the active program.
            done(seen)

    return TraycredsNoticeDelegate
