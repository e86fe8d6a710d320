// From points, rows and marks to what ECharts draws: plots one above the other with one time axis, states as lanes.
import { limitBands, limitLines, reaching } from "../alarm_limits.js";
import { quantity } from "../numbers.js";

const LEFT = 64;
const RIGHT = 20;
const TOP = 30;
const BETWEEN = 34;
const LANE = 26;
const FOOT = 30;
const SERIES = 6;
export const MOST_UNITS = 2;

// `lines`: {point, colour, rows, ghost, doubtful, states, isStates, isStale, isHidden}. Returns the plots in their order.
export function plots(lines, mode, words) {
  const shown = lines.filter((line) => !line.isHidden);
  const curves = shown.filter((line) => !line.isStates);
  const lanes = shown.filter((line) => line.isStates);
  const units = [...new Set(curves.map((line) => line.point.unit))];
  const together = mode === "overlay" ? units.slice(0, MOST_UNITS) : [];
  const over = curves.filter((line) => together.includes(line.point.unit));
  const alone = curves.filter((line) => !together.includes(line.point.unit));
  const made = [];
  if (over.length) made.push({ lines: over, units: together, height: 340 });
  const height = alone.length === 1 && !over.length ? 320 : alone.length > 6 ? 104 : 140;
  for (const line of alone) made.push({ lines: [line], units: [line.point.unit], height });
  if (lanes.length) made.push({ lines: lanes, units: [], isLanes: true, height: lanes.length * LANE });
  const refused = mode === "overlay" && units.length > MOST_UNITS ? words.third_unit.replace("%s", units.slice(MOST_UNITS).map((unit) => unit || "—").join("、")) : "";
  return { plots: made, refused };
}

export const heightOf = (made) => made.reduce((sum, plot) => sum + plot.height + BETWEEN, TOP + FOOT - BETWEEN + 4);
export const sides = (width, made) => ({ left: LEFT, right: width - (made.some((plot) => plot.units.length > 1) ? LEFT : RIGHT) });

export function option(made, { view, marks, kit, words, formatter }) {
  const { colour } = kit;
  const ink = colour("ink-2");
  const right = made.some((plot) => plot.units.length > 1) ? LEFT : RIGHT;
  const out = { grid: [], xAxis: [], yAxis: [], series: [] };
  const flagged = new Set();
  let top = TOP;
  made.forEach((plot, at) => {
    const isLast = at === made.length - 1;
    out.grid.push({ left: LEFT, right, top, height: plot.height });
    out.xAxis.push(timeAxis(at, view, isLast, ink, colour));
    const first = out.yAxis.length;
    if (plot.isLanes) out.yAxis.push(laneAxis(at, plot, ink));
    else plot.units.forEach((unit, side) => out.yAxis.push(valueAxis(at, plot, unit, side, ink, colour)));
    for (const line of plot.lines) out.series.push(...(plot.isLanes ? laneSeries(line, plot, at, first, kit, words) : lineSeries(line, plot, at, first, kit)));
    out.series.push(markSeries(plot, at, first, marks, view, colour, flagged));
    top += plot.height + BETWEEN;
  });
  return {
    ...out,
    aria: { enabled: true },
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    axisPointer: { link: [{ xAxisIndex: "all" }], lineStyle: { color: colour("ink-3") }, label: { show: false } },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: colour("sheet"),
      borderColor: colour("line-2"),
      textStyle: { color: colour("ink"), fontSize: 12 },
      formatter: (items) => formatter(items.find((item) => item.axisDim === "x")?.axisValue),
    },
  };
}

function timeAxis(gridIndex, view, isLast, ink, colour) {
  return {
    type: "time",
    gridIndex,
    min: view[0],
    max: view[1],
    axisLine: { lineStyle: { color: colour("line-2") }, onZero: false },
    axisTick: { show: isLast },
    axisLabel: { show: isLast, color: ink, fontSize: 11, hideOverlap: true },
    splitLine: { show: false },
  };
}

function valueAxis(gridIndex, plot, unit, side, ink, colour) {
  const own = plot.lines.filter((line) => line.point.unit === unit);
  const title = own.length === 1 ? `${own[0].point.machine_name} · ${own[0].point.name}${unit ? ` (${unit})` : ""}` : unit || "—";
  return {
    type: "value",
    gridIndex,
    scale: true,
    ...(plot.lines.length === 1 ? reaching(alarmsOf(own[0])) : {}),
    position: side ? "right" : "left",
    name: title,
    nameGap: 8,
    nameTextStyle: { color: ink, fontSize: 11, align: side ? "right" : "left", padding: side ? [0, -LEFT + 16, 0, 0] : [0, 0, 0, -LEFT + 16] },
    splitNumber: plot.height < 200 ? 3 : 5,
    axisLabel: { color: ink, fontSize: 11 },
    splitLine: { show: side === 0, lineStyle: { color: colour("line") } },
  };
}

function laneAxis(gridIndex, plot, ink) {
  const names = plot.lines.map((line) => line.point.name);
  const isTelling = new Set(names).size === names.length; // else the machine tells them apart
  const title = ({ point }) => (isTelling ? point.name : point.machine_name);
  return {
    type: "value",
    gridIndex,
    inverse: true,
    min: -0.5,
    max: plot.lines.length - 0.5,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisPointer: { show: false },
    axisLabel: { customValues: plot.lines.map((_line, lane) => lane), showMinLabel: true, showMaxLabel: true, color: ink, fontSize: 11, width: LEFT - 8, overflow: "truncate", formatter: (lane) => (plot.lines[lane] ? title(plot.lines[lane]) : "") },
  };
}

function lineSeries(line, plot, at, first, kit) {
  const { colour } = kit;
  const ink = line.isStale ? colour("ink-3") : colour(line.colour);
  const yAxisIndex = first + plot.units.indexOf(line.point.unit);
  const axes = { xAxisIndex: at, yAxisIndex, type: "line", symbol: "none", connectNulls: false, emphasis: { disabled: true } };
  const style = { width: 1.5, type: line.dash ?? "solid" };
  const id = String(line.point.id);
  const made = [];
  if (line.ghost.length) made.push({ ...axes, id: `${id}-ghost`, name: `${id}-ghost`, silent: true, z: 1, data: line.ghost.map((row) => [row[0], row[1]]), color: ink, lineStyle: { width: 1.25, type: [3, 3], opacity: 0.6 } });
  if (plot.lines.length <= 3 && line.rows.some(([, mean, low, high]) => mean !== null && high > low)) made.push(...band(line, axes, ink));
  made.push({ ...axes, id, name: id, data: line.rows.map((row) => [row[0], row[1]]), color: ink, lineStyle: style, showSymbol: line.rows.length < 40, symbol: "circle", symbolSize: 4, markLine: plot.lines.length === 1 ? limits(line, colour) : undefined, markArea: plot.lines.length === 1 ? limitBands(alarmsOf(line), colour) : undefined });
  if (line.doubtful.length) made.push(hollow(line, axes, ink, colour));
  return made;
}

function band(line, axes, ink) {
  const shared = { ...axes, stack: `band-${line.point.id}`, stackStrategy: "all", silent: true, lineStyle: { opacity: 0 }, z: 0 };
  return [
    { ...shared, id: `${line.point.id}-low`, data: line.rows.map(([time, , low]) => [time, low]) },
    { ...shared, id: `${line.point.id}-high`, data: line.rows.map(([time, , low, high]) => [time, low === null ? null : high - low]), areaStyle: { color: ink, opacity: 0.14 } },
  ];
}

// What is of no use has no value of its own: it is drawn hollow where the line last was.
function hollow(line, axes, ink, colour) {
  let before = line.rows.find((row) => row[1] !== null)?.[1] ?? 0;
  let next = 0;
  const data = line.doubtful.map(([time, value]) => {
    while (next < line.rows.length && line.rows[next][0] <= time) before = line.rows[next++][1] ?? before;
    return [time, value ?? before];
  });
  return { ...axes, type: "scatter", symbol: "circle", symbolSize: 6, id: `${line.point.id}-doubtful`, silent: true, data, itemStyle: { color: colour("sheet"), borderColor: ink, borderWidth: 1.25 } };
}

const alarmsOf = (line) => line.best?.alarms ?? [];

function limits(line, colour) {
  const wanted = [line.point.low, line.point.high, line.limit].filter((value) => value !== null && value !== undefined);
  const alarms = limitLines(alarmsOf(line), colour);
  if (!wanted.length && !alarms.length) return undefined;
  return {
    symbol: "none",
    silent: true,
    animation: false,
    data: [...[...new Set(wanted)].map((value) => ({ yAxis: value, label: { formatter: quantity(value) } })), ...alarms],
    lineStyle: { color: colour("idle"), type: "dashed", width: 1 },
    label: { position: "insideStartTop", fontSize: 10, color: colour("ink-2") },
  };
}

const KNOWN = new Map([["0", "stopped"], ["1", "running"], ["运行", "running"], ["停机", "stopped"], ["待机", "idle"], ["故障", "fault"], ["报警", "fault"], ["急停", "fault"]]);

export function stateName([, , value, text], words) {
  if (text) return text;
  return value === null ? words.mixed : String(value);
}

function stateColour(stretch, words) {
  if (stretch[2] === null && !stretch[3]) return "unknown";
  const name = stateName(stretch, words);
  return KNOWN.get(name) ?? `series-${1 + (Math.abs(hash(name)) % SERIES)}`;
}

const hash = (text) => [...text].reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) | 0, 7);

function laneSeries(line, plot, at, first, kit, words) {
  const lane = plot.lines.indexOf(line);
  const { echarts, colour } = kit;
  const draw = (stretches, half) => (_params, api) => {
    const [x, y] = api.coord([api.value(0), lane]);
    const [end] = api.coord([api.value(1), lane]);
    const height = half ? 4 : LANE - 8;
    const area = _params.coordSys;
    const shape = echarts.graphic.clipRectByRect({ x, y: half ? y + LANE / 2 - 5 : y - height / 2, width: Math.max(1, end - x), height }, area);
    if (!shape) return null;
    const stretch = stretches[_params.dataIndex];
    const fill = colour(line.isStale ? "ink-3" : stateColour(stretch, words));
    const rect = { type: "rect", shape, style: { fill, opacity: half ? 0.6 : 0.85 } };
    const name = stateName(stretch, words);
    if (half || shape.width < 14 + 12 * name.length) return rect;
    return { type: "group", children: [rect, { type: "text", silent: true, style: { text: name, x: shape.x + 6, y, verticalAlign: "middle", fontSize: 11, fill: colour("on-accent") } }] };
  };
  const lanes = (name, stretches, half) => ({ type: "custom", id: name, name, xAxisIndex: at, yAxisIndex: first, clip: true, encode: { x: [0, 1], y: 2 }, data: stretches.map((one) => [one[0], one[1], lane]), renderItem: draw(stretches, half) });
  const made = [lanes(String(line.point.id), line.states, false)];
  if (line.ghostStates.length) made.push(lanes(`${line.point.id}-ghost`, line.ghostStates, true));
  return made;
}

// Marks stand on every plot that shows what they are about; the flag with their text stands on the first of them.
// Texts stand inside the plot, as its title stands above it: of spans in the first row, of moments in the second, each
// on the side where there is room.
function markSeries(plot, at, first, marks, view, colour, flagged) {
  const mine = marks.filter((mark) => plot.lines.some(({ point }) => (mark.point ? mark.point === point.id : mark.machine ? mark.machine === point.machine : mark.enterprise === point.enterprise)));
  const isFirst = (mark) => !flagged.has(mark.id) && flagged.add(mark.id) && !plot.isLanes;
  const isEarly = (mark) => mark.start < (view[0] + view[1]) / 2;
  const label = (mark) => ({ show: isFirst(mark), formatter: mark.text.length > 12 ? `${mark.text.slice(0, 12)}…` : mark.text, color: colour("ink"), textBorderColor: colour("sheet"), textBorderWidth: 2, fontSize: 10, position: "insideEndBottom", rotate: 0, distance: [0, 20], padding: [0, 5], align: isEarly(mark) ? "left" : "right" });
  const spans = mine.filter((mark) => mark.end);
  const moments = mine.filter((mark) => !mark.end);
  return {
    type: "line",
    id: `marks-${at}`,
    xAxisIndex: at,
    yAxisIndex: first,
    data: [],
    markArea: { silent: false, animation: false, itemStyle: { color: colour("sample"), opacity: 0.12 }, data: spans.map((mark) => [{ name: String(mark.id), xAxis: mark.start, label: { ...label(mark), position: isEarly(mark) ? "insideTopLeft" : "insideTopRight", distance: 5, padding: 0, align: undefined } }, { xAxis: mark.end }]) },
    markLine: { silent: false, symbol: ["none", plot.isLanes ? "none" : "pin"], symbolSize: 14, animation: false, lineStyle: { color: colour("sample"), type: "solid", width: 1.5 }, data: moments.map((mark) => ({ name: String(mark.id), xAxis: mark.start, label: label(mark) })) },
  };
}
