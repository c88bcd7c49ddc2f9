"""The dialogs that ask for an MFA code, on a real screen: what they show, what they give back, how they end."""

from __future__ import annotations

import shutil
import subprocess
import threading

import pytest

from tests.desktop.x11 import Screen, needs_screen
from tests.support.process_list import command_lines
from tests.support.wait_until import PATIENCE, until
from traycreds.aws.mfa.dialog import TITLE, Dialog
from traycreds.aws.mfa.question import Question
from traycreds.core.errors import TraycredsError
from traycreds.process import own_program

pytestmark = [pytest.mark.desktop, needs_screen]

QUESTION = Question(device="arn:aws:iam::123456789012:mfa/my_phone", roles=("prod_admin", "b", "c"))


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    with Screen(tmp_path_factory.mktemp("screen")) as desktop:
        yield desktop


@pytest.fixture
def on_screen(screen, monkeypatch):
    for name in ("DISPLAY", "GTK_THEME", "DBUS_SESSION_BUS_ADDRESS", "NO_AT_BRIDGE", "XDG_CACHE_HOME", "LANG"):
        monkeypatch.setenv(name, screen.environment()[name])
    return screen


class Asking:
    """A dialog that is being answered."""

    def __init__(self, screen, dialog, question=QUESTION):
        self.screen, self.dialog, self.answers = screen, dialog, []
        self._thread = threading.Thread(target=lambda: self.answers.append(dialog.ask(question)), daemon=True)
        self._thread.start()

    def window(self):
        def find():
            found = subprocess.run(
                ["xdotool", "search", "--onlyvisible", "--name", TITLE],
                env=self.screen.environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            return found.stdout.split()

        return until(find, "the dialog appears", timeout=20)[0]

    def process(self):
        """Whose window it is; None while it goes."""
        try:
            return self.screen.xdotool("getwindowpid", self.window())
        except subprocess.CalledProcessError:
            return None

    def type(self, *words):
        window = self.window()
        self.screen.xdotool("windowfocus", "--sync", window)
        for word in words:
            if word in ("Return", "Escape"):
                self.screen.keys(word)
            else:
                self.screen.xdotool("type", "--delay", "30", word)

    def answer(self):
        self._thread.join(10)
        assert self.answers, "the dialog is answered"
        return self.answers[0]


def own_dialog(**options):
    return Dialog(own_program.part(own_program.ASK_CODE), **options)


def test_our_own_gives_the_code_and_shows_what_it_is_for(on_screen):
    pytest.importorskip("tkinter", reason="needs tkinter: sudo apt-get install -y python3-tk")
    asking = Asking(on_screen, own_dialog())
    asking.window()
    picture = on_screen.still("dialog")
    assert len(picture.getcolors(1 << 20)) > 20
    # Five digits are not a code, so the dialog stays.
    asking.type("12345", "Return")
    asking.type("6", "Return")
    assert asking.answer() == "123456"


def test_docks_and_bars_know_the_window_as_ours(on_screen):
    """GNOME's bar shows the class of a window that no installed desktop entry names."""
    pytest.importorskip("tkinter")
    asking = Asking(on_screen, own_dialog())
    window = asking.window()
    named = on_screen.xdotool("search", "--onlyvisible", "--class", "^Traycreds$").split()
    asking.type("Escape")
    assert asking.answer() is None
    assert named == [window]


def test_ctrl_a_selects_all_so_that_a_wrong_code_is_typed_over(on_screen):
    pytest.importorskip("tkinter")
    asking = Asking(on_screen, own_dialog())
    asking.type("111111")
    on_screen.keys("ctrl+a")
    asking.type("654321", "Return")
    assert asking.answer() == "654321"


def test_our_own_is_half_as_large_again_where_the_desktop_says_144_dots_an_inch(on_screen):
    """Letters, picture, fields and buttons: as GNOME and Plasma say it on X11, where the server says 96 all the same."""
    pytest.importorskip("tkinter")
    sizes = []
    for dots in (96, 144):
        subprocess.run(
            ["xrdb", "-nocpp", "-merge"],
            env=on_screen.environment(),
            input=f"Xft.dpi: {dots}\n",
            text=True,
            check=True,
            timeout=PATIENCE,
        )
        asking = Asking(on_screen, own_dialog())
        answer = on_screen.xdotool("getwindowgeometry", "--shell", asking.window())
        values = dict(line.split("=") for line in answer.split())
        sizes.append((int(values["WIDTH"]), int(values["HEIGHT"])))
        on_screen.still(f"dialog-{dots}")
        asking.type("123456", "Return")
        assert asking.answer() == "123456"
    on_screen.ask("xrdb", "-remove")
    (width, height), (wide, high) = sizes
    assert 1.45 < wide / width < 1.55
    assert 1.4 < high / height < 1.6, "lines of letters have whole pixels"


def test_our_own_is_cancelled_by_escape(on_screen):
    pytest.importorskip("tkinter")
    asking = Asking(on_screen, own_dialog())
    asking.type("123456", "Escape")
    assert asking.answer() is None


def test_no_code_and_no_question_is_on_a_command_line(on_screen):
    pytest.importorskip("tkinter")
    asking = Asking(on_screen, own_dialog())
    asking.type("135791")
    lines = list(command_lines().values())
    assert any(line.endswith("ask-code") for line in lines)
    assert not any("135791" in line and "xdotool" not in line for line in lines)
    assert not any("prod_admin" in line for line in lines)
    asking.type("Return")
    assert asking.answer() == "135791"


def test_closing_ends_it(on_screen):
    pytest.importorskip("tkinter")
    dialog = own_dialog()
    asking = Asking(on_screen, dialog)
    asking.window()
    dialog.close()
    assert asking.answer() is None
    assert dialog.ask(QUESTION) is None, "no other is opened"


def test_nobody_answers(on_screen):
    pytest.importorskip("tkinter")
    assert own_dialog(seconds=1.5).ask(QUESTION) is None


@pytest.mark.skipif(shutil.which("zenity") is None, reason="needs zenity: sudo apt-get install -y zenity")
def test_zenity_where_tkinter_is_missing(on_screen):
    asking = Asking(on_screen, Dialog(["/no/such/dialog"]))
    first = asking.process()
    on_screen.still("zenity")
    asking.type("12ab", "Return")
    until(lambda: asking.process() not in (None, first), "it asks again")
    asking.type("123 456", "Return")
    assert asking.answer() == "123456"


def test_without_a_display_it_says_what_to_install(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TraycredsError) as caught:
        own_dialog().ask(QUESTION)
    assert "zenity" in caught.value.hint
    assert "mfa_process" in caught.value.hint
