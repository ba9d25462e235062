"""AwesomeStream's Client: insert and items."""

from awesomestream.jsonrpc import Client
from main import outcome


def run(job):
    client = Client(job["url"])
    return {"results": [outcome(lambda: call(client, *one)) for one in job["calls"]]}


def call(client, name, *args):
    if name == "insert":
        event, *date = args
        return client.insert(event, **({"date": date[0]} if date else {}))
    query = dict(args[0] if args else {})
    return client.items(**query.pop("where", {}), **query)
