// The client of AwesomeStream 0.1 and ours.

import { StreamClient } from "sluicebox";
import { scenarios } from "./awesomestream.scenarios.mjs";
import { differences } from "./awesomestream.differences.mjs";
import { differential, outcome, runPython, untimed } from "./differential.mjs";

const original = ({ calls }, url) => runPython("awesomestream", { url: `${url}/`, calls });

async function ours({ calls }, url) {
  const client = new StreamClient(`${url}/`);
  const results = [];
  for (const [name, first, date] of calls) {
    const options = date === undefined ? undefined : { date: new Date(date * 1000) };
    results.push(await outcome(() => client[name](first, options)));
  }
  return { results };
}

const view = (run) => {
  const { results, requests } = untimed(run);
  return { results, requests };
};

differential({ title: "AwesomeStream", scenarios, original, ours, view, differences });
