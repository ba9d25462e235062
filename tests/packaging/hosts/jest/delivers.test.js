const { Analytics } = require("sluicebox");

test("an event is delivered", async () => {
  const { KEY, DATA_PLANE } = process.env;
  const analytics = new Analytics({ writeKey: KEY, dataPlaneUrl: DATA_PLANE });
  analytics.track("Opened");
  const { delivered, pending } = await analytics.close();
  expect([delivered, pending]).toEqual([1, 0]);
});
