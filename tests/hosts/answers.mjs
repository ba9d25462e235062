// What the recorder answers to the exercise, by path: the same for every runtime.

const LIVE = ['{"$id":"1","n":1}\r\n', '\r\n{"$id":"2",', '"n":2}\r\n{"$id":"3","n":3}\r\n'];

const BY_PATH = {
  "GET /v1/collect": { body: '["clicks","app_events"]' },
  "GET /v1/process": { status: 502, body: "{bad" },
  "DELETE /v1/process/gone": { status: 404, body: '{"error":"no such process"}' },
  "POST /v1/process/slow": { status: 0 },
  "GET /v1/collect/live/subscribe": { body: LIVE },
  "GET /v1/collect/secret/subscribe": { status: 403, body: '{"error":"forbidden"}' },
  "GET /stream/subscribe": { body: LIVE },
  "POST /initial/api/buckets": { status: 201 },
  "POST /initial/api/events": { status: 204 },
  "POST /refusing/api/events": { status: 400, body: "bad events" },
  "POST /refused/v1/batch": { status: 400, body: "bad batch" },
};

const METHODS = {
  insert: { result: "id-1", error: null },
  items: { result: [{ n: 2 }, { n: 1 }], error: null },
};

/** Two failures that pass, then all is well. */
const RECOVERING = [
  { status: 503, body: "later" },
  { status: 429, headers: { "retry-after": "0" } },
];

export function answer({ run, method, path, body, nth }) {
  if (run.startsWith("slow")) return { delay: 200 };
  if (path.startsWith("/recovering/")) return RECOVERING[nth];
  if (path === "/locked/") return { status: 401, body: "who are you?" };
  if (path === "/stream/") {
    return { body: JSON.stringify({ id: body.id, ...METHODS[body.method] }) };
  }
  return BY_PATH[`${method} ${path.split("?")[0]}`];
}
