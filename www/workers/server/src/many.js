// Stride's POST /v1/collect: events for several streams in one call.

import { textOf, TooLarge } from "./text.js";

/** A Worker may ask no more objects than this for one request. */
const MOST_STREAMS = 1000;
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/**
 * Gives each object its part. The objects have no transaction in common: when one fails, the answer
 * is its failure, the sender sends all of it again, and events with `$id` are still stored once.
 */
export async function collectMany(request, objectOf) {
  let streams;
  try {
    streams = parse(await textOf(request));
  } catch (error) {
    const status = error instanceof TooLarge ? 413 : 400;
    return refusal(status, status === 413 ? error.message : "the body is not valid JSON");
  }
  const problem = problemOf(streams);
  if (problem) return refusal(400, problem);
  const headers = new Headers(request.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  const parts = Object.entries(streams);
  // Nothing for nobody is still for an object to answer: the key may be wrong.
  if (!parts.length) parts.push(["empty", []]);
  const answers = await Promise.all(
    parts.map(([name, events]) =>
      objectOf(name).fetch(new URL(`/v1/collect/${name}`, request.url), {
        method: "POST",
        headers,
        body: JSON.stringify(events),
      }),
    ),
  );
  // What passes counts more than what is final, or events that could have been stored would be given up.
  const worst = answers.reduce((one, other) => (gravity(other) > gravity(one) ? other : one));
  await Promise.all(answers.filter((answer) => answer !== worst).map(({ body }) => body?.cancel()));
  return worst;
}

const gravity = ({ status }) => (status === 200 ? 0 : status >= 500 || status === 429 ? 2 : 1);

/** A number that JavaScript cannot hold stays as it was written. */
function parse(text) {
  return JSON.parse(text, (_, value, { source }) =>
    typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value,
  );
}

function problemOf(streams) {
  if (!isObject(streams)) return "the body must be an object of streams and their events";
  const parts = Object.entries(streams);
  if (parts.length > MOST_STREAMS) return `the body has more than ${MOST_STREAMS} streams`;
  for (const [name, events] of parts) {
    if (!NAME.test(name)) {
      return `"${name}" is no name of a stream: a letter, then letters, digits or _`;
    }
    if (![events].flat().every(isObject)) {
      return `"${name}": events must be a JSON object or an array of them`;
    }
  }
  return undefined;
}

const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

/** In the form of Stride's errors. */
function refusal(status, text) {
  return Response.json({ error: text, message: text }, { status });
}
