import "sluicebox/fallback";
import "./page.js";
