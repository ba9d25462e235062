// rudder-sdk-python 2.1.9 and our Analytics.

import { differential, runPython } from "./differential.mjs";
import { ATTEMPTS, ours, view } from "./rudderstack.mjs";
import { scenarios } from "./rudderstack.scenarios.mjs";
import { differences } from "./rudderstack-python.differences.mjs";

/** On a slow machine 250 calls take longer than the default of half a second. */
const original = ({ calls, sizes }, url) => {
  const options = { max_retries: ATTEMPTS - 1, ...(sizes && { upload_interval: 10 }) };
  return runPython("rudderstack", { url, calls, options });
};

differential({ title: "RudderStack Python", scenarios, original, ours, view, differences });
