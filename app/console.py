"""How the command line speaks: to people in sentences, to programs in JSON, with honest exit codes.

0: all is well · 1: something was found, or could not be done · 2: it was asked in a wrong way.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import IO, Any, TypeVar

import click
from sqlalchemy.exc import OperationalError

from app.kernel.errors import HouseError
from config.reading import ConfigWrong
from config.settings import SettingsWrong

FINE, FOUND, WRONG = 0, 1, 2
_JSON = "unbroken.json"
Facts = Mapping[str, object]
Command = TypeVar("Command", bound=Callable[..., Any])


class Told(click.ClickException):
    """An error of the house on its way out: what is so, why, and what to do next."""

    exit_code = FOUND

    def __init__(self, *, message: str, advice: str = "", plain: bool) -> None:
        super().__init__(message)
        self.advice, self.plain = advice, plain

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it on stderr; as JSON on stdout where JSON was asked for."""
        if not self.plain:
            click.echo(json.dumps({"ok": False, "error": self.message, "advice": self.advice}))
            return
        click.echo(self.message, err=True)
        if self.advice:
            click.echo(f"What to do: {self.advice}", err=True)


class ToldWrong(Told):
    """The same, of something asked in a wrong way."""

    exit_code = WRONG


class House(click.Group):
    """A group of commands whose errors are said in the words of the house."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of the house becomes one of the command line."""
        try:
            return super().invoke(ctx)
        except (SettingsWrong, ConfigWrong) as error:
            raise ToldWrong(message=str(error), plain=not wants_json(ctx)) from error
        except HouseError as error:
            advice = error.advice % error.values if error.values else error.advice
            raise Told(message=str(error), advice=advice, plain=not wants_json(ctx)) from error
        except OperationalError as error:
            message = "The database did not answer, or went away"
            raise Told(
                message=message, advice="unbroken doctor", plain=not wants_json(ctx)
            ) from error


def with_json(command: Command) -> Command:
    """Let a command be asked for JSON: `--json`."""
    option = click.option(
        "--json",
        "as_json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help="Answer with one JSON document.",
    )
    return option(command)


def wants_json(ctx: click.Context) -> bool:
    """Whether JSON was asked for."""
    return bool(ctx.meta.get(_JSON))


def colours(ctx: click.Context) -> None:
    """No colour where NO_COLOR says so; elsewhere only on a terminal, which click sees to."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def answer(facts: Facts, words: str, *, ok: bool = True) -> None:
    """Say the result: the facts as JSON, or the words; not ok ends with exit code 1."""
    ctx = click.get_current_context()
    if wants_json(ctx):
        click.echo(json.dumps({"ok": ok, **facts}, default=str))
    else:
        click.echo(words)
    if not ok:
        ctx.exit(FOUND)


def note(words: str) -> None:
    """Something worth knowing beside the result."""
    click.echo(words, err=True)


def progress(words: str) -> Callable[[int], None]:
    """Shows how far it is, on a terminal, beside the result; `words` hold the place `{count}`."""
    if not sys.stderr.isatty():
        return lambda count: None
    return lambda count: click.echo(f"\r{words.format(count=f'{count:,}')}", nl=False, err=True)


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.meta[_JSON] = True
