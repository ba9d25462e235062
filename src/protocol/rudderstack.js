// RudderStack's event shape. Sources: the event specification, and the official SDKs (Python
// 2.1.9, Node 3.0.13, browser 3.34.1). The core puts `messageId` and `originalTimestamp` in front.

/** Members as JSON text, from `,` on; what is undefined is left out. Values are JSON already. */
export function members(values) {
  let text = "";
  for (const name in values) {
    if (values[name] !== undefined) text += `,"${name}":${values[name]}`;
  }
  return text;
}
