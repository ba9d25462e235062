import { startFeed } from "./feed.js";
import { startLedger } from "./ledger.js";
import { startPlot } from "./plot.js";
import { startQuery } from "./query.js";
import { startSite } from "./site.js";
import { startUpload } from "./upload.js";

startLedger();
startPlot();
startQuery();
startUpload();
// The first page view is to be seen coming back.
await startFeed();
startSite();
