import { checkPath } from "../protocol/stride.js";
import { invalid, key, object, text, url } from "./check.js";
import { SluiceboxError } from "../core/error.js";
import { eventText, parse, stringify } from "../core/json.js";
import { rest } from "./rest.js";
import { open } from "./subscription.js";

/** Where the hosted service lived; the version is part of the endpoint. */
export const endpoint = (options) =>
  url(options.endpoint ?? "https://api.stride.io/v1", "endpoint");

/** Stride's REST API and live streams. */
export class Stride {
  #rest;

  constructor(apiKey, options) {
    options = object(options, "options");
    this.#rest = rest(endpoint(options), key(apiKey, "apiKey"), options);
  }

  get(path) {
    return this.#send("get", path);
  }

  post(path, json) {
    return this.#send("post", path, body(json, /^\/collect\/\w+$/.test(path)));
  }

  put(path, json) {
    return this.#send("put", path, body(json));
  }

  delete(path) {
    return this.#send("delete", path);
  }

  subscribe(path, options) {
    check("subscribe", path);
    const [bare, query = ""] = path.split("?");
    const source = `${bare}/subscribe`;
    return open(this.#rest, source, query, options).then((opened) =>
      opened.statusCode === 200 ? opened : { ...opened, data: data(opened.data) },
    );
  }

  #send(method, path, json) {
    check(method, path);
    // The official clients compress writes to /collect, and only those.
    const gzip = method === "post" && path.startsWith("/collect");
    const answer = this.#rest.send(method.toUpperCase(), path, json, gzip);
    return answer.then(([statusCode, text]) => ({ statusCode, data: data(text) }));
  }
}

function check(method, path) {
  const error = checkPath(method, text(path, "path"));
  if (error) throw new SluiceboxError("invalid_path", "caller", error);
}

function body(json, isEvents) {
  const list = isEvents && Array.isArray(json);
  const text = list
    ? `[${Array.from(json, (one) => eventText(one) || "null")}]`
    : isEvents
      ? eventText(json)
      : stringify(json);
  if (!text) throw invalid('"json" must be a value that JSON can say');
  return text;
}

/** null when empty or null, the error of `pystride` when malformed. */
const data = (text) =>
  /^\s*(null\s*)?$/.test(text)
    ? null
    : (parse(text) ?? { error: "response contained malformed json" });

/** Sets the event's `$id`; the server stores an id once. */
export function setId(event, id) {
  if (!Number.isFinite(id) && (typeof id !== "string" || !id)) {
    throw invalid('"id" must not be null: a non-empty string or a finite number');
  }
  member(event).$id = id;
}

/** Sets the event's `$timestamp`: now unless given, RFC 3339 in UTC. */
export function setTimestamp(event, timestamp = new Date()) {
  if (!(timestamp instanceof Date) || Number.isNaN(timestamp.getTime())) {
    throw invalid('"timestamp" must be a valid Date');
  }
  member(event).$timestamp = timestamp.toISOString();
}

function member(event) {
  // A frozen one, an array or a function would not take the member along, or throw.
  if (typeof event !== "object" || Array.isArray(event) || !Object.isExtensible(event)) {
    throw invalid('"event" must be an object that can be changed');
  }
  return event;
}
