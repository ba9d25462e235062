// rudder-sdk-python 2.1.9 and our Analytics.

import { differential, runPython } from "./differential.mjs";
import { ATTEMPTS, ours, view } from "./rudderstack.mjs";
import { scenarios } from "./rudderstack.scenarios.mjs";
import { differences } from "./rudderstack-python.differences.mjs";

const original = ({ calls }, url) =>
  runPython("rudderstack", { url, calls, options: { max_retries: ATTEMPTS - 1 } });

differential({ title: "RudderStack Python", scenarios, original, ours, view, differences });
