// Node, Deno and Bun: the package by `import`.
import * as sluicebox from "sluicebox";
import { exercise } from "../exercise.mjs";

const [base] = globalThis.Deno?.args ?? process.argv.slice(2);
console.log(JSON.stringify(await exercise(sluicebox, base)));
