// The one connection of a page to its database.

export const NAME = "sluicebox";

/** Milliseconds. A slow device may need seconds, and another tab can keep a database from opening for ever. */
const OPEN_MAX = 10_000;

/** undefined before it is open, and after it was closed or deleted from outside. */
export let database;
let opening;

export const connect = () => (opening ??= open());

async function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(NAME);
  const opened = result(request).then((own) => {
    database = own;
    own.onclose = own.onversionchange = () => {
      own.close();
      database = opening = undefined;
    };
  });
  const late = new Promise((resolve) => setTimeout(resolve, OPEN_MAX));
  await Promise.race([opened, late]);
  if (!database) throw "the database does not open";
}

/** A promise of what a request has, or of the end of a transaction. */
export const result = (of) =>
  new Promise((resolve, reject) => {
    of.onsuccess = of.oncomplete = () => resolve(of.result);
    of.onerror = of.onabort = ({ target }) => reject(target.error ?? "aborted");
  });
