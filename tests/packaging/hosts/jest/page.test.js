const { Analytics } = require("sluicebox");

const { KEY, DATA_PLANE } = process.env;

// jsdom has no fetch: what a page under test tracks waits, and disturbs neither the test nor the runner.
test("an event waits where nothing can be sent", () => {
  expect(globalThis.fetch).toBeUndefined();
  const analytics = new Analytics({ writeKey: KEY, dataPlaneUrl: DATA_PLANE });
  analytics.track("Waiting");
  const { accepted, pending } = analytics.ledger();
  expect([accepted, pending]).toEqual([1, 1]);
});

test("an event is delivered by a fetch of the test's own", async () => {
  const analytics = new Analytics({ writeKey: KEY, dataPlaneUrl: DATA_PLANE, fetch: byRequest });
  analytics.track("Opened");
  const { delivered, pending } = await analytics.close();
  expect([delivered, pending]).toEqual([1, 0]);
});

/** As much of fetch as jsdom's XMLHttpRequest can do. */
function byRequest(url, { method, headers, body }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value);
    request.onerror = reject;
    request.onload = () =>
      resolve({
        ok: request.status < 300,
        status: request.status,
        headers: new Headers(),
        text: async () => request.responseText,
      });
    request.send(body);
  });
}
