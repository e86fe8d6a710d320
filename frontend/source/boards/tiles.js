// What each kind of tile shows. A value always comes with its unit and its age; what is out of sight is counted.
import { decimalsFor, quantity } from "../numbers.js";
import { startAlarms } from "../alarms.js";
import { heightOf, option, plots, stateName } from "../explore/drawing.js";
import { moment } from "../explore/times.js";

export function drawTile(place, tile, board) {
  const points = tile.points.map((id) => board.known.get(id)).filter(Boolean);
  const hidden = tile.points.length - points.length;
  const title = place.querySelector("h2");
  title.textContent = tile.title || (points.length === 1 ? `${points[0].machine_name} · ${points[0].name}` : board.settings.kinds[tile.kind].words);
  const body = place.querySelector(".z-tile-body");
  place.dataset.kind = tile.kind;
  if (!points.length && board.settings.kinds[tile.kind].most) {
    body.textContent = hidden ? board.settings.words.hidden.replace("%s", hidden) : board.settings.words.no_point;
    return;
  }
  KINDS[tile.kind](body, tile, points, board);
}

const KINDS = { number, gauge, line: chart, state: chart, table, top, alarms, text };

// The newest value of a point: from the stream, else the last of what was loaded.
export function latest(point, { newest, loader, settings }) {
  const live = newest.get(point.id);
  if (live) return { time: live.time_us / 1000, value: live.quality === 2 ? null : live.value, text: live.text ?? "" };
  const found = loader.inside(point.id, [Date.now() - settings.ranges["24h"], Date.now()]);
  if (found.isStates) {
    const last = found.states.at(-1);
    return last ? { time: found.best?.last ?? last[1], value: last[2], text: last[3] } : null;
  }
  const row = found.rows.findLast((one) => one[1] !== null);
  return row ? { time: found.best?.last ?? row[0], value: row[1], text: "" } : null;
}

const shown = (value) => (value === null ? "—" : value.text || (value.value === null ? "—" : quantity(value.value, Number.isInteger(value.value) && Math.abs(value.value) < 1000 ? 0 : decimalsFor(value.value))));
const isStale = (point, value) => !value || Date.now() - value.time > Math.max(20 * point.every_s, 600) * 1000;

function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}

function figure(body, point, value) {
  body.classList.toggle("z-stale", isStale(point, value));
  let link = body.querySelector(":scope > a");
  if (!link) {
    body.replaceChildren();
    link = body.appendChild(element("a", "z-tile-value"));
    link.dataset.origin = "";
    link.append(element("b"), " ", element("small", "z-quiet"));
    body.append(element("small", "z-tile-age z-quiet"));
  }
  link.href = `/origin/point/${point.id}/`;
  link.querySelector("b").textContent = shown(value);
  link.querySelector("small").textContent = point.unit;
  body.querySelector(".z-tile-age").textContent = value ? moment(value.time) : "";
}

function number(body, tile, points, board) {
  const [point] = points;
  figure(body, point, latest(point, board));
  const width = board.settings.ranges[tile.range];
  const found = board.loader.inside(point.id, [Date.now() - width, Date.now()]);
  let spark = body.querySelector("svg");
  if (!spark) {
    spark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    spark.setAttribute("viewBox", "0 0 100 24");
    spark.setAttribute("preserveAspectRatio", "none");
    spark.setAttribute("aria-hidden", "true");
    spark.classList.add("z-tile-spark");
    spark.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    body.append(spark);
  }
  spark.firstElementChild.setAttribute("d", sparkPath(found.rows, Date.now() - width, width));
}

// A line with its gaps, in a box of 100 by 24.
export function sparkPath(rows, start, width) {
  const values = rows.map((row) => row[1]).filter((value) => value !== null);
  if (values.length < 2) return "";
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  let isOpen = false;
  return rows
    .filter(([time]) => time >= start)
    .map(([time, value]) => {
      if (value === null) return (isOpen = false) || "";
      const step = `${isOpen ? "L" : "M"}${(((time - start) / width) * 100).toFixed(2)} ${(22 - ((value - low) / span) * 20).toFixed(2)}`;
      isOpen = true;
      return step;
    })
    .join("");
}

function gauge(body, tile, points, board) {
  const [point] = points;
  const value = latest(point, board);
  figure(body, point, value);
  let bar = body.querySelector(".z-gauge");
  if (!bar) {
    bar = body.appendChild(element("div", "z-gauge"));
    bar.append(element("i"), element("small", "z-quiet"), element("small", "z-quiet"));
  }
  const part = value?.value === null || !value ? null : (value.value - tile.low) / (tile.high - tile.low);
  bar.style.setProperty("--part", part === null ? -1 : Math.min(1, Math.max(0, part)));
  bar.classList.toggle("z-beyond", part !== null && (part < 0 || part > 1));
  bar.children[1].textContent = quantity(tile.low);
  bar.children[2].textContent = quantity(tile.high);
}

function chart(body, tile, points, board) {
  const { kit, loader, settings, charts } = board;
  if (!kit) return;
  const view = [Date.now() - settings.ranges[tile.range], Date.now()];
  const lines = points.map((point, at) => {
    const found = loader.inside(point.id, view);
    const limited = { ...point, low: tile.low ?? point.low, high: tile.high ?? point.high };
    const last = found.best?.last ?? null;
    return { point: limited, ...found, colour: `series-${(at % 6) + 1}`, isHidden: false, isStale: Boolean(found.best) && isStale(point, last && { time: last }), ghost: [], ghostStates: [] };
  }).filter((line) => line.best);
  const made = plots(lines, "overlay", settings.words).plots;
  let area = body.querySelector(".z-tile-chart");
  if (!area) {
    body.replaceChildren();
    area = body.appendChild(element("div", "z-tile-chart"));
    area.setAttribute("role", "img");
  }
  area.setAttribute("aria-label", points.map((point) => `${point.machine_name} ${point.name}`).join("、"));
  if (!made.length) {
    const fault = points.map((point) => loader.faults.get(point.id)).find((one) => one !== undefined);
    if (fault !== undefined) area.replaceChildren(element("p", "z-quiet", fault || settings.words.no_line));
    return;
  }
  if (!charts.has(tile.id)) area.replaceChildren();
  const room = body.clientHeight - (heightOf(made) - made.reduce((sum, plot) => sum + plot.height, 0));
  const fixed = made.filter((plot) => plot.isLanes).reduce((sum, plot) => sum + plot.height, 0);
  const flexible = made.filter((plot) => !plot.isLanes);
  for (const plot of flexible) plot.height = Math.max(48, (room - fixed) / flexible.length);
  area.style.height = `${heightOf(made)}px`;
  const drawing = charts.get(tile.id) ?? kit.echarts.init(area, null, { renderer: "svg", locale: kit.locale });
  charts.set(tile.id, drawing);
  drawing.resize();
  const formatter = (time) => (time === undefined ? "" : moment(time));
  drawing.setOption(option(made, { view, marks: [], kit, words: settings.words, formatter }), true);
}

function table(body, tile, points, board) {
  rows(body, points.map((point) => ({ point, value: latest(point, board) })), board);
}

function top(body, tile, points, board) {
  const found = points.map((point) => ({ point, value: latest(point, board) }));
  rows(body, found.sort((a, b) => (b.value?.value ?? -Infinity) - (a.value?.value ?? -Infinity)), board, true);
}

function rows(body, found, { settings }, isRanked = false) {
  const most = Math.max(...found.map(({ value }) => Math.abs(value?.value ?? 0)), 1e-12);
  const made = element("table", "z-table");
  const head = made.createTHead().insertRow();
  for (const [text, name] of [[settings.words.point, ""], [settings.words.value, "z-num"]]) {
    const cell = element("th", name, text);
    cell.scope = "col";
    head.append(cell);
  }
  const list = made.createTBody();
  for (const { point, value } of found) {
    const line = list.insertRow();
    line.classList.toggle("z-stale", isStale(point, value));
    const name = element("th");
    name.scope = "row";
    const link = element("a", "", `${point.machine_name} · ${point.name}`);
    link.href = point.href;
    name.append(link);
    const cell = element("td", "z-num");
    cell.title = value ? moment(value.time) : settings.words.no_value;
    const words = value && value.text === "" && !point.unit && value.value !== null ? stateName([0, 0, value.value, ""], settings.words) : shown(value);
    cell.append(element("b", "", words), " ", element("small", "z-quiet", point.unit));
    if (isRanked && value?.value !== null && value) cell.style.setProperty("--part", Math.abs(value.value) / most);
    cell.classList.toggle("z-ranked", isRanked);
    line.append(name, cell);
  }
  body.replaceChildren(made);
}

function text(body, tile) {
  body.replaceChildren(...tile.text.split(/\n{2,}/).map((part) => element("p", "z-tile-text", part)));
}

// Comes from the portal, and renews itself from then on.
function alarms(body, tile, points, { settings }) {
  if (body.dataset.asked) return;
  body.dataset.asked = "1";
  void window.htmx.ajax("GET", settings.alarms, { target: body, swap: "innerHTML" }).then(startAlarms);
}
