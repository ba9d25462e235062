// For tests alone: a test says when the core traps, by `globalThis.sluiceboxTraps(what, bytes)`.

export const traps = (what, bytes) => globalThis.sluiceboxTraps?.(what, bytes) ?? false;
