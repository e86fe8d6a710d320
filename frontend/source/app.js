// What every page needs: fragments by htmx, the origin drawer, live values, drafts, keys. Charts are loaded on demand.
import "./htmx.js";
import { startKeys } from "./keys.js";
import { startDrawer } from "./drawer.js";
import { startLive } from "./live.js";
import { startAlarms } from "./alarms.js";
import { startDrafts } from "./drafts.js";
import { startConnect } from "./connect.js";
import { startCharts } from "./lazy_charts.js";
import { startSuggest } from "./suggest.js";
import { startSmallThings } from "./small_things.js";

startKeys();
startDrawer();
startLive();
startAlarms();
startDrafts();
startConnect();
startCharts();
startSuggest();
startSmallThings();
