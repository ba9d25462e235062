// Node: the package by `require`.
const sluicebox = require("sluicebox");

import("../exercise.mjs").then(async ({ exercise }) => {
  console.log(JSON.stringify(await exercise(sluicebox, process.argv[2])));
});
