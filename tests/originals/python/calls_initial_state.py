"""ISStreamer: the calls of Streamer, one after the other, shipped in this thread but where asked."""

import os

from ISStreamer.Streamer import Streamer
from main import outcome

# The second section counts only where the first one is.
INI = """[isstreamer.client_config]
offline_file: {offline_file}
[isstreamer.api_config]
stream_api_base: {url}
"""


class Reading:
    def __init__(self):
        self.plain = "attribute"

    @property
    def celsius(self):
        return 21.5

    @property
    def room(self):
        return "attic"


def run(job):
    with open("streamer.ini", "w") as file:
        file.write(INI.format(url=job["url"], offline_file="./out"))
    options = {
        "bucket_name": "B N",
        "bucket_key": "bk",
        "access_key": "ak",
        "use_async": False,
        **job["options"],
    }
    made = {}

    def construct():
        made["streamer"] = Streamer(ini_file_location="streamer.ini", **options)

    results = [outcome(construct)]
    for name, *args in job["calls"]:
        results.append(outcome(lambda: call(made["streamer"], name, *args)))
    # Its destructor would ship what is left.
    made["streamer"].IsClosed = True
    os.remove("streamer.ini")
    return {"results": results}


def call(streamer, name, *args):
    if name == "log_object":
        value, *options = args
        return streamer.log_object(value, **(options[0] if options else {}))
    if name == "log_reading":
        return streamer.log_object(Reading(), **args[0])
    return getattr(streamer, name)(*args)
