// @ts-check
// The demo page. It knows the package by its public name only.
import { startChannel } from "./channel.js";
import { startFeed } from "./feed.js";
import { startLedger } from "./ledger.js";
import { startPlot } from "./plot.js";
import { startQuery } from "./query.js";
import { startSite } from "./site.js";
import { startUpload } from "./upload.js";

startChannel();
startLedger();
startPlot();
startQuery();
startUpload();
// The first page view is to be seen coming back.
await startFeed();
startSite();
