"""ISReader: the latest events of a bucket."""

from ISReader.Reader import Reader
from main import outcome

INI = """[isreader.api_config]
api_base: {url}
"""


def run(job):
    with open("reader.ini", "w") as file:
        file.write(INI.format(url=job["url"]))
    keys = {"access_key": job["access_key"], "bucket_key": job["bucket_key"]}
    reader = Reader(ini_file_location="reader.ini", debug_level=1, **keys)
    return {"results": [outcome(lambda: reader.get_latest(*args)) for args in job["calls"]]}
