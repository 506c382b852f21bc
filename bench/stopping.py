"""Ctrl-C and SIGTERM: the first stops a measurement or a load in order, later ones are ignored meanwhile."""

import signal
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
EXIT_CODE = 130


def _stop(_signum: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def stop_on_signals() -> None:
    """From now on the first signal raises KeyboardInterrupt in the main thread."""
    for number in SIGNALS:
        signal.signal(number, _stop)
