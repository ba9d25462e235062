import { client } from "./check.js";

const WHAT = "a connected client of redis or ioredis";

/** A client of redis (node-redis), or of ioredis. */
export function nodeRedis(connection) {
  client(connection, "client", ["multi", "duplicate"], WHAT);
  // Only ioredis takes any command by this name.
  if (typeof connection.call === "function") return ofIoredis(connection);
  client(connection, "client", ["sendCommand"], WHAT);
  return ofNodeRedis(connection);
}

/**
 * Channels hear when others wrote; who lost the connection meanwhile may have missed it. Of a cluster
 * a client does not tell when it lost the one connection that listens, so it has no `watch`.
 */
const channelOf = (name) => `${name}:changed`;

/** An error of a connection that comes back by itself: its commands tell whoever asked. */
const onError = () => {};

/** Where a cluster finds a command's first key. */
const keyOf = ([name, key, , firstOfScript]) => (/^eval/i.test(name) ? firstOfScript : key);

function ofNodeRedis(connection) {
  const isCluster = typeof connection.nodeClient === "function";
  const routed = (args) => (isCluster ? [keyOf(args), false, args] : [args]);
  return {
    command: (args) => connection.sendCommand(...routed(args.map(String))),
    async transaction(commands) {
      if (!commands.length) return [];
      const multi = connection.multi();
      for (const args of commands) multi.addCommand(...routed(args.map(String)));
      return multi.exec();
    },
    watch: isCluster ? undefined : (name, changed) => watchByNodeRedis(connection, name, changed),
  };
}

async function watchByNodeRedis(connection, name, changed) {
  const listener = connection.duplicate();
  listener.on("error", onError);
  // Version 4 has no other name for it.
  const end = async () => (listener.destroy ? listener.destroy() : listener.disconnect());
  try {
    await listener.connect();
    await listener.subscribe(channelOf(name), () => changed());
  } catch (error) {
    await end().catch(onError);
    throw error;
  }
  listener.on("ready", () => changed());
  return () => void end().catch(onError);
}

function ofIoredis(connection) {
  return {
    command: ([name, ...args]) => connection.call(name, ...args.map(String)),
    async transaction(commands) {
      if (!commands.length) return [];
      const multi = connection.multi();
      for (const [name, ...args] of commands) multi.call(name, ...args.map(String));
      const replies = await multi.exec();
      const failed = replies.find(([error]) => error);
      if (failed) throw failed[0];
      return replies.map(([, reply]) => reply);
    },
    watch: connection.isCluster
      ? undefined
      : (name, changed) => watchByIoredis(connection, name, changed),
  };
}

async function watchByIoredis(connection, name, changed) {
  const listener = connection.duplicate();
  listener.on("error", onError);
  // Of keys ioredis knows the prefix itself, of channels it does not.
  const channel = channelOf((connection.options?.keyPrefix ?? "") + name);
  const listen = () => listener.subscribe(channel);
  try {
    await listen();
  } catch (error) {
    listener.disconnect();
    throw error;
  }
  listener.on("message", () => changed());
  // It is ready again before it listens again: who looked in between would miss what comes after.
  listener.on("ready", () => void listen().then(() => changed(), onError));
  return () => listener.disconnect();
}
