// @ts-check
// What lies in IndexedDB, and whose it is. The page looks into the package's own database for show: its
// form is no public interface (src/core/log.js, src/platform/tabs.js), and nobody else should do this.
const NAME = "sluicebox";
/** The first member of a line of a record: below it, an event; at it, that so many are settled. */
const SETTLED = 8;
/** A flag of events that the client made for itself, which are not counted. */
const CONTROL = 1;

/** @typedef {{ log: string, owner: string, tab: "this" | "other" | "none", events: number, bytes: number }} Log */

/** What a record says never changes, so each is read once. @type {Map<string, { events: number[], settled: [number, number][], bytes: number }>} */
const records = new Map();
/** @type {IDBDatabase | undefined} */
let database;
/** @type {IDBTransaction | undefined} */
let looking;
/** @type {Log[]} */
let logs = [];

// What the package writes when the page goes must not stand in line behind a look.
addEventListener("pagehide", () => {
  try {
    looking?.abort();
  } catch {
    // It is done.
  }
});

const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function connect() {
  if (database) return database;
  // Opening a database that is not there would make an empty one, in the way of the package.
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === NAME)) return undefined;
  const request = indexedDB.open(NAME);
  request.onupgradeneeded = () => request.transaction?.abort();
  database = /** @type {IDBDatabase} */ (await result(request));
  database.onclose = database.onversionchange = () => {
    database?.close();
    database = undefined;
  };
  return database;
}

/** @param {string} record */
function read(record) {
  const [, ...lines] = record.split("\n");
  /** @type {number[]} */
  const events = [];
  /** @type {[number, number][]} */
  const settled = [];
  for (const line of lines) {
    const [kind, first, count] = line.split("\t", 3).map(Number);
    if (kind < SETTLED && !(kind & CONTROL)) events.push(first);
    if (kind === SETTLED) settled.push([first, count]);
  }
  return { events, settled, bytes: new Blob([record]).size };
}

/** The records that are there now; those that are gone are forgotten. */
async function refresh() {
  looking = (await connect())?.transaction(NAME);
  const store = looking?.objectStore(NAME);
  if (!store) return [];
  const keys = await result(store.getAllKeys());
  const names = new Set(keys.map(String));
  for (const name of records.keys()) if (!names.has(name)) records.delete(name);
  const fresh = keys.filter((key) => !records.has(String(key)));
  const found = await Promise.all(fresh.map((key) => result(store.get(key))));
  fresh.forEach((key, at) => found[at] && records.set(String(key), read(found[at])));
  return keys.filter((key) => records.has(String(key)));
}

/** Which tab holds which log: each holds a Web Lock of its log's name while it lives. */
async function holders() {
  const probe = `demo.${crypto.randomUUID()}`;
  return navigator.locks.request(probe, async () => {
    const { held = [] } = await navigator.locks.query();
    const own = held.find(({ name }) => name === probe)?.clientId;
    return new Map(held.map(({ name, clientId }) => [name, clientId === own ? "this" : "other"]));
  });
}

function countsOf(keys) {
  const all = keys.map((key) => /** @type {any} */ (records.get(String(key))));
  const settled = all.flatMap((record) => record.settled);
  const isHeld = (sequence) =>
    !settled.some(([first, count]) => sequence >= first && sequence < first + count);
  return {
    events: all.flatMap((record) => record.events).filter(isHeld).length,
    bytes: all.reduce((sum, record) => sum + record.bytes, 0),
  };
}

/** The names under which the clients of this page talk with those of other tabs. */
export const owners = () => [...new Set(logs.map(({ owner }) => owner))];

/** What was found last. */
export const storedLogs = () => logs;

/** How many events of this tab are stored. */
export const storedHere = () =>
  logs.reduce((sum, { tab, events }) => sum + (tab === "this" ? events : 0), 0);

/** Looks again. */
export async function look() {
  if (!navigator.locks || !indexedDB.databases) return;
  const [keys, held] = await Promise.all([refresh(), holders()]);
  /** @type {Map<string, any[]>} */
  const byLog = new Map();
  for (const name of held.keys()) {
    const [base, owner, log] = String(name).split(".");
    if (base === NAME && log) byLog.set(`${owner}.${log}`, []);
  }
  for (const key of keys) {
    const name = `${key[0]}.${key[1]}`;
    byLog.set(name, [...(byLog.get(name) ?? []), key]);
  }
  logs = [...byLog].map(([name, of]) => {
    const [owner, log] = name.split(".");
    const tab = /** @type {Log["tab"]} */ (held.get(`${NAME}.${name}`) ?? "none");
    return { log, owner, tab, ...countsOf(of) };
  });
}
