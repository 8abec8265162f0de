"""The five kinds of refusal. Each error of the house is a child of one, defined where it is raised.

An error is a statement (`SlotTaken`). It carries what is so (`message`, a source string of the
catalogue with `%(name)s` places), the values for them, and what to do next (`advice`).
`app.web` maps the five kinds to HTTP in one table; nobody below it knows a status code.
"""

from typing import ClassVar


class HouseError(Exception):
    """What is so, and what to do next; `message` and `advice` are catalogue source strings."""

    message: ClassVar[str] = "It could not be done"
    advice: ClassVar[str] = ""

    def __init__(self, **values: object) -> None:
        super().__init__(self.message % values if values else self.message)
        self.values = values


class Missing(HouseError):
    """There is no such thing, or none that may be shown."""

    message = "There is no such thing"


class Refused(HouseError):
    """Understood, and not done, because of what is already so."""

    message = "It was not done"


class Invalid(HouseError):
    """What was sent does not make sense."""

    message = "What was sent does not make sense"


class Forbidden(HouseError):
    """This person or station may not do that here."""

    message = "You may not do that here"
    advice = "Ask someone with the right role at this site"


class Unavailable(HouseError):
    """It cannot be done now; later it may."""

    message = "It cannot be done right now"
    advice = "Try again in a moment"
