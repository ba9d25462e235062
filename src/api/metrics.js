// Numbers for Prometheus, kept so that a request costs a few additions.

/** As `Answer.protocol` counts them. */
export const PROTOCOLS = ["none", "stride", "initial_state", "rudderstack", "awesomestream"];

/** Seconds. */
const BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

class Histogram {
  #counts = new Array(BUCKETS.length + 1).fill(0);
  #sum = 0;

  observe(seconds) {
    let at = 0;
    while (at < BUCKETS.length && seconds > BUCKETS[at]) at += 1;
    this.#counts[at] += 1;
    this.#sum += seconds;
  }

  lines(name) {
    let count = 0;
    const lines = this.#counts.map((more, at) => {
      count += more;
      return `${name}_bucket{le="${BUCKETS[at] ?? "+Inf"}"} ${count}`;
    });
    return [...lines, `${name}_sum ${this.#sum}`, `${name}_count ${count}`];
  }
}

/** The numbers of one server since it was made. */
export class Metrics {
  /** By protocol and status. */
  #requests = new Map();
  #stored = 0;
  #refused = 0;
  #bytes = 0;
  #failures = 0;
  #insert = new Histogram();
  #items = new Histogram();

  /** An answer that was given after so many milliseconds. */
  answered({ protocol, stored, refused, pages, bytesIn }, status, ms) {
    const which = protocol * 1000 + status;
    this.#requests.set(which, (this.#requests.get(which) ?? 0) + 1);
    this.#bytes += bytesIn;
    this.asked(stored, refused, pages, ms);
  }

  /** What an answer asked of the store, over HTTP or not. */
  asked(stored, refused, pages, ms) {
    if (stored || refused) {
      this.#stored += stored;
      this.#refused += refused;
      this.#insert.observe(ms / 1000);
    } else if (pages) {
      this.#items.observe(ms / 1000);
    }
  }

  failed() {
    this.#failures += 1;
  }

  /** In Prometheus' text format; `live` and `waitingBytes` are as of now. */
  text(live, waitingBytes) {
    const requests = [...this.#requests].sort(([a], [b]) => a - b);
    const byProtocol = requests.map(([which, count]) => {
      const protocol = PROTOCOLS[Math.floor(which / 1000)];
      return `sluicebox_requests_total{protocol="${protocol}",status="${which % 1000}"} ${count}`;
    });
    const one = (name, type, help, value) => family(name, type, help, [`${name} ${value}`]);
    const histogram = (name, help, values) => family(name, "histogram", help, values.lines(name));
    const all = [
      family("sluicebox_requests_total", "counter", "Requests answered.", byProtocol),
      one(
        "sluicebox_events_stored_total",
        "counter",
        "Events acknowledged, those stored before among them.",
        this.#stored,
      ),
      one(
        "sluicebox_events_refused_total",
        "counter",
        "Events read and not stored: the store failed or was full.",
        this.#refused,
      ),
      one(
        "sluicebox_received_bytes_total",
        "counter",
        "Bytes of request bodies, unpacked.",
        this.#bytes,
      ),
      one("sluicebox_live_subscriptions", "gauge", "Live subscriptions that are open.", live),
      one(
        "sluicebox_store_failures_total",
        "counter",
        "Calls of the store that failed or were not answered in time.",
        this.#failures,
      ),
      one(
        "sluicebox_store_waiting_bytes",
        "gauge",
        "Bytes of requests that wait for the store.",
        waitingBytes,
      ),
      histogram(
        "sluicebox_insert_duration_seconds",
        "Requests that brought events, from their head to their answer.",
        this.#insert,
      ),
      histogram(
        "sluicebox_items_duration_seconds",
        "Requests for a page of events, from their head to their answer.",
        this.#items,
      ),
    ];
    return `${all.flat().join("\n")}\n`;
  }
}

const family = (name, type, help, lines) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...lines,
];
