import { invalid, key, object, url } from "./check.js";
import { SluiceboxError } from "../core/error.js";
import { eventText, parse, stringify } from "../core/json.js";
import { rest } from "./rest.js";
import { open } from "./subscription.js";

const CODES = {
  401: "unauthorized",
  403: "unauthorized",
  413: "payload_too_large",
  429: "rate_limited",
};

/** AwesomeStream's insert and items, and the stream server's live subscribe. */
export class StreamClient {
  #rest;
  #calls = 0;

  constructor(base, options) {
    options = object(options, "options");
    const apiKey = options.apiKey == null ? undefined : key(options.apiKey, "apiKey");
    this.#rest = rest(url(base, "url"), apiKey, options);
  }

  insert(event, options) {
    const { date } = object(options, "options");
    const text = eventText(event);
    if (text[0] !== "{") throw invalid('"event" must be an object');
    if (date != null && !(date instanceof Date && date.getTime() === date.getTime())) {
      throw invalid('"date" must be a valid Date');
    }
    // Seconds since 1970, as the protocol has it.
    const kwargs = date ? { date: date.getTime() / 1000 } : {};
    return this.#call("insert", text, kwargs).then((id) => id ?? null);
  }

  items(query) {
    const { start, end, where } = object(query, "query");
    // The filters stand beside start and end in the protocol.
    const kwargs = { ...filter(where) };
    for (const [name, value] of Object.entries({ start, end })) {
      if (name in kwargs) throw invalid(`"where" cannot filter by "${name}"`);
      if (value != null && !Number.isSafeInteger(value)) {
        throw invalid(`"${name}" must be a whole number`);
      }
      if (value != null) kwargs[name] = value;
    }
    return this.#call("items", "", kwargs);
  }

  subscribe(query) {
    const where = object(query, "query").where;
    const search = where == null ? "" : `where=${encodeURIComponent(stringify(filter(where)))}`;
    return open(this.#rest, "/subscribe", search, query).then(({ statusCode, data }) => {
      if (statusCode !== 200) throw refused(statusCode, data);
      return data;
    });
  }

  // {"id", "method", "args", "kwargs"}: not JSON-RPC 1.0 or 2.0. Source: AwesomeStream 0.1.
  async #call(method, args, kwargs) {
    const id = String(++this.#calls);
    const body = `{"id":"${id}","method":"${method}","args":[${args}],"kwargs":${stringify(kwargs)}}`;
    const [status, text] = await this.#rest.send("POST", "/", body, false);
    const answer = parse(text);
    if (status !== 200 || !answer || answer.error != null) {
      throw refused(status, answer?.error ?? text);
    }
    return answer.result;
  }
}

/** The server's own words are the message. */
function refused(status, words) {
  const said = typeof words === "string" ? words : stringify(words);
  const message = `the server refused the request: ${said || `status ${status}`}`;
  return new SluiceboxError(CODES[status] ?? "rejected", "server", message, status);
}

function filter(where) {
  where = object(where, "where");
  for (const [key, value] of Object.entries(where)) {
    const plain = (one) => ["string", "boolean"].includes(typeof one) || Number.isFinite(one);
    if (!(Array.isArray(value) ? value.every(plain) : plain(value))) {
      throw invalid(`"where.${key}" must be a string, finite number or boolean, or a list of them`);
    }
  }
  return where;
}
