// Programs of the system: found on PATH, or installed with apt-get where that is possible.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { attempt, run, timed } from "./lib.mjs";

export function findOnPath(...names) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const folder of folders) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

/** Does nothing where there is no apt-get, or nobody who may use it. */
export async function installPackages(what, packages) {
  if (!existsSync("/etc/debian_version") || !findOnPath("apt-get")) return;
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (asRoot.length > 0 && (await attempt("sudo", ["-n", "true"])).code !== 0) return;
  const apt = (...args) => {
    const [program, ...rest] = [
      ...asRoot,
      "env",
      "DEBIAN_FRONTEND=noninteractive",
      "apt-get",
      ...args,
    ];
    return run(program, rest);
  };
  await timed(`setup: installing ${what} with apt-get, about a minute`, async () => {
    await apt("update", "-q");
    await apt("install", "-q", "-y", "--no-install-recommends", ...packages);
  });
}
