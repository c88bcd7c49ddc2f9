"""The tray: shows Snapshots and turns clicks into events and commands. Never reaches network, file or engine.

Chooses the back end: ours over the session bus on Linux, else pystray's.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from traycreds.core.events import Event
from traycreds.core.snapshot import Snapshot, Surroundings
from traycreds.core.ui_commands import EVERYTHING, Command, RoleCommand, UiCommand
from traycreds.core.value_class import replace
from traycreds.ui.icon import badge, look, pixmaps
from traycreds.ui.menu import labels
from traycreds.ui.menu.model import MenuModel, build
from traycreds.ui.tray import backends, choice, main_thread

_log = logging.getLogger(__name__)

_NATIVE_SIZE = 64
"""Pixels of the picture that pystray's back ends scale for the platform."""
_PATIENCE = 5.0
"""Seconds without a tray host before a notice says so: at login the panel may start after us."""
_A_MINUTE = 60.0
_LATE = 0.05
"""Seconds into a minute at which to check, so that it has begun by every clock."""
SHOW_PATIENCE = 2.0
"""Seconds that `on_ready` waits at most for the icon; it only affects the start."""

_STARTING = Snapshot(as_of=datetime(1970, 1, 1, tzinfo=timezone.utc), trouble="Starting.")
"""Until the first snapshot comes."""

_NO_TRAY = (
    "There is no session bus (DBUS_SESSION_BUS_ADDRESS) and no display with GTK, so traycreds runs here without "
    "a tray icon. Start it from a desktop session to get one."
)


class Tray:
    """The tray icon with its menu.

    `post` gets the event of a click, `command` what the user asks of the program; both return at once. `on_no_host`
    gets one sentence, once, if no tray shows the icon within `patience` seconds; it may still appear. `terminating` is
    called on the main thread when the system ends the process (a macOS logout); must clean up first. `each_minute`
    gives the minute to count labels from and the seconds until the next; for our own back end.
    """

    def __init__(
        self,
        *,
        post: Callable[[Event], None],
        command: Callable[[Command], None],
        on_no_host: Callable[[str], None],
        can: frozenset[UiCommand] = EVERYTHING,
        patience: float = _PATIENCE,
        terminating: Callable[[], None] = lambda: None,
        each_minute: Callable[[], tuple[datetime, float]] | None = None,
    ) -> None:
        self._post_event = post
        self._command = command
        self._on_no_host = on_no_host
        self._can = can
        self._patience = patience
        self._terminating = terminating
        self._icon: Any = None
        self._own = False
        self._on_icon_thread: main_thread.Post | None = None
        self._snapshot = _STARTING
        self._around = Surroundings()
        self._model: MenuModel | None = None
        self._drawn: object = None
        self._redraw_posted = False
        self._shown = threading.Event()
        self._stopped = False
        self._each_minute = each_minute
        self._minute = _STARTING.as_of

    def show(self, snapshot: Snapshot) -> None:
        """Show a snapshot; from any thread, returns at once, draws nothing that has not changed."""
        self._snapshot = snapshot
        self._post_redraw()

    def show_around(self, around: Surroundings) -> None:
        """Show the menu's surroundings; as `show`."""
        self._around = around
        self._post_redraw()

    @property
    def keeps_time(self) -> bool:
        """Whether it counts the minutes of its labels itself; known once it runs."""
        return self._own and self._each_minute is not None

    def run(self, on_ready: Callable[[], None]) -> str | None:
        """Show the icon until `stop`, on the main thread; `on_ready` runs once on its own thread.

        Returns None after `stop` or the end of the desktop session, or a sentence saying why there is no tray.
        """
        if self._stopped:
            return None
        own = None if sys.platform in ("win32", "darwin") else self._own_icon()
        self._own = own is not None
        self._icon = own or _native_icon()
        if self._icon is None:
            return _NO_TRAY
        self._on_icon_thread = main_thread.poster(self._icon)
        self._icon.menu_closed = self._icon.appearance_changed = self._redraw
        self._icon.terminating = self._terminating
        if self._stopped:
            # The first call to `stop` came before there was a loop to end.
            self.stop()
        self._redraw()
        try:
            if not self._own:
                return self._run_native(on_ready)
            self._run_own(on_ready)
        finally:
            # Nobody should wait for an icon that will not come.
            self._shown.set()
        return None

    def show_notice(self, title: str, body: str, clicked: Callable[[], None] | None) -> None:
        """Show a notice at the icon (Windows); waits until it is shown. Raises OSError, TimeoutError: icon hangs."""
        on_icon_thread, outcome = self._on_icon_thread, queue.SimpleQueue[bool]()
        if on_icon_thread is None or not hasattr(self._icon, "balloon"):
            raise OSError("there is no tray icon to show it at")
        on_icon_thread(lambda: outcome.put(self._balloon(title, body, clicked)))
        try:
            shown = outcome.get(timeout=SHOW_PATIENCE)
        except queue.Empty:
            raise TimeoutError("the icon does not respond") from None
        if not shown:
            raise OSError("the taskbar does not accept the notice")

    def stop(self) -> None:
        """End `run`; from any thread and from signal handlers, returns at once."""
        self._stopped = True
        icon, on_icon_thread = self._icon, self._on_icon_thread
        if icon is None or on_icon_thread is None:
            return
        if self._own:
            # This only sets a flag and wakes the loop, so it is safe in a signal handler.
            icon.stop()
        else:
            on_icon_thread(icon.stop)

    def _run_own(self, on_ready: Callable[[], None]) -> None:
        from traycreds.ui.tray.dbus_loop import BusLostError

        try:
            self._icon.run(lambda _: self._set_up(on_ready))
        except BusLostError as error:
            _log.info("%s The desktop session has ended.", error)

    def _run_native(self, on_ready: Callable[[], None]) -> str | None:
        on_icon_thread = self._on_icon_thread
        assert on_icon_thread is not None, "set by run"
        failed = False

        def set_up(_icon: object) -> None:
            if not failed:
                self._set_up(on_ready)

        try:
            with main_thread.signals_wake(on_icon_thread):
                self._icon.run(set_up)
        except Exception:  # noqa: BLE001 - pystray's back ends raise whatever their platform raises
            _log.exception("The tray's loop ended with an error")
            failed = True
            main_thread.release_setup(self._icon)
            return "The tray icon cannot be shown: its toolkit failed (the log says more)."
        return None

    def _set_up(self, on_ready: Callable[[], None]) -> None:
        """On pystray's set-up thread, once the loop runs."""
        assert self._on_icon_thread is not None, "set by run"
        self._on_icon_thread(self._appear)
        self._shown.wait(SHOW_PATIENCE)
        if not self._stopped:
            on_ready()

    def _appear(self) -> None:
        self._icon.visible = True
        self._shown.set()
        if self.keeps_time:
            self._begin_minute()

    def _begin_minute(self) -> None:
        assert self._each_minute is not None, "it keeps time"
        seconds = _A_MINUTE
        try:
            self._minute, seconds = self._each_minute()
        finally:
            # Schedule the next one in any case, as the engine may sleep for long.
            self._icon.after(seconds + _LATE, self._begin_minute)
        self._redraw()

    def _own_icon(self) -> Any:
        from traycreds.dbus import session
        from traycreds.ui.tray import dbus_loop, status_notifier

        address = session.address()
        if address is None or choice.forced_back_end():
            return None
        try:
            loop = dbus_loop.DBusLoop(address)
        except OSError as error:
            _log.info("The session bus cannot be reached: %s", error)
            return None
        return status_notifier.StatusNotifierIcon(
            labels.PRODUCT, loop=loop, on_no_host=self._on_no_host, patience=self._patience
        )

    def _post_redraw(self) -> None:
        if self._on_icon_thread is not None and not self._redraw_posted:
            self._redraw_posted = True
            self._on_icon_thread(self._redraw)

    def _redraw(self) -> None:
        """On the icon's thread: change what differs, and nothing else."""
        # Clear this before reading the snapshot, so that a later one posts again.
        self._redraw_posted = False
        snapshot = self._snapshot
        if snapshot.as_of < self._minute and snapshot is not _STARTING:
            snapshot = replace(snapshot, as_of=self._minute)
        model = build(snapshot, can=self._can, around=self._around)
        # Only the Windows icon has this. Others keep an open menu, or change it in place.
        menu_open = getattr(self._icon, "menu_open", False)
        # Draw an open menu only once the user has closed it.
        if model != self._model and not menu_open:
            self._icon.menu = self._menu_of(model)
            self._model = model
        # Others scale one picture, and scaling would blur the ring.
        left = look.left(snapshot) if self._own else None
        drawn = (look.look(snapshot), left, self._theme(snapshot), badge.of(snapshot))
        # Only the Windows icon has this, as its size follows the scale of the screen.
        side = getattr(self._icon, "side", _NATIVE_SIZE)
        if (drawn, side) != self._drawn:
            self._draw(*drawn, side)
            self._drawn = (drawn, side)
        self._icon.title = labels.tooltip(snapshot)

    def _theme(self, snapshot: Snapshot) -> look.Theme:
        wanted = look.theme(snapshot)
        # Only the macOS icon has a theme of its own.
        of_panel = getattr(self._icon, "theme", None)
        return of_panel() if of_panel is not None and wanted is look.Theme.AUTO else wanted

    def _menu_of(self, model: MenuModel) -> Any:
        if self._own:
            from traycreds.ui.tray import status_notifier

            return status_notifier.Menu(model.items, self._dispatch)
        from traycreds.ui.tray import pystray_menu

        return pystray_menu.to_menu(model, self._dispatch)

    def _draw(self, shown: look.Look, left: int | None, theme: look.Theme, mark: badge.Badge | None, side: int) -> None:
        if self._own:
            self._icon.icon = badge.stamped(pixmaps.of(shown, left, theme), mark)
            self._icon.attention = shown in look.TROUBLE
        elif hasattr(self._icon, "picture"):
            self._icon.icon = self._icon.picture(shown, theme, mark)
        else:
            from traycreds.ui.icon import drawing

            self._icon.icon = drawing.with_badge(drawing.image(shown, side, theme_=theme), mark)

    def _balloon(self, title: str, body: str, clicked: Callable[[], None] | None) -> bool:
        from traycreds.ui.icon import drawing

        picture = drawing.image(look.look(self._snapshot), _NATIVE_SIZE)
        return bool(self._icon.balloon(title, body, picture, clicked))

    def _dispatch(self, command: Event | Command) -> None:
        if isinstance(command, (UiCommand, RoleCommand)):
            self._command(command)
        else:
            self._post_event(command)


def available() -> str | None:
    """None if a tray is possible, else one sentence saying why not."""
    if sys.platform in ("win32", "darwin"):
        return None
    from traycreds.dbus import session

    if session.answers() and not choice.forced_back_end():
        return None
    return _NO_TRAY if _native_icon() is None else None


def _native_icon() -> Any:
    main_thread.hide_from_dock()
    return backends.native_icon(labels.PRODUCT)
