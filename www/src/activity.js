// @ts-check
// The real activity that ships with the page.

const FILE = "activity.ndjson.gz";

/** A host may have unpacked the file on its way: the first two bytes tell. */
const isGzip = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The events, oldest first, one JSON text each. */
export async function activityLines() {
  const response = await fetch(FILE);
  if (!response.ok) throw new Error(`the file could not be loaded (status ${response.status})`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const stream = new Blob([bytes]).stream();
  const plain = isGzip(bytes) ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  const text = await new Response(plain).text();
  return text.trimEnd().split("\n");
}
