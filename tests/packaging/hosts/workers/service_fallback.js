// A service worker may import nothing later, so the core as JavaScript is there from the beginning.
import "../node_modules/sluicebox/dist/fallback.js";
import "./service.js";
