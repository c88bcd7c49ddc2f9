from __future__ import annotations

import subprocess
import sys
import threading
import time
import warnings

import pytest

from tests.support.wait_until import PATIENCE, until
from traycreds.core.events import Notify
from traycreds.core.ports import Notifier
from traycreds.desktop.notifications.notifier import (
    LIMIT,
    DesktopNotifier,
    FreedesktopService,
    _fitted,
    platform_backends,
    show_by_osascript,
    show_by_plyer,
)

NOTICE = Notify("dev", "dev failed", "No network.")


def failing(error):
    """A way that raises."""

    def way(notice):
        raise error

    return way


def test_it_fits_the_port():
    fits: Notifier = DesktopNotifier([])
    assert fits


def test_the_first_way_that_works_is_the_only_one():
    first, second = [], []
    notifier = DesktopNotifier([first.append, second.append])
    notifier.send(NOTICE)
    assert (first, second, notifier.failures) == ([NOTICE], [], 0)


def test_the_next_way_is_tried_when_one_fails():
    shown = []
    DesktopNotifier([failing(ImportError("no such thing")), failing(OSError()), shown.append]).send(NOTICE)
    assert shown == [NOTICE]


@pytest.mark.logs_warnings
@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), KeyboardInterrupt(), NotImplementedError()])
def test_nothing_that_a_way_raises_gets_out(error):
    notifier = DesktopNotifier([failing(error)])
    notifier.send(NOTICE)
    assert notifier.failures == 1


@pytest.mark.logs_warnings
def test_a_machine_without_threads_left_is_a_counted_failure(monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    shown = []
    notifier = DesktopNotifier([shown.append])
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        notifier.send(NOTICE)
    assert (notifier.failures, shown) == (1, [])
    notifier.send(NOTICE)
    assert shown == [NOTICE]


@pytest.mark.logs_warnings
def test_without_any_way_it_is_counted():
    notifier = DesktopNotifier([])
    notifier.send(NOTICE)
    assert notifier.failures == 1


@pytest.mark.logs_warnings
def test_a_row_of_failures_is_logged_once_and_a_new_row_again(caplog):
    works = [False]

    def way(notice):
        if not works[0]:
            raise OSError("away")

    notifier = DesktopNotifier([way])
    for state in (False, False, True, False, False):
        works[0] = state
        notifier.send(NOTICE)
    assert notifier.failures == 4
    assert [record.getMessage() for record in caplog.records] == ["Notifications cannot be shown (OSError: away)."] * 2


@pytest.mark.logs_warnings
def test_a_way_that_hangs_costs_the_limit_once_and_is_used_again_when_it_is_free():
    go = threading.Event()
    calls = []

    def hangs(notice):
        calls.append(notice)
        go.wait(60)

    notifier = DesktopNotifier([hangs], limit=0.5)
    began = time.monotonic()
    notifier.send(NOTICE)
    for _ in range(100):
        notifier.send(NOTICE)
    assert time.monotonic() - began < PATIENCE
    assert (len(calls), notifier.failures) == (1, 101)
    go.set()
    until(lambda: not notifier._hung[0].pending, "it has ended")
    notifier.send(NOTICE)
    assert (len(calls), notifier.failures) == (2, 101)


def test_ways_of_the_platforms():
    linux = platform_backends({"DISPLAY": ":0"}, "linux")
    assert len(platform_backends({}, "linux")) == 1, "without a desktop notify-send would only complain on the terminal"
    assert isinstance(linux[0], FreedesktopService)
    assert linux[1:] == (show_by_plyer,)
    assert platform_backends({}, "darwin") == (show_by_osascript,)
    assert platform_backends({}, "win32") == (show_by_plyer,)


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
    assert options["timeout"] < LIMIT
    assert options["check"]


def test_windows_limits(monkeypatch):
    fitted = _fitted(Notify("k", "-" + "t" * 200, "b" * 999))
    assert (len(fitted.title), len(fitted.body)) == (63, 255)
    assert fitted.title.startswith(" -t")
