// The same names, for code that is compiled to `require`.

import { Analytics, type Ledger } from "sluicebox";

const analytics = new Analytics({ writeKey: "key", dataPlaneUrl: "https://example.com" });
const ledger: Ledger = analytics.ledger();
// @ts-expect-error a count is a number
const accepted: string = ledger.accepted;
void accepted;
