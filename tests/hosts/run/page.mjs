// A page: bundled as an app would be.
import * as sluicebox from "sluicebox";
import { exercise } from "../exercise.mjs";

globalThis.exercised = exercise(sluicebox, globalThis.location.href.replace(/\/page$/, ""));
