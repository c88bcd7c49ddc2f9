"""What the parser of the command line holds, for the pages that are made of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

PROGRAM = "traycreds"


def commands_of(of: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Each command with its words, its line in the list and its parser, and below it its own commands."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            texts = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for word, command in action.choices.items():
                yield f"{name} {word}", texts.get(word, ""), command
                yield from commands_of(command, f"{name} {word}")


def usage_of(name: str, command: argparse.ArgumentParser) -> str:
    """One line, put together here: argparse's own differs between versions of Python."""
    if command.usage is not None:
        return (command.usage % {"prog": name}).replace("[-h] ", "")
    groups = [group._group_actions for group in command._mutually_exclusive_groups]
    shown = shown_of(command)
    parts = [shape_of(action) for action in shown if not action.option_strings]
    for action in shown:
        group = next((group for group in groups if action in group), [action])
        if action.option_strings and action is group[0]:
            text = " | ".join(shape_of(each) for each in group)
            parts.append(text if action.required else f"[{text}]")
    return " ".join([name, *parts])


def shown_of(command: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments and options that have something to say: help, and neither -h nor the list of commands."""
    hidden = (argparse._HelpAction, argparse._SubParsersAction)
    actions = command._actions
    return [each for each in actions if not isinstance(each, hidden) and each.help is not argparse.SUPPRESS]


def shape_of(action: argparse.Action) -> str:
    """An argument or option as one types it."""
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if not action.option_strings:
        return {"*": f"[{value} ...]", "?": f"[{value}]"}.get(str(action.nargs), str(value))
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"
