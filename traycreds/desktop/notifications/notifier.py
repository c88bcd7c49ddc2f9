"""Notifies the user the first way that works on the desktop. Never raises; `LIMIT` bounds each way."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from traycreds.core.events import Notify
from traycreds.core.value_class import value_class
from traycreds.desktop.notifications import advice, balloon
from traycreds.desktop.notifications.advice import Advice
from traycreds.desktop.notifications.backends import Backend, Tray, name_of, platform_backends, show_by_osascript
from traycreds.desktop.notifications.freedesktop import Click, FreedesktopService, Picture
from traycreds.desktop.notifications.notification_center import NotificationCenter
from traycreds.desktop.notifications.permission import NotAllowedError
from traycreds.desktop.notifications.toasts import Toasts
from traycreds.process.bounded_call import HungCalls, background_call, daemon, ended

_log = logging.getLogger(__name__)

LIMIT = 3.0
"""Seconds that one way may take: plyer blocks for 25 s on a hung daemon (docs/desktop-behaviour.md#notifications)."""

GIVE_UP = 60.0
"""Seconds until a way that hangs is retried."""

TEST_NOTICE = Notify("test", "traycreds: test notice", "This is what traycreds notices look like.")

Service: TypeAlias = "FreedesktopService | NotificationCenter | Toasts"
"""Takes notices back as well."""

_LAST_SECONDS = 0.5
"""Seconds for notices to be taken back at the end: a bus that hangs ends with the process."""


@value_class
class Sent:
    """How a notice was sent; `by` is None if no way works, `hint` helps if it does not appear."""

    by: str | None
    hint: str


class DesktopNotifier:
    """Shows notices the first way that works, one at a time; `failures` counts those that no way could show."""

    def __init__(
        self,
        backends: Sequence[Backend] | None = None,
        limit: float = LIMIT,
        click: Click = lambda _: None,
        picture: Picture = lambda _: None,
        tray: Tray | None = None,
        *,
        give_up: float = GIVE_UP,
    ) -> None:
        """Use this platform's backends, or those given, best first, each for `limit` seconds.

        `click` gets the command of a clicked button; must return at once. `tray` shows a notice on Windows, if there is
        an icon. After `give_up` seconds a hung backend is retried.
        """
        self.failures = 0
        self._backends = tuple(
            backends if backends is not None else platform_backends(os.environ, click=click, picture=picture, tray=tray)
        )
        self._limit = limit
        self._hung = [HungCalls(give_up) for _ in self._backends]
        self._sending = threading.Lock()
        self._logged = False
        self._advised = False
        self._taking: threading.Thread | None = None

    def send(self, notice: Notify) -> bool:
        """Show it, or log why it cannot be shown; whether it is shown. Never raises."""
        with self._sending:
            backend, errors = self._first_that_works(notice)
            if backend is not None:
                self._logged = False
            elif not _refused(errors):
                # The menu shows a refusal, so do not log it.
                self.failures += 1
                self._log_once(errors)
            self._advise_once(backend)
            return backend is not None

    def sent(self, notice: Notify) -> Sent:
        """Show it, and say how; never raises."""
        with self._sending:
            backend, errors = self._first_that_works(notice)
        if backend is not None:
            return Sent(name_of(backend), _hint(backend))
        advised = self.advice() if _refused(errors) else None
        if advised is not None:
            return Sent(None, f"{errors[-1]}. {advised.remedy}")
        remedy = f" {advice.NO_SERVICE}" if sys.platform == "linux" else ""
        return Sent(None, f"It failed: {_reasons(errors)}.{remedy}")

    def ask_permission(self) -> None:
        """Have the system ask the user whether notices are allowed, unless it has; returns at once."""
        for center in self._centers:
            # If the machine has no thread left, the first notice asks instead.
            with contextlib.suppress(RuntimeError):
                daemon("notices", center.ask)

    def advice(self) -> Advice | None:
        """Why notices are not seen, if the system tells; never raises, waits a second at most."""
        for each in self._backends:
            if isinstance(each, NotificationCenter):
                return advice.of_center(each)
            if isinstance(each, Toasts):
                return advice.of_toasts(each)
        return None

    @property
    def shown_keys(self) -> frozenset[str]:
        """The keys of the notices that are seen now and can be taken back."""
        return frozenset().union(*(service.shown_keys for service in self._services))

    def take_back(self, keys: Iterable[str]) -> None:
        """Take away the notices of these keys; never raises, and waits at most for the call before this one."""
        if self._taking is not None:
            self._taking.join(self._limit)
        # If the bus hangs, only one thread should hang with it.
        if self._taking is None or not self._taking.is_alive():
            self._taking = threading.Thread(target=self._take_back, args=(tuple(keys),), name="notices", daemon=True)
            self._taking.start()

    def linger(self) -> None:
        """Wait until what would go with the process has been shown for as long as it should."""
        if sys.platform == "win32":
            balloon.linger()

    def close(self) -> None:
        """Remove what is shown, since its buttons do nothing from now on, and disconnect from it."""
        if self.shown_keys:
            self.take_back(self.shown_keys)
        if self._taking is not None:
            self._taking.join(_LAST_SECONDS)
        for service in self._services:
            service.close()

    @property
    def _services(self) -> list[Service]:
        return [each for each in self._backends if isinstance(each, (FreedesktopService, NotificationCenter, Toasts))]

    @property
    def _centers(self) -> list[NotificationCenter]:
        return [each for each in self._backends if isinstance(each, NotificationCenter)]

    def _first_that_works(self, notice: Notify) -> tuple[Backend | None, list[BaseException]]:
        errors: list[BaseException] = []
        for number, backend in enumerate(self._backends):
            error = self._tried(number, backend, notice)
            if error is None:
                return backend, errors
            errors.append(error)
            if isinstance(error, (NotAllowedError, TimeoutError)):
                break
        return None, errors

    def _log_once(self, errors: list[BaseException]) -> None:
        """Once for a row of failures: the menu shows the same texts anyway."""
        if not self._logged:
            self._logged = True
            _log.warning("Notifications cannot be shown (%s).", _in_words(errors).rstrip("."))

    def _advise_once(self, backend: Backend | None) -> None:
        if backend is show_by_osascript and not self._advised:
            self._advised = True
            _log.info("Notices go to osascript. %s", advice.AS_SCRIPT_EDITOR)

    def _take_back(self, keys: tuple[str, ...]) -> None:
        # If the bus is gone, the notices are gone too.
        with contextlib.suppress(OSError):
            for service in self._services:
                service.take_back(keys)

    def _tried(self, number: int, way: Backend, notice: Notify) -> BaseException | None:
        """Why a way failed, None if it did not; a way that hangs since last time is not retried yet."""
        if self._hung[number].pending:
            return TimeoutError("the last notification is still hanging")
        try:
            call = background_call(lambda: way(notice), name=f"notify-{number}")
        except RuntimeError as error:
            # The machine has no thread left for now.
            return error
        if not ended(call, self._limit):
            self._hung[number].add(call)
            return TimeoutError(f"no response in {self._limit:g} s")
        # Return even a `SystemExit` of a library, as it must not end anything either.
        return call.exception()


def _refused(errors: list[BaseException]) -> bool:
    return any(isinstance(error, NotAllowedError) for error in errors)


def _in_words(errors: list[BaseException]) -> str:
    return f"{'; '.join(f'{type(error).__name__}: {error}' for error in errors) or 'no way to show any'}."


def _reasons(errors: list[BaseException]) -> str:
    return "; ".join(str(error) or type(error).__name__ for error in errors) or "there is no way to show any"


def _hint(backend: Backend) -> str:
    if isinstance(backend, NotificationCenter) and backend.waits:
        return advice.ANSWER
    return advice.AS_SCRIPT_EDITOR if backend is show_by_osascript else ""
