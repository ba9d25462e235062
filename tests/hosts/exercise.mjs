// Every client does everything it can, the same in every runtime. A step is a name, what is done,
// and what must come of it; the transcript is what came of it.

import { outcome } from "./outcome.mjs";
import { analytics } from "./steps/analytics.mjs";
import { collector } from "./steps/collector.mjs";
import { errors } from "./steps/errors.mjs";
import { streamClient } from "./steps/stream_client.mjs";
import { streamer } from "./steps/streamer.mjs";
import { stride } from "./steps/stride.mjs";

/** Runs all steps against a recorder at `base`; resolves to [{ name, got, expected }], plain JSON. */
export async function exercise(sluicebox, base) {
  const transcript = [];
  for (const part of [errors, stride, collector, analytics, streamer, streamClient]) {
    await part(sluicebox, base, async (name, act, expected) => {
      transcript.push(
        JSON.parse(JSON.stringify({ name, got: await outcome(act, base), expected })),
      );
    });
  }
  return transcript;
}
