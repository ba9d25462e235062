// What stands for host.js where requests share a process but not their timers and connections:
// workerd ends what a request began when that request is over, silently, and lets no other request
// touch it. The state of a client outlives requests, so what it wants done is kept here until a
// request that is still there does it.
import { callQuietly, send } from "./host.js";

export * from "./host.js";

/** Milliseconds between two looks of a request that waits, at first and at most. */
const LOOK = 1;
const LOOK_MAX = 50;
/** A request that has not looked for so long is gone. */
const GONE = 1_000;
/** The longest a request that is settled goes on for others. */
const LINGER = 1_000;

/** Requests that wait for deliveries: each does in its own name whatever is to be done. */
const waiting = new Set();
/** What is to be called at a time, whoever's timer comes first. */
const timers = new Set();
/** What nobody has sent yet. */
let unsent = [];
/** The request whose answer is being taken in. */
let answered;
/** Whether a timer is being served. */
let firing = false;

export function later(callback, delay) {
  const timer = { at: Date.now() + delay, callback };
  timers.add(timer);
  // There are none at module scope.
  timer.own = quietly(() => setTimeout(fire, delay, timer));
  return timer;
}

export function cancel(timer) {
  timers.delete(timer);
  quietly(() => clearTimeout(timer.own));
}

function fire(timer) {
  if (!timers.delete(timer)) return;
  firing = true;
  timer.callback();
  firing = false;
}

export function exchange(...args) {
  const done = args.pop();
  const one = { args, done };
  if (somebodyWaits()) unsent.push(one);
  else start(one, answered);
  return one;
}

export const fate = () => 2;

export function abort(one) {
  unsent = unsent.filter((other) => other !== one);
  // Another request's connection cannot be touched; it ends with that request.
  quietly(() => one.controller?.abort());
}

async function start(one, request) {
  if (request) request.sending++;
  one.controller = new AbortController();
  await send(one.controller, ...one.args, (...answer) => {
    answered = request;
    one.done(...answer);
    answered = undefined;
  });
  if (request) {
    request.sending--;
    request.wake?.();
  }
}

/**
 * A promise of what `begin` hands over, for the request that is running. It never waits for another
 * request: it looks whether the work is done, and does what is to be done itself.
 */
export async function promise(begin) {
  const request = { sending: 0, looked: Date.now(), until: Infinity };
  waiting.add(request);
  let value;
  begin((given) => {
    value = given;
    // Settled, it still ends what it sends for others, who would wait for it in vain; out of time,
    // it does not.
    request.until = firing ? 0 : Date.now() + LINGER;
  });
  for (let delay = LOOK; ; delay = Math.min(delay * 2, LOOK_MAX)) {
    work(request);
    if (request.until < Infinity && (!request.sending || Date.now() >= request.until)) break;
    await pause(request, delay);
  }
  waiting.delete(request);
  return value;
}

function work(request) {
  request.looked = Date.now();
  waiting.add(request);
  for (const timer of [...timers]) if (timer.at <= request.looked) fire(timer);
  // Who is done takes nothing more on, unless there is nobody else.
  if (request.until < Infinity && somebodyWaits(request)) return;
  for (const one of unsent.splice(0)) start(one, request);
}

function somebodyWaits(but) {
  for (const request of waiting) {
    if (Date.now() - request.looked > GONE) waiting.delete(request);
    else if (request !== but && request.until === Infinity) return true;
  }
  return false;
}

const pause = (request, delay) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, delay);
    request.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });

export const waitFor = (waitUntil, begin) =>
  callQuietly(
    waitUntil,
    Promise.resolve().then(() => promise(begin)),
  );

function quietly(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
