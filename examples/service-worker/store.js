/** An `EventStore` in IndexedDB, for one client: records under growing numbers, oldest first. */
export function indexedDbStore(name) {
  const opened = done(indexedDB.open(name, 1), (request) => {
    request.onupgradeneeded = () => request.result.createObjectStore(name, { autoIncrement: true });
  });
  const records = async (mode) => (await opened).transaction(name, mode).objectStore(name);
  return {
    async append(all) {
      const store = await records("readwrite");
      for (const record of all) store.add(record);
      await done(store.transaction);
    },
    async load() {
      return done((await records("readonly")).getAll());
    },
    async remove(count) {
      const store = await records("readwrite");
      const keys = await done(store.getAllKeys(null, count));
      store.delete(IDBKeyRange.upperBound(keys.at(-1)));
      await done(store.transaction);
    },
  };
}

/** The result of a request, or the end of a transaction. */
function done(of, prepare) {
  prepare?.(of);
  return new Promise((resolve, reject) => {
    of.onsuccess = of.oncomplete = () => resolve(of.result);
    of.onerror = of.onabort = () => reject(of.error);
  });
}
