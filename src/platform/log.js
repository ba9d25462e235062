// Where records of undelivered events are kept. A log is an object with
//
//   open(core)            begins to read what is there: calls core.load(), then core.adopt() once with
//                         the records, each a text, oldest first, and again for each page that
//                         is gone; what it gave is removed with the write that adopt() makes, or after it
//   write(record, remove) appends the record where it is not empty, then removes the `remove` oldest of
//                         those before it; then calls core.stored(whether it is done), once, in order
//   load()                a promise of the records it holds, oldest first
//   tell(until)           tells other pages until when the server is in trouble
//   freeze(), thaw()      the page stands still, and goes on: then calls core.thawed()
//   erase()               nothing of this owner stays

/** In memory: it outlives the instance of the core, but not the page. */
export function memoryLog() {
  const records = [];
  let core;
  return {
    open: (own) => (core = own),
    write(record, remove) {
      records.splice(0, remove);
      if (record.length) records.push(record);
      core.stored(true);
    },
    load: () => Promise.resolve(records),
    tell() {},
    freeze() {},
    thaw: () => core.thawed(true),
    erase() {},
  };
}
