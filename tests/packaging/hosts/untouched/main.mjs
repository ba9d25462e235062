// Imports one entry and prints what that called, which globals it changed, and what it left open.
import { createRequire } from "node:module";

const [how, entry] = process.argv.slice(2);
const require = createRequire(import.meta.url);

const calls = [];
const watch = (object, name) => {
  const own = object[name];
  object[name] = function (...args) {
    calls.push(name);
    return Reflect.apply(own, this, args);
  };
};
const TIMERS = ["setTimeout", "setInterval", "setImmediate"];
for (const name of [...TIMERS, "fetch"]) watch(globalThis, name);
for (const name of ["getRandomValues", "randomUUID"]) watch(crypto, name);
for (const name of ["on", "once", "addListener"]) watch(process, name);
for (const name of ["log", "warn", "error"]) watch(console, name);
for (const name of ["now"]) watch(Date, name);

const globals = () =>
  new Map(
    Reflect.ownKeys(globalThis).map((key) => [
      key,
      Object.getOwnPropertyDescriptor(globalThis, key),
    ]),
  );
const same = (a, b) => a && Object.is(a.value, b.value) && a.get === b.get && a.set === b.set;

// What is lazy replaces itself, or opens its pipe, when it is first read.
for (const key of Reflect.ownKeys(globalThis)) void globalThis[key];
for (const key of ["stdin", "stdout", "stderr"]) void process[key];
const before = globals();
const open = process.getActiveResourcesInfo();
if (how === "require") require(entry);
else await import(entry);
const seen = [...calls];
const changed = [...globals()]
  .filter(([key, property]) => !same(before.get(key), property))
  .map(([key]) => String(key));
const left = process.getActiveResourcesInfo().slice(open.length);
process.stdout.write(JSON.stringify({ calls: seen, changed, open: left }));
