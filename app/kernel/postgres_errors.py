"""What can be wrong with a database server, and what to do about it."""

from app.kernel.errors import Unavailable


class DatabaseDidNotStart(Unavailable):
    """The server was not there in time."""

    message = "The database did not start within %(seconds)s seconds: %(said)s"
    advice = "Run `unbroken doctor`; the server's own log is in %(log)s"


class DatabaseDidNotStop(Unavailable):
    """A process of the server still lives; nothing was forced."""

    message = "The database did not stop within %(seconds)s seconds"
    advice = "See what it is still doing with `unbroken doctor`, then stop it again"


class DatabaseGone(Unavailable):
    """The data folder points to a database that is no longer where it was."""

    message = "The database of %(data)s was at %(home)s and is no longer there"
    advice = "Restore a backup; or, to begin with an empty database, delete %(data)s/postgres"


class OtherEdition(Unavailable):
    """The files were written by another major version."""

    message = "The database in %(cluster)s was written by PostgreSQL %(found)s, not %(needed)s"
    advice = "Back up with the version that wrote it, then restore with this one"


class SocketFolderTaken(Unavailable):
    """Somebody else owns the folder our socket must be in."""

    message = "The folder %(folder)s belongs to somebody else or is open to others"
    advice = "Have it removed by its owner or by the administrator of this machine"
