// Stride's names, paths and bodies. Sources: `pystride` 0.1.6, `gostride` 0.1, `stride.js` 1.2.3.

import { textOf } from "../core/held.js";

const NAME = "[A-Za-z][A-Za-z0-9_]*";
const path = (pattern) => new RegExp(`^/(${pattern.replaceAll("N", NAME)})$`);

// Without the version and, for subscribe, without `/subscribe`. `stride.js` lets a GET carry a query.
let paths;
const table = () =>
  (paths ??= {
    get: path(
      "(collect|process|analyze)(/N)?(\\?[!-~]*)?|(process/N/stats|analyze/N/results)(\\?[!-~]*)?",
    ),
    post: path("collect|analyze|(collect|process|analyze)/N|analyze/N/results"),
    put: path("(process|analyze)/N"),
    delete: path("(collect|process|analyze)/N"),
    subscribe: path("(collect|process)/N(\\?[!-~]*)?"),
  });

/** Undefined, or why the path is not valid, in the words of `pystride`. */
export function checkPath(method, path) {
  return table()[method].test(path)
    ? undefined
    : `path "${path}" is not valid for method "${method}"`;
}

/** Streams, processes and queries. */
export const isName = (name) => /^[A-Za-z][A-Za-z0-9_]*$/.test(name);

/**
 * An event without `$id` gets a random one, so that a repeated delivery is stored once; `onError` gives
 * the event back without it. Its text, and how much of it after the brace is ours.
 */
export function identified(text, id) {
  const own = `"$id":"${id}"${text === "{}" ? "" : ","}`;
  // Joined, the text is in one piece, and each of those who read it takes half the time.
  return [["{", own, text.slice(1)].join(""), own.length];
}

/**
 * [path, header lines, a function that gives the body, from how many characters on it is compressed] of a
 * request: an array when all events have one stream (as `pystride`), an object of arrays when they have
 * several (as `gostride`), so that a flush is one request. All three official clients compress writes to
 * /collect.
 */
export function collected(events) {
  const streams = new Map();
  for (const event of events) {
    const own = streams.get(event[4]);
    if (own) own.push(event);
    else streams.set(event[4], [event]);
  }
  const texts = (events) => `[${events.map(textOf)}]`;
  const several = ([stream, events]) => `"${stream}":${texts(events)}`;
  return streams.size < 2
    ? [`/collect/${events[0][4]}`, "", () => texts(events), 0]
    : ["/collect", "", () => `{${[...streams].map(several)}}`, 0];
}
