// A page: bundled as an app would be.
import * as sluicebox from "sluicebox";
import { exercise } from "../exercise.mjs";

const base = new URLSearchParams(globalThis.location.search).get("base");
globalThis.exercised = exercise(sluicebox, base);
