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

/** Channels hear when others wrote; who lost the connection meanwhile may have missed it. */
const channelOf = (name) => `${name}:changed`;

/** An error of a connection that comes back by itself: its commands tell whoever asked. */
const onError = () => {};

function ofNodeRedis(connection) {
  return {
    command: (args) => connection.sendCommand(args.map(String)),
    async transaction(commands) {
      if (!commands.length) return [];
      const multi = connection.multi();
      for (const args of commands) multi.addCommand(args.map(String));
      return multi.exec();
    },
    async watch(name, changed) {
      const listener = connection.duplicate();
      listener.on("error", onError);
      const end = () => listener.disconnect();
      try {
        await listener.connect();
        await listener.subscribe(channelOf(name), () => changed());
      } catch (error) {
        await end().catch(onError);
        throw error;
      }
      listener.on("ready", () => changed());
      return () => void end().catch(onError);
    },
  };
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
    async watch(name, changed) {
      const listener = connection.duplicate();
      listener.on("error", onError);
      // Of keys ioredis knows the prefix itself, of channels it does not.
      const prefix = connection.options?.keyPrefix ?? "";
      try {
        await listener.subscribe(channelOf(prefix + name));
      } catch (error) {
        listener.disconnect();
        throw error;
      }
      listener.on("message", () => changed());
      listener.on("ready", () => changed());
      return () => listener.disconnect();
    },
  };
}
