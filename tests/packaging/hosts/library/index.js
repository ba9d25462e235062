// A library that tracks for its users.
import { Analytics } from "sluicebox";

export const tracker = (options) => new Analytics(options);
