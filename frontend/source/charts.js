// The one chart wrapper. A frame says where its figures are (data-chart) and this draws them: same grid, axis, zoom,
// tooltip, empty and error state; gaps stay gaps; the band is what lies between lowest and highest of a bucket.
import { BarChart, CustomChart, LineChart, MapChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import langEN from "echarts/lib/i18n/langEN.js";
import langZH from "echarts/lib/i18n/langZH.js";
import { moment } from "./explore/times.js";
import { quantity } from "./numbers.js";
import { limitBands, limitLines, reaching } from "./alarm_limits.js";
import { fillTable } from "./chart_table.js";
import { savePicture } from "./chart_picture.js";

echarts.use([
  AriaComponent,
  BarChart,
  CustomChart,
  DataZoomComponent,
  GridComponent,
  LineChart,
  MapChart,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
  ScatterChart,
  TooltipComponent,
  VisualMapComponent,
]);
echarts.registerLocale("ZH", langZH.default ?? langZH);
echarts.registerLocale("EN", langEN.default ?? langEN);

export { echarts, savePicture };
export const locale = document.documentElement.lang.startsWith("en") ? "EN" : "ZH";
const SOONEST_MS = 2_000;
const RAREST_MS = 60_000;
export const dark = matchMedia("(prefers-color-scheme: dark)");

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export async function draw(frame, waited_ms = SOONEST_MS) {
  const figures = await fetchFigures(frame);
  if (figures.error || figures.empty) {
    frame.querySelector("[data-words]").textContent = figures.error ?? figures.empty;
    frame.dataset.drawn = "words";
    askAgain(frame, waited_ms);
    return;
  }
  frame.querySelector("[data-words]").hidden = true;
  show(frame, figures);
}

// The first readings of a machine are stored a moment after they are seen, and an outage ends: asked again ever more
// rarely, for as long as the frame stands on the page.
function askAgain(frame, after_ms) {
  const ask = () => frame.isConnected && draw(frame, Math.min(2 * after_ms, RAREST_MS));
  setTimeout(ask, after_ms);
}

function show(frame, figures) {
  const place = frame.querySelector("[data-drawing]");
  const chart = echarts.init(place, null, { renderer: "svg", locale });
  const paint = () => chart.setOption(figures.map ? mapOption(figures) : lineOption(figures), true);
  if (figures.map) echarts.registerMap("city", figures.map);
  paint();
  dark.addEventListener("change", paint);
  new ResizeObserver(() => chart.resize()).observe(place);
  frame.dataset.drawn = "chart";
  const note = frame.querySelector("[data-note]");
  if (note && figures.note) note.textContent = figures.note;
  if (figures.map) chart.on("click", (event) => event.data?.href && location.assign(event.data.href));
  wireTools(frame, chart, figures);
}

async function fetchFigures(frame) {
  try {
    const answer = await fetch(frame.dataset.chart, { headers: { Accept: "application/json" } });
    return await answer.json();
  } catch {
    return { error: frame.dataset.noLine };
  }
}

function wireTools(frame, chart, figures) {
  const table = frame.querySelector("[data-table]");
  const drawing = frame.querySelector("[data-drawing]");
  const toggle = frame.querySelector("[data-as-table]");
  toggle?.addEventListener("click", () => {
    const asTable = table.hidden;
    if (asTable) fillTable(table, figures);
    table.hidden = !asTable;
    drawing.hidden = asTable;
    toggle.setAttribute("aria-pressed", String(asTable));
    if (!asTable) chart.resize();
  });
  frame.querySelector("[data-picture]")?.addEventListener("click", () => savePicture(chart, frame, colour("sheet")));
  for (const tool of frame.querySelectorAll("[data-as-table], [data-picture]")) tool.disabled = false;
}

function lineOption(figures) {
  const { rows, unit } = figures;
  const line = colour("series-1");
  const value = (number) => (number === null || number === undefined ? "—" : `${quantity(number, figures.decimals)} ${unit}`.trim());
  return {
    aria: { enabled: true },
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 64, right: 20, top: 36, bottom: 32 },
    xAxis: {
      type: "time",
      min: figures.start_ms,
      max: figures.end_ms,
      axisLine: { lineStyle: { color: colour("line-2") } },
      axisLabel: { color: colour("ink-2"), fontSize: 11, hideOverlap: true },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      scale: !figures.bars,
      ...reaching(figures.alarms ?? []),
      name: unit,
      nameTextStyle: { color: colour("ink-2"), fontSize: 11, align: "right", padding: [0, 6, 0, 0] },
      axisLabel: { color: colour("ink-2"), fontSize: 11 },
      splitLine: { lineStyle: { color: colour("line") } },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: colour("sheet"),
      borderColor: colour("line-2"),
      textStyle: { color: colour("ink"), fontSize: 12 },
      formatter: (items) => tooltip(rows[items[0].dataIndex], figures, value),
    },
    dataZoom: [{ type: "inside", filterMode: "none", zoomOnMouseWheel: "ctrl", preventDefaultMouseMove: false }],
    series: figures.bars ? [bars(figures, line)] : [...band(figures, line), mean(figures, line), marked(figures)],
  };
}

function bars({ rows, name }, line) {
  return { type: "bar", name, data: rows.map(([time, middle]) => [time, middle]), color: line, barMaxWidth: 24 };
}

function band({ rows, bucket_s }, line) {
  if (!bucket_s) return [];
  const shared = { type: "line", stack: "band", stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 } };
  const lows = rows.map(([time, , low]) => [time, low]);
  const spans = rows.map(([time, , low, high]) => [time, low === null ? null : high - low]);
  return [
    { ...shared, name: "low", data: lows },
    { ...shared, name: "high", data: spans, areaStyle: { color: line, opacity: 0.16 } },
  ];
}

function mean({ rows, name, limits = [], alarms = [] }, line) {
  const own = limits.map((limit) => ({ yAxis: limit.value, label: { formatter: limit.words } }));
  const marks = [...own, ...limitLines(alarms, colour)];
  return {
    type: "line",
    name,
    data: rows.map(([time, middle]) => [time, middle]),
    connectNulls: false,
    showSymbol: rows.length < 40,
    symbolSize: 4,
    color: line,
    lineStyle: { width: 1.5 },
    markLine: marks.length
      ? { symbol: "none", data: marks, lineStyle: { color: colour("idle"), type: "dashed" }, label: { position: "insideStartTop", fontSize: 10, color: colour("ink-2") } }
      : undefined,
    markArea: limitBands(alarms, colour),
  };
}

// What people wrote down: a flag at a moment, a band over a span, the text on the side where there is room. It is whole
// in the explorer.
function marked({ marks = [], start_ms, end_ms }) {
  const isEarly = (mark) => mark.start < (start_ms + end_ms) / 2;
  const label = (mark, more) => ({ formatter: mark.text.slice(0, 12), color: colour("ink"), fontSize: 10, rotate: 0, ...more });
  const flag = (mark) => ({ xAxis: mark.start, label: label(mark, { position: "insideEndTop", align: isEarly(mark) ? "left" : "right" }) });
  const band = (mark) => [{ xAxis: mark.start, name: "", label: label(mark, { position: isEarly(mark) ? "insideTopLeft" : "insideTopRight" }) }, { xAxis: mark.end }];
  return {
    type: "line",
    data: [],
    silent: true,
    markLine: { silent: true, symbol: ["none", "pin"], symbolSize: 12, animation: false, lineStyle: { color: colour("sample"), type: "solid" }, data: marks.filter((mark) => !mark.end).map(flag) },
    markArea: { silent: true, animation: false, itemStyle: { color: colour("sample"), opacity: 0.12 }, data: marks.filter((mark) => mark.end).map(band) },
  };
}

function tooltip(row, figures, value) {
  if (!row) return "";
  const [time, middle, low, high, count] = row;
  if (middle === null) return "";
  const words = figures.words;
  const lines = [moment(time), `<b>${value(middle)}</b>`];
  if (figures.bucket_s) lines.push(`${words.low} ${value(low)} · ${words.high} ${value(high)}`, `${words.count} ${count}`);
  return lines.join("<br>");
}

function mapOption({ areas, words }) {
  const most = Math.max(1, ...areas.map((area) => area.value));
  return {
    aria: { enabled: true },
    animation: false,
    tooltip: { formatter: ({ name, data }) => `${name}<br>${words.value} ${data?.value ?? "—"}` },
    visualMap: { show: false, min: 0, max: most, inRange: { color: ["map-0", "map-1", "map-2", "map-3", "map-4"].map(colour) } },
    series: [
      {
        type: "map",
        map: "city",
        nameProperty: "name",
        selectedMode: false,
        label: { show: true, color: colour("ink"), fontSize: 11 },
        itemStyle: { borderColor: colour("sheet"), areaColor: colour("map-0") },
        emphasis: { label: { color: colour("ink") }, itemStyle: { areaColor: colour("accent-soft"), borderColor: colour("accent") } },
        data: areas,
      },
    ],
  };
}
