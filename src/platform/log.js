// Where records of undelivered events are kept. A log is an object with
//
//   open(core)            begins to read what is there, and hands it to core.adopt()
//   write(record, remove) appends a copy of the record where it is not empty, then removes the
//                         `remove` oldest of those before it; then calls core.stored(whether it is done)
//   tell(until)           tells other pages until when the server is in trouble
//   freeze(), thaw()      the page stands still, and goes on
//   erase()               nothing of this owner stays
//   records               what is not in wasm memory, oldest first, where it is in memory at all

/** In memory: it outlives the instance of the core, but not the page. */
export function memoryLog() {
  let core;
  const log = {
    records: [],
    open(own) {
      core = own;
      const left = log.records;
      if (!left.length) return;
      log.records = [];
      core.adopt(joined(left));
      // It trapped before it wrote them anew.
      if (!log.records.length) log.records = left;
    },
    write(record, remove) {
      log.records.splice(0, remove);
      if (record.length) log.records.push(record.slice());
      core.stored(true);
    },
    tell() {},
    freeze() {},
    thaw() {},
    erase() {},
  };
  return log;
}

/** Records as `adopt` takes them: each after its length. */
export function joined(records) {
  const out = new Uint8Array(records.reduce((sum, record) => sum + 4 + record.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const record of records) {
    view.setUint32(at, record.length, true);
    out.set(record, at + 4);
    at += 4 + record.length;
  }
  return out;
}
