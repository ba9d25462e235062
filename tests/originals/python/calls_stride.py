"""pystride: the calls of Stride and of Collector, and set_id and set_timestamp."""

import datetime
import logging

import stride
from main import outcome


def run(job):
    # The package logs to the root logger.
    logging.disable(logging.CRITICAL)
    endpoint = job["url"] + "/v1"
    client = stride.Stride("key", endpoint=endpoint, **job.get("options", {}))
    collector = None
    results = []
    for name, *args in job["calls"]:
        if name == "collector":
            collector = stride.Collector("key", endpoint=endpoint, **args[0])
        elif name in ("start", "collect", "stop"):
            results.append(outcome(lambda: getattr(collector, name)(*args)))
        elif name == "subscribe":
            results.append(outcome(lambda: subscribe(client, *args)))
        elif name in ("set_id", "set_timestamp"):
            results.append(outcome(lambda: helped(name, *args)))
        else:
            results.append(outcome(lambda: plain(getattr(client, name)(*args))))
    return {"results": results}


def plain(response):
    return {"statusCode": response.status_code, "data": response.data}


def subscribe(client, path, count, sample=None):
    response = client.subscribe(path, sample=sample)
    if response.status_code != 200:
        return plain(response)
    events = response.data()
    return {"statusCode": 200, "data": [next(events) for _ in range(count)]}


def helped(name, value):
    event = {"a": 1}
    if name == "set_timestamp" and value is not None:
        value = datetime.datetime.fromisoformat(value)
    getattr(stride, name)(event, value)
    return event
