"""Each way to show a notice, and which a platform has."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

from traycreds.core.events import Notify
from traycreds.desktop.notifications.backends import (
    _fitted,
    name_of,
    platform_backends,
    show_by_osascript,
    show_by_plyer,
)
from traycreds.desktop.notifications.freedesktop import FreedesktopService
from traycreds.desktop.notifications.notification_center import NotificationCenter
from traycreds.desktop.notifications.notifier import LIMIT, DesktopNotifier
from traycreds.desktop.notifications.toasts import Toasts

NOTICE = Notify("dev", "dev failed", "No network.")


def test_ways_of_the_platforms():
    linux = platform_backends({"DISPLAY": ":0"}, "linux")
    assert len(platform_backends({}, "linux")) == 1, "without a desktop notify-send would only complain on the terminal"
    assert isinstance(linux[0], FreedesktopService)
    assert linux[1:] == (show_by_plyer,)
    center, last = platform_backends({}, "darwin")
    assert isinstance(center, NotificationCenter)
    assert last is show_by_osascript
    toasts, balloon = platform_backends({}, "win32")
    assert isinstance(toasts, Toasts)
    assert balloon is show_by_plyer


def test_each_way_has_a_name_that_a_user_knows():
    def names(*about, **more):
        return [name_of(way) for way in platform_backends(*about, **more)]

    here = "a balloon, through plyer" if sys.platform == "win32" else "plyer (notify-send or dbus-python)"
    bus = "the desktop's notification service (org.freedesktop.Notifications)"
    assert names({"DISPLAY": ":0"}, "linux") == [bus, here]
    assert names({}, "darwin") == ["macOS's Notification Center", "osascript, as Script Editor"]
    assert names({}, "win32", tray=lambda *_: None) == ["Windows notifications", "a balloon at the tray icon", here]


@pytest.fixture
def notify_send(tmp_path, monkeypatch):
    """A notify-send of our own first on PATH, and plyer as if just imported; gives the arguments of the last call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import plyer
        from plyer.utils import Proxy
    monkeypatch.setattr(plyer, "notification", Proxy("notification", plyer.facades.Notification))
    out = tmp_path / "arguments"
    script = tmp_path / "notify-send"
    script.write_text(f"#!{sys.executable}\nimport sys\nopen({str(out)!r}, 'w').write('\\0'.join(sys.argv[1:]))\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return lambda: out.read_text().split("\0")


@pytest.mark.skipif(sys.platform != "linux", reason="notify-send is Linux's")
@pytest.mark.parametrize(
    ("title", "body"), [("dev failed", "No network."), ("-t 5", "--help"), ("$(id)", "`id`; rm"), ("ü🔑", "a\nb")]
)
def test_the_real_plyer_passes_texts_as_plain_arguments(notify_send, title, body):
    DesktopNotifier([show_by_plyer]).send(Notify("k", title, body))
    got_title, got_body = notify_send()[:2]
    assert (got_title.lstrip(" "), got_body.lstrip(" ")) == (title, body)
    assert not got_title.startswith("-")
    assert not got_body.startswith("-")


@pytest.mark.skipif(sys.platform != "linux", reason="notify-send is Linux's")
@pytest.mark.logs_warnings
def test_the_real_plyer_with_nothing_to_show_by_is_a_counted_failure(notify_send, tmp_path):
    (tmp_path / "notify-send").unlink()
    notifier = DesktopNotifier([show_by_plyer])
    notifier.send(NOTICE)
    assert notifier.failures == 1


def test_osascript_gets_texts_as_arguments_and_never_as_script(monkeypatch):
    runs = []
    monkeypatch.setattr(subprocess, "run", lambda command, **options: runs.append((command, options)))
    hostile = '" with title "x"\ndo shell script "id"'
    show_by_osascript(Notify("k", hostile, "-e 'x'"))
    ((command, options),) = runs
    assert command[-2:] == [hostile, " -e 'x'"]
    assert all("do shell script" not in part for part in command[:-2])
    assert options["timeout"] < LIMIT, "what it runs ends before it is given up"
    assert options["check"]


def test_windows_limits(monkeypatch):
    fitted = _fitted(Notify("k", "-" + "t" * 200, "b" * 999))
    assert (len(fitted.title), len(fitted.body)) == (63, 255)
    assert fitted.title.startswith(" -t")
