// Named by the module itself, so it imports nothing: what the generator copies comes alone.

export const entropy = () => crypto.getRandomValues(new Uint32Array(1))[0];
