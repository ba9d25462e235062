// @ts-check
// The demo page. It knows the package by its public name only.
import { startAttempts } from "./attempts.js";
import { startFeed } from "./feed.js";
import { startLedger } from "./ledger.js";
import { startPlaces } from "./places.js";
import { startPlot } from "./plot.js";
import { startQuery } from "./query.js";
import { startSecond } from "./second.js";
import { startSend } from "./send.js";
import { startSite } from "./site.js";
import { startSluice } from "./sluice.js";
import { startState } from "./state.js";
import { startStory } from "./story.js";
import { startTrouble } from "./trouble.js";
import { startUpload } from "./upload.js";

startSluice();
startLedger();
startSecond();
startState();
startPlaces();
startStory();
startAttempts();
startTrouble();
startSend();
startPlot();
startQuery();
startUpload();
// The first page view is to be seen coming back.
await startFeed();
startSite();
