"""What the Python programs share: checks that say what they saw, one JSON line each."""

import json
import math
import os
import sys
import traceback

SIDE = os.environ["CLIENT_SIDE"]
URL = os.environ["DATABASE_URL"]


def version(text):
    """The version of the client, and of the driver below it."""
    _say({"version": text})


def check(name):
    """Runs the function at once. What it returns is compared with what it returns on PostgreSQL."""

    def run(function):
        try:
            _say({"check": name, "value": plain(function())})
        except Skip as skip:
            _say({"check": name, "skipped": str(skip)})
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            text = str(error).strip()
            _say({"check": name, "error": f"{type(error).__name__}: {text} ({os.path.basename(place.filename)}:{place.lineno})"})
        return function

    return run


class Skip(Exception):
    """Raised in a check that cannot be made here."""


def raised(function, *arguments, **named):
    """The class and the first line of what a call raises; None when it raises nothing."""
    try:
        function(*arguments, **named)
    except Exception as error:
        state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
        orig = getattr(error, "orig", None)
        if state is None and orig is not None:
            state = getattr(orig, "sqlstate", None) or getattr(orig, "pgcode", None)
        return [type(error).__name__, state, str(error).strip().split("\n")[0]]
    return None


def plain(value):
    """JSON for a value; what JSON does not have is told by its class and its text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else f"int {value}"
    if isinstance(value, float):
        return value if math.isfinite(value) else f"float {value}"
    if isinstance(value, dict):
        return {str(key): plain(value[key]) for key in value}
    if isinstance(value, tuple) or isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, memoryview):
        return f"memoryview {bytes(value)!r}"
    return f"{type(value).__name__} {value!r}"


def _say(entry):
    sys.stdout.write(json.dumps(entry, separators=(",", ":")) + "\n")
    sys.stdout.flush()
