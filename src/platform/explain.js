// Says in the console, in words, what becomes of each event of a core. Loaded where `debug` asks for it, so that
// nobody else carries it. Neither keys nor headers are shown.
import { CONTROL, FIRST, LEFT, RETURNED, SETTLED, textOf } from "../core/held.js";
import { now } from "./host.js";

/** By protocol, as in delivery.rs. */
const NAMES = ["collector", "analytics", "streamer"];
/** Places in the policy, as in delivery.js. */
const [INTERVAL, COUNT, TIMEOUT] = [0, 1, 6];

/** `options` are those of the core. */
export function explain(core, options) {
  const { endpoint, held, policy, protocol, storage } = options;
  const say = (text) => console.debug(`sluicebox ${NAMES[protocol]}: ${text}`);
  const plain = Object.getPrototypeOf(core);
  /** What is to be said first, or around it. */
  const watch = (name, tell) => {
    core[name] = (...args) => tell(() => plain[name].apply(core, args), ...args);
  };

  /** Sequence → the number that it has here. */
  const numbers = new Map();
  let count = 0;
  const place = placeOf(storage);
  /** Why adopted events come. */
  let origin = "";
  const accept = (event, ago = "") => {
    numbers.set(event[1], ++count);
    const where = origin ? `taken over ${origin}` : "accepted";
    say(`#${count} ${where}: ${wordsOf(protocol, event)}${ago}; held ${place}`);
  };
  const listed = (sequences) => runs(sequences.map((one) => numbers.get(one) ?? one - FIRST));

  // An event is held from the moment on that it is accepted, whoever brings it.
  held.set = (sequence, event) => {
    if (!held.has(sequence)) accept(event);
    return Map.prototype.set.call(held, sequence, event);
  };

  /** What is settled within one turn, and which of that is given up. */
  let settled = [];
  const lost = new Set();
  const settle = () => {
    const delivered = settled.filter((one) => !lost.has(one));
    if (delivered.length) say(`${listed(delivered)}: delivered`);
    for (const one of settled) {
      numbers.delete(one);
    }
    settled = [];
    lost.clear();
  };

  watch("mark", (go, mark, first, count) => {
    const events = [];
    for (let at = first; at < first + count; at++) if (held.has(at)) events.push(at);
    if (mark === SETTLED) {
      if (!settled.length) queueMicrotask(settle);
      settled.push(...events);
    } else if (events.length) {
      const what =
        mark === RETURNED ? "may not have arrived, so are sent again" : "are handed over";
      say(`${listed(events)} ${what}`);
    }
    go();
  });

  /** What the error is about that is told now. */
  let told = [];
  watch("dead", (go, code, fault, message, status, sequences) => {
    told = [...sequences];
    go();
  });
  const { onError } = options;
  options.onError = (error, ...more) => {
    // What no core would take is settled first, and then told of.
    if (error.code === "wasm_unavailable") told = settled.slice();
    for (const one of told) lost.add(one);
    const which = told.length ? `${listed(told)} given up: ` : "";
    const status = error.statusCode ? ` (status ${error.statusCode})` : "";
    say(`${which}${error.code}${status}: ${error.message}`);
    told = [];
    onError?.(error, ...more);
  };

  /** Requests that are on their way. */
  const sent = new Map();
  watch("send", (go, id, sequences, failures, ...more) => {
    const isLeaving = more.at(-1);
    const request = { since: now(), name: `request ${id + 1} with ${listed([...sequences])}` };
    sent.set(id, request);
    const { fetch: own } = options;
    // What is sent in this call is this request.
    options.fetch = (url, init) => {
      const attempt = failures ? `, attempt ${failures + 1}` : "";
      const leaving = isLeaving ? ", as the page leaves" : "";
      say(`${request.name}: POST ${bare(url)}, ${sizeOf(init)}${attempt}${leaving}`);
      const answer = (own ?? fetch)(url, init);
      Promise.resolve(answer).then(
        // A browser does not say which redirect it was.
        ({ status }) => end(id, request, status ? `was answered ${status}` : "was redirected"),
        (error) => end(id, request, `got no answer: ${error.message}`),
      );
      return answer;
    };
    try {
      go();
    } finally {
      options.fetch = own;
    }
  });
  const end = (id, request, how) => {
    if (sent.get(id) !== request) return;
    sent.delete(id);
    say(`request ${id + 1} ${how} after ${span(now() - request.since)}`);
  };

  let isHiding = false;
  const late = `was not answered within ${span(policy[TIMEOUT])}, and is not waited for`;
  watch("abort", (go, id) => {
    const why = isHiding ? "is taken back: it would not outlive the page" : late;
    if (sent.has(id)) say(`request ${id + 1} ${why}`);
    sent.delete(id);
    go();
  });

  watch("tell", (go, until) => {
    if (until) say(`the server is in trouble: the next attempt follows in ${span(until - now())}`);
    else say("the server is well again");
    go();
  });
  watch("told", (go, until) => {
    if (until) say(`another tab found the server in trouble: waiting ${span(until - now())}`);
    else say("another tab found the server well again");
    go();
  });

  watch("hide", (go) => {
    if (held.size) say(`the page hides, with ${counted(held.size)} held`);
    isHiding = true;
    go();
    isHiding = false;
    const waiting = [...held.values()].filter(([flags]) => !(flags & LEFT)).length;
    if (waiting) say(`${counted(waiting)} not handed over: held ${place}`);
  });
  watch("adopt", (go) => {
    origin = "from an earlier visit or another tab";
    go();
    origin = "";
  });
  watch("thawed", (go, rest) => {
    if (rest) say("the page is back, and another tab has taken over what it held before");
    origin = "again";
    go();
    origin = "";
  });
  watch("discard", (go) => {
    say(`consent is refused: ${counted(held.size)} dropped, and what was stored is removed`);
    go();
  });
  watch("begin", (go) => {
    say(`a core begins, with ${counted(held.size)} held`);
    go();
  });

  const batch = `at most ${policy[COUNT]} in a request, ${span(policy[INTERVAL])} after they are accepted`;
  say(`events go to ${bare(endpoint)}, ${batch}`);
  for (const event of held.values()) accept(event, `, ${span(Date.now() - event[2])} ago`);
}

/** Where events wait. */
function placeOf(storage) {
  if (storage.append) return "in memory and in your EventStore";
  return storage === "none" || !globalThis.document ? "in memory" : "in memory and in IndexedDB";
}

/** Which call it was, and its id. */
function wordsOf(protocol, held) {
  const { 0: flags, 4: stream } = held;
  const text = textOf(held);
  const event = JSON.parse(text);
  if (flags & CONTROL) return `makes the bucket ${stream}`;
  const name = event.event ?? event.name ?? (event.groupId || event.userId) ?? "";
  const call = [
    () => `collect("${stream}")`,
    () => `${event.type}(${name && JSON.stringify(name)})`,
    () => `log("${event.key}") in bucket ${stream}`,
  ][protocol]();
  const id = event.messageId ?? event.$id;
  return `${call}, ${id === undefined ? "" : `id ${id}, `}${text.length} characters`;
}

/** "#1 to #3, #7". */
function runs(numbers) {
  const found = [];
  for (const number of numbers.sort((one, other) => one - other)) {
    const last = found.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? `#${from}` : `#${from} to #${to}`)).join(", ");
}

/** A beacon's address has the key behind the "?". */
const bare = (url) => url.split("?")[0];
const counted = (count) => `${count} event${count === 1 ? "" : "s"}`;
const span = (millis) =>
  millis < 1000 ? `${Math.max(Math.round(millis), 0)} ms` : `${(millis / 1000).toFixed(1)} s`;

function sizeOf({ body, headers, keepalive }) {
  const size = body.byteLength ?? new TextEncoder().encode(body).length;
  const packed = headers["content-encoding"] ? " of gzip" : "";
  return `${size} bytes${packed}${keepalive ? ", which outlives the page" : ""}`;
}
