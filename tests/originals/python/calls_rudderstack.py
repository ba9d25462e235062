"""rudder-sdk-python: the six calls, flush, and what on_error is told."""

import datetime
import logging
import re

from main import outcome
from rudderstack.analytics.client import Client


def run(job):
    logging.disable(logging.CRITICAL)
    told = []
    client = Client(
        "wk",
        host=job["url"],
        on_error=lambda error, batch: told.append({"message": str(error), "count": len(batch)}),
        **job["options"],
    )
    results = []
    for name, members in job["calls"]:
        results.append(outcome(lambda: call(client, name, members)))
    client.flush()
    client.join()
    return {"results": results, "told": told}


def call(client, name, members):
    named = {snake(member): dated(value) for member, value in members.items()}
    if isinstance(named.get("timestamp"), str):
        named["timestamp"] = datetime.datetime.fromisoformat(named["timestamp"])
    # True and the message: what is sent is compared where it arrives.
    getattr(client, name)(**named)


def snake(name):
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def dated(value):
    """{"$date": text} is a date."""
    if isinstance(value, dict):
        if "$date" in value:
            return datetime.datetime.fromisoformat(value["$date"])
        return {name: dated(inner) for name, inner in value.items()}
    return [dated(one) for one in value] if isinstance(value, list) else value
