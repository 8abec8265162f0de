"""What can be wrong on the way to the server, in plain words and with a remedy."""

from typing import Final

from hardware.agent.board import Condition
from hardware.agent.server import NoAnswer, NotReached, Reply

CONNECTED: Final = Condition(state="connected")

_KEPT: Final = "reads are kept on this computer and sent later"


def silent(error: NoAnswer) -> Condition:
    """No connection, or no answer on it."""
    if isinstance(error, NotReached):
        return Condition(
            state="server not reached",
            message=f"{_KEPT} ({error})",
            remedy="Check the network cable, the server's address, and that the server runs",
        )
    return Condition(
        state="server does not answer",
        message=f"{_KEPT} ({error})",
        remedy="The server is slow or was stopped: look there; nothing needs doing here",
    )


def unwelcome(reply: Reply) -> Condition:
    """An answer that says nothing about any read."""
    if reply.status in {401, 403}:
        return Condition(
            state="token refused",
            message=f"the server does not let this station in; {_KEPT} ({reply.words()})",
            remedy="The station was shut out, or paired with another computer. Have an"
            " administrator make a code on its page, and pair again: unbroken-agent pair",
        )
    if reply.status >= 500 or reply.status == 429:
        return Condition(
            state="server in trouble",
            message=f"{_KEPT} ({reply.words()})",
            remedy="Look at the server's log; nothing needs doing here",
        )
    return Condition(
        state="not our server",
        message=f"what answers there is no Unbroken server; {_KEPT} ({reply.words()})",
        remedy="Check the server's address, and that no sign-in page stands in between",
    )


def incomplete(missing: int) -> Condition:
    """An answer that left out some reads."""
    return Condition(
        state="server in trouble",
        message=f"{missing} reads were left without an answer; they will be sent again",
        remedy="Look at the server's log; nothing needs doing here",
    )


def outbox_failing(error: Exception) -> Condition:
    """Our own disk stands in the way."""
    return Condition(
        state="cannot note answers",
        message=f"the outbox cannot be written ({error}); nothing is lost",
        remedy="Free space on the disk that holds the data folder",
    )
