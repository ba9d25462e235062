// For tests alone: a test says when the core traps, by `globalThis.sluiceboxTraps(what, text)`.

export const traps = (what, text) => globalThis.sluiceboxTraps?.(what, text) ?? false;
