// A stream server on Cloudflare Workers: each stream is a Durable Object with a database of its own,
// and the Worker sends each request to the object of its stream.

import { mayEnter } from "./keys.js";
import { collectMany } from "./many.js";
import { streamOf } from "./route.js";

export { Directory, Stream } from "./objects.js";

export default {
  async fetch(request, env) {
    const directory = env.DIRECTORY.getByName("directory");
    // Or anybody could have any number of objects made. The directory says what a key is missing.
    if (!mayEnter(request, env.API_KEYS)) return directory.fetch(request);
    const { stream, isMany, drops } = await streamOf(request);
    if (isMany) return collectMany(request, (name) => env.STREAMS.getByName(name));
    // The list of streams, the state of the server, and what no stream is named for.
    if (stream === undefined) return directory.fetch(request);
    const response = await env.STREAMS.getByName(stream).fetch(request);
    if (drops && response.ok) await directory.fetch(request);
    return response;
  },
};
