"""What can stand in the way of somebody who deals with an alarm."""

from app.kernel.errors import Invalid, Missing, Refused


class AlarmMissing(Missing):
    """No such alarm, or none of a site where the caller may see alarms."""

    message = "There is no alarm %(alarm)s"


class AlarmOver(Refused):
    """The alarm has ended; there is nothing left to be done about it."""

    message = "This alarm has ended"
    advice = "Open the list again to see what still needs a person"


class PersonNotThere(Refused):
    """An alarm cannot be given to somebody who may not deal with it."""

    message = "This person does not deal with alarms at this site"
    advice = "Choose somebody whose role includes it there"


class ReasonUnknown(Invalid):
    """A reason that the rule does not take."""

    message = "Rule %(rule)s cannot be explained by %(reason)s"
    advice = "Choose one of: %(reasons)s"
