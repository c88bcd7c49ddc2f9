"""Draws the live view in the whole window and reads its keys, with prompt_toolkit, from the extra `terminal`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Any, TextIO

from prompt_toolkit.application import Application
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.output import Output
from prompt_toolkit.output.defaults import create_output
from prompt_toolkit.styles import Style

from traycreds.cli.display import own_terminal
from traycreds.cli.live.action import Action, Wanted
from traycreds.cli.live.frame import frame
from traycreds.cli.live.view import LiveView

_STYLE = Style.from_dict(
    {
        "head": "bold",
        "good": "ansigreen",
        "busy": "ansicyan",
        "warning": "ansiyellow",
        "bad": "ansired",
        "off": "ansibrightblack",
        "faint": "ansibrightblack",
        "selected": "reverse",
    }
)
_NAMED = ("up", "down", "pageup", "pagedown", "home", "end", "enter", "escape", "backspace")
_OTHERS = {"c-j": "enter", "c-p": "up", "c-n": "down"}
_ESCAPE_SECONDS = 0.05
"""For the rest of a key that begins with Escape to come."""
_POLL_SECONDS = 0.5 if sys.platform == "win32" else None
"""Between two checks of the window's size, where no signal reports a new one."""


class Screen:
    """The view in the terminal, until it is closed; erased after that."""

    def __init__(
        self, view: LiveView, *, take: Callable[[], None], do: Callable[[Wanted], None], **streams: Any
    ) -> None:
        """Draw nothing yet.

        All is used on the thread of `run` alone: the view, `take`, which changes it after each `wake`, and `do`, which
        does what a key asks and returns at once. `streams` are `input` and `output` of prompt_toolkit.
        """
        self._view, self._take, self._do = view, take, do
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stdout = None if "output" in streams else own_terminal.another_stdout()
        self._output: Output = streams.pop("output") if self._stdout is None else _output(self._stdout)
        window = Window(FormattedTextControl(self._text, show_cursor=False), wrap_lines=False, always_hide_cursor=True)
        self._application: Application[None] = Application(
            Layout(window),
            key_bindings=self._keys(),
            style=_STYLE,
            full_screen=True,
            erase_when_done=True,
            terminal_size_polling_interval=_POLL_SECONDS,
            output=self._output,
            **streams,
        )
        self._application.ttimeoutlen = _ESCAPE_SECONDS

    def run(self) -> None:
        """Show it until `close`; on any thread."""
        with contextlib.ExitStack() as ends:
            if self._stdout is not None:
                if self._stdout is not sys.stdout:
                    ends.enter_context(self._stdout)
                # A browser, and what it starts, prints warnings, which would land in the view.
                ends.enter_context(own_terminal.kept())
            self._application.run(pre_run=self._begin, handle_sigint=False, set_exception_handler=False)

    def wake(self) -> None:
        """Have `take` called, and all drawn again; from any thread, and from signal handlers."""
        if self._loop is not None:
            # The loop may have ended already.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._change)

    def close(self) -> None:
        """End it, on its thread."""
        if self._application.is_running and self._application.future is not None:
            with contextlib.suppress(asyncio.InvalidStateError):
                self._application.exit()

    def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        # Something may have come in before there was a loop.
        self._loop.call_soon(self._change)

    def _change(self) -> None:
        self._take()
        self._application.invalidate()

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        def press(name: str, key: str) -> None:
            keys.add(name, eager=key != "escape")(lambda _: self._press(key))

        for name, key in {**dict(zip(_NAMED, _NAMED, strict=True)), **_OTHERS}.items():
            press(name, key)
        keys.add("c-c")(lambda _: self._do(Wanted(Action.QUIT)))
        keys.add(Keys.Any)(self._on_text)
        keys.add(Keys.BracketedPaste)(lambda event: self._view.paste(event.data))
        return keys

    def _on_text(self, event: KeyPressEvent) -> None:
        if event.data.isprintable():
            self._press(event.data)

    def _press(self, key: str) -> None:
        wanted = self._view.press(key)
        if wanted is not None:
            self._do(wanted)

    def _text(self) -> StyleAndTextTuples:
        size = self._output.get_size()
        text: StyleAndTextTuples = []
        for line in frame(self._view, size.columns, size.rows):
            text += [(" ".join(f"class:{each}" for each in style.split()), part) for style, part in line]
            text.append(("", "\n"))
        return text[:-1]


def _output(stdout: TextIO) -> Output:
    output = create_output(stdout=stdout)
    output.enable_cpr = False  # type: ignore[attr-defined] # its place is not asked for: a slow terminal answers late
    return output
