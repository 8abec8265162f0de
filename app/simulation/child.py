"""Runs a program of this house that ends when the one who started it does, however that ended.

`python -m app.simulation.child MODULE ARGUMENT …` runs `main` of the module; its standard input is
a pipe that the parent holds open.
"""

import importlib
import os
import signal
import sys
import threading

AGAIN_SECONDS = 10.0  # longer than a server takes to let go of its last requests


def follow_parent() -> None:
    """End like after a SIGTERM as soon as nobody holds the other end of standard input."""
    # Not by way of `sys.stdin`: its lock would be held, and Python end with an error, at the end.
    while os.read(0, 4096):
        continue
    # More than once: the exception that a signal raises may fall where everything is caught.
    again = threading.Event()
    while True:
        os.kill(os.getpid(), signal.SIGTERM)
        again.wait(AGAIN_SECONDS)


if __name__ == "__main__":
    module, arguments = sys.argv[1], sys.argv[2:]
    threading.Thread(target=follow_parent, daemon=True).start()
    sys.argv = [module, *arguments]
    sys.exit(importlib.import_module(module).main(arguments))
