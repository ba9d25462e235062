// Fetches the official Python clients into .tools/originals/, once. The npm ones are devDependencies.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import {
  at,
  attempt,
  isMain,
  run,
  script,
  Sentence,
  timed,
  unlessUnchanged,
} from "../../pkg/scripts/lib.mjs";

const HOME = ".tools/originals";
const PYTHON2 = `${HOME}/python2`;

/** The interpreter that has the originals. */
export const python = at(`${HOME}/venv/bin/python`);

/** Where the converted packages are; a driver puts it on its path. */
export const converted = at(PYTHON2);

/**
 * Written for Python 2. What lib2to3 would change is spelled out, because Python 3.13 dropped it;
 * the gzip buffer it would miss too. Each text stands exactly once in its file.
 */
const CONVERTED = {
  "stride==0.1.6": {
    "stride/client.py": [
      ["import cStringIO\nimport gzip", "import io\nimport gzip"],
      ["tmp = cStringIO.StringIO()", "tmp = io.BytesIO()"],
      ["gz.write(jsonm.dumps(json))", 'gz.write(jsonm.dumps(json).encode("utf-8"))'],
    ],
    "stride/collector.py": [
      ["import Queue\n", "import queue as Queue\n"],
      ["buffered_events.iteritems()", "buffered_events.items()"],
      ["except Exception, e:", "except Exception as e:"],
      ["map(lambda t: t.join(), self._threads)", "list(map(lambda t: t.join(), self._threads))"],
    ],
  },
  "awesomestream==0.1": {
    "awesomestream/jsonrpc.py": [
      ["from urlparse import urlparse", "from urllib.parse import urlparse"],
      // Only its server needs werkzeug, whose version of that time ends before Python 3.13.
      ["from werkzeug import Request, Response\n", ""],
      ["from werkzeug.exceptions import HTTPException, NotFound, BadRequest\n", ""],
      ["from httplib import HTTPConnection", "from http.client import HTTPConnection"],
      ["((k.encode('utf-8'), v) for k, v in kwargs.iteritems())", "(kwargs.items())"],
      ["except Exception, e:", "except Exception as e:"],
      ["print e\n", "print(e)\n"],
      ["except HTTPException, e:", "except HTTPException as e:"],
    ],
  },
};

/** Sets up what is missing; takes milliseconds when nothing is. */
export async function ensureOriginals() {
  await unlessUnchanged(
    {
      stamp: `${HOME}/stamp`,
      inputs: ["tests/originals/setup.mjs", "tests/originals/requirements.txt"],
      outputs: [`${HOME}/venv/bin/python`, PYTHON2],
    },
    () => timed("setup: the official clients from PyPI, about 30 seconds, once", install),
  );
}

async function install() {
  const found = await findPython();
  for (const folder of [`${HOME}/venv`, PYTHON2]) {
    rmSync(at(folder), { recursive: true, force: true });
  }
  await run(found, ["-m", "venv", at(`${HOME}/venv`)]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  await run(python, [...pip, "-r", at("tests/originals/requirements.txt")]);
  // They would not compile before they are converted.
  await run(python, [...pip, "--no-compile", "--target", converted, ...Object.keys(CONVERTED)]);
  for (const files of Object.values(CONVERTED)) {
    for (const [file, edits] of Object.entries(files)) convert(at(`${PYTHON2}/${file}`), edits);
  }
}

function convert(file, edits) {
  let text = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  for (const [before, after] of edits) {
    if (text.split(before).length !== 2) {
      throw new Sentence(
        `${file} does not have \`${before}\` exactly once: not the pinned version.`,
      );
    }
    text = text.replace(before, () => after);
  }
  writeFileSync(file, text);
}

/** A Python 3 that can make a virtual environment; Debian has that part in a package of its own. */
async function findPython() {
  const works = async () => (await attempt("python3", ["-c", "import venv, ensurepip"])).code === 0;
  if (await works()) return "python3";
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (existsSync("/etc/debian_version")) {
    const [program, ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    await attempt(program, [...rest, "update", "-q"]);
    const names = ["python3", "python3-venv"];
    await attempt(program, [...rest, "install", "-q", "-y", "--no-install-recommends", ...names]);
  }
  if (await works()) return "python3";
  throw new Sentence(
    "The official clients need Python 3 with venv: install both, or run `npm test -- --skip originals`.",
  );
}

if (isMain(import.meta.url)) script(ensureOriginals);
