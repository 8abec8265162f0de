"""What can be wrong with a request itself, before anybody looks at what it asks for."""

from dataclasses import dataclass

from app.kernel.errors import Forbidden, Invalid, Unavailable


class NotSignedIn(Forbidden):
    """Nobody is known to be asking; the way in is to sign in, or a station's token."""

    message = "You are not signed in"
    advice = "Sign in, then try again"


class OtherKindOfCaller(Forbidden):
    """A person asked at a station's door, or the other way round."""

    message = "This address is not for you"
    advice = "A person signs in; a station sends its token"


class FromElsewhere(Forbidden):
    """A change was asked for by something other than our own pages and programs."""

    message = "The request did not come from a page of this system"
    advice = "Send the header X-Unbroken: 1 with every request that changes something"


class TooOften(Unavailable):
    """Too many tries in a short time."""

    message = "Too many tries"
    advice = "Wait %(minutes)s min, then try again"

    def __init__(self, *, seconds: int) -> None:
        super().__init__(minutes=-(-seconds // 60))
        self.seconds = seconds


class DatabaseAway(Unavailable):
    """The database did not answer, or not in time."""

    message = "The database did not answer"
    advice = "Nothing was changed. Try again in a moment"


class CannotBeStored(Invalid):
    """A value passed every check and the database has still no room for it."""

    message = "One of the values cannot be stored"
    advice = "Look for a number that is too large, or a character that cannot be printed"


class Unreadable(Invalid):
    """The body cannot be read; nobody got as far as asking what it means."""

    message = "The body cannot be read"
    advice = "Send one JSON document in UTF-8"


class NotAsJson(Unreadable):
    """Another kind of body, or none."""

    message = "The body must be JSON"
    advice = "Send the header Content-Type: application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One value that cannot be used: where it stands (`scans.3.raw`) and what is wrong with it."""

    path: str
    message: str


class DoesNotFit(Invalid):
    """The body is JSON, and some of its values cannot be used; `faults` names each of them."""

    message = "What was sent does not fit"
    advice = "Mend the values named here, then send it again"

    def __init__(self, *faults: Fault) -> None:
        super().__init__()
        self.faults = faults
