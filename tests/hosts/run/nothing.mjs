// Imports, and does nothing: no permission is needed, and nothing is left that keeps a process.
import * as sluicebox from "sluicebox";

if (Object.keys(sluicebox).length === 0) throw new Error("the package is empty");
