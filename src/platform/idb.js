// The one connection of a page to its database.

export const NAME = "sluicebox";

/** Milliseconds. Another tab can keep a database from opening for ever. */
const OPEN_MAX = 1000;

export let database;
let opening;

/** Called when the database was closed or deleted from outside. */
export const whenLost = new Set();

export const connect = () =>
  (opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      database = request.result;
      database.onclose = database.onversionchange = () => {
        request.result.close();
        database = opening = undefined;
        whenLost.forEach((lost) => lost());
      };
      resolve();
    };
    setTimeout(reject, OPEN_MAX, Error("the database does not open"));
  }));
