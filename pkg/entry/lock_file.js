// One writer for a file: a lock beside it that says which process has it.
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { SluiceboxError } from "./server.js";

/** Gives what unlocks; throws a SluiceboxError (storage) where someone has it. */
export function lock(path) {
  const name = `${path}.lock`;
  // Written whole before it has its name: nobody sees half of it.
  const draft = `${name}.${randomUUID()}`;
  writeFileSync(draft, `${process.pid} ${startOf(process.pid)} ${hostname()}`, { mode: 0o600 });
  try {
    claim(path, name, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  const unlock = () => {
    process.off("exit", unlock);
    rmSync(name, { force: true });
  };
  process.on("exit", unlock);
  return unlock;
}

/** Twice: the first lock may be of a process that has ended. */
function claim(path, name, draft) {
  for (const isLast of [false, true]) {
    try {
      return linkSync(draft, name);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const found = read(name);
    if (found === undefined) continue;
    if (isLast || !isStale(found)) throw taken(path, name, found);
    // Moved away first: another process may be taking it over too.
    const moved = `${draft}.old`;
    try {
      renameSync(name, moved);
    } catch {
      continue;
    }
    if (read(moved) !== found) {
      // It was no longer the one that was found.
      try {
        linkSync(moved, name);
      } catch {
        // Someone has it by now, and is found below.
      }
    }
    rmSync(moved, { force: true });
  }
  throw taken(path, name, "");
}

function taken(path, name, found) {
  const [pid, , host] = found.split(" ");
  const who = +pid === process.pid ? "this process" : `process ${pid} on ${host}`;
  const message = `"${path}" is in use by ${who} (says "${name}"): a file is for one client`;
  return new SluiceboxError("storage", "caller", message);
}

function read(name) {
  try {
    return readFileSync(name, "utf8");
  } catch {
    return undefined;
  }
}

/** A process of another machine cannot be asked: it counts as alive. */
function isStale(found) {
  const [pid, start, host] = found.split(" ");
  if (host !== hostname()) return false;
  try {
    process.kill(+pid, 0);
  } catch (error) {
    return error.code === "ESRCH";
  }
  // Numbers are given again, in containers mostly the same ones.
  return start !== "0" && start !== startOf(pid);
}

/** When the process began, where the system says so: Linux, in ticks since it booted, and which boot. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}-${boot}`;
  } catch {
    return "0";
  }
}
