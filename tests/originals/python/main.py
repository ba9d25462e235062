"""Makes the calls of a job, JSON on standard input, with an original client; prints what they gave."""

import contextlib
import importlib
import io
import json
import sys


def main():
    job = json.load(sys.stdin)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        given = importlib.import_module("calls_" + job["client"]).run(job)
    json.dump({**given, "printed": printed.getvalue()}, sys.stdout, default=repr)


def outcome(call):
    """What a call gave: its result, or the text of what it raised."""
    try:
        return {"result": call()}
    except Exception as error:
        # What no client said itself is named by its kind: its words are those of a library.
        own = type(error).__module__.split(".")[0] in ("stride", "builtins")
        return {"error": str(error) if own else type(error).__name__}


if __name__ == "__main__":
    # Drivers import this file by its name, not as the script that runs.
    sys.modules["main"] = sys.modules["__main__"]
    main()
