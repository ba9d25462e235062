// Events that are not settled. Each is [flags, sequence, at, spliced, stream, text], and then what its
// keeper notes of it.

/** Flags: it is not the user's own; it is adopted; a page that went away handed it over. */
export const CONTROL = 1;
export const ADOPTED = 2;
export const LEFT = 4;

/** Marks, as the core tells them: nobody needs it any more; it was handed over; it was not taken. */
export const SETTLED = 0;
export const RETURNED = 2;

/** The first sequence: what is adopted is older, and counts down from here. */
export const FIRST = 2 ** 40;
