// The explorer: points of any machines in one picture. The frame stands before the first figure comes; what is drawn
// follows from the address, what is loaded from what is visible.
import { address, compareName, ending, readState } from "./explore/state.js";
import { Loader } from "./explore/loader.js";
import { startGestures } from "./explore/gestures.js";
import { heightOf, option, plots, sides } from "./explore/drawing.js";
import { beforeOf, buildTable, fillTable, valueAt } from "./explore/table.js";
import { listen } from "./explore/live.js";
import { moment, parsed, written } from "./explore/times.js";
import { startPicker } from "./explore/picker.js";
import { startDialogs } from "./explore/dialogs.js";

const SETTLED_MS = 160;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 3_650 * 86_400_000;
const COLOURS = 6;
const MARKS_MS = 60_000;

const page = document.querySelector("[data-explore]");
if (page) start(page);

function start(page) {
  const settings = JSON.parse(document.getElementById("explore-settings").textContent);
  const { words } = settings;
  const part = (name) => page.querySelector(`[data-${name}]`);
  const place = part("picture");
  const state = readState(settings, settings.query ? `?${settings.query}` : location.search);
  let points = settings.points;
  let lines = [];
  let made = { plots: [], refused: "" };
  let chart = null;
  let kit = null;
  let cursorTime = null;
  let frame = 0;
  let settling = 0;
  let attending = 0;
  let deafen = () => {};
  const earlier = [];
  const marks = [];
  let marked = {};
  const loader = new Loader(settings.series, () => redraw());

  // --- state

  function show([start, end], { isStep = false } = {}) {
    const width = Math.min(Math.max(end - start, SHORTEST_MS), LONGEST_MS);
    const middle = (start + end) / 2;
    if (!isStep && !settling) earlier.push({ view: state.view, range: state.range });
    if (earlier.length > 50) earlier.shift();
    state.range = "";
    state.view = [Math.round(middle - width / 2), Math.round(middle + width / 2)];
    redraw();
    settle();
  }

  function follow(range) {
    earlier.push({ view: state.view, range: state.range });
    state.range = state.lastRange = range;
    state.view = ending(settings.ranges[range]);
    redraw();
    settle();
  }

  function back() {
    const before = earlier.pop();
    if (!before) return;
    if (before.range) follow(before.range);
    else show(before.view, { isStep: true });
    if (before.range) earlier.pop();
  }

  // Loads and writes the address once the hand rests.
  function settle(wait = SETTLED_MS) {
    clearTimeout(settling);
    settling = setTimeout(() => {
      settling = 0;
      load();
      history.replaceState(null, "", address(state, points, settings));
      controls();
    }, wait);
  }

  function load() {
    const shown = points.filter((point) => !state.hidden.has(point.id));
    const room = Math.max(200, place.clientWidth - 84);
    loader.want(shown, state.view, room);
    if (state.compare) loader.want(shown, state.view, room, state.compare);
    if (shown.length) void loadMarks();
  }

  // --- drawing

  function redraw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      gather();
      draw();
      fill();
    });
  }

  function gather() {
    const now = Date.now();
    lines = points.map((point, at) => {
      const found = loader.inside(point.id, state.view);
      const before = state.compare ? loader.inside(point.id, state.view, state.compare) : null;
      const silence = Math.max(20 * point.every_s, 600) * 1000;
      const last = found.best?.last ?? null;
      return {
        point,
        ...found,
        colour: `series-${(at % COLOURS) + 1}`,
        dash: at >= COLOURS ? "dashed" : undefined,
        limit: state.limits.get(point.id),
        isHidden: state.hidden.has(point.id),
        isStale: Boolean(found.best) && state.view[1] >= now - silence && (last === null || now - last > silence),
        ghost: before?.rows ?? [],
        ghostStates: before?.states ?? [],
      };
    });
  }

  function draw() {
    const say = part("say");
    const faults = points.map((point) => loader.faults.get(point.id)).filter((fault) => fault !== undefined);
    const known = lines.filter((line) => line.best && !line.isHidden);
    const isEmpty = known.every((line) => !line.rows.length && !line.states.length && !line.ghost.length);
    say.textContent = !points.length ? words.choose : faults.length ? faults[0] || words.no_line : !known.length && loader.waiting.size ? words.loading : isEmpty && points.length ? words.empty : "";
    if (!kit) return;
    made = plots(lines.filter((line) => line.best), state.mode, words);
    part("refused").textContent = made.refused;
    place.style.height = `${Math.max(200, heightOf(made.plots))}px`;
    chart ??= kit.echarts.init(place.querySelector("[data-canvas]"), null, { renderer: "svg", locale: kit.locale });
    chart.resize();
    chart.setOption(option(made.plots, { view: state.view, marks, kit, words, formatter: tooltip }), true);
    place.dataset.drawn = made.plots.length ? "chart" : "words";
  }

  function tooltip(time) {
    if (time === undefined) return "";
    const shown = lines.filter((line) => line.best && !line.isHidden).slice(0, 10);
    const rows = shown.map((line) => {
      const gap = (line.best.gap_s ?? 60) * 1000;
      const now = valueAt(line, time, gap, words);
      const before = state.compare ? ` <small>${words.before} ${plain(beforeOf(line, time, gap, now, words))}</small>` : "";
      return `<span style="color:${kit.colour(line.colour)}">●</span> ${plain(line.point.name)} <b>${plain(now.text)}</b> ${plain(line.point.unit)}${before}`;
    });
    return [moment(time), ...rows].join("<br>");
  }

  function fill() {
    part("cursor").textContent = cursorTime === null ? "" : moment(cursorTime, state.view[1] - state.view[0] < 60_000);
    fillTable(part("rows"), lines, { view: state.view, cursor: cursorTime, words, compare: state.compare });
  }

  // --- the cursor: under the mouse, or moved by the arrow keys

  const plot = () => sides(place.clientWidth, made.plots);
  const cursor = {
    time: () => cursorTime,
    move: (direction) => {
      const [start, end] = state.view;
      const { left, right } = plot();
      const pixel = (end - start) / Math.max(1, right - left);
      const from = cursorTime ?? (direction < 0 ? end : start);
      cursorTime = Math.min(Math.max(from + direction * pixel * 4, start), end);
      if (direction === -Infinity) cursorTime = start;
      if (direction === Infinity) cursorTime = end;
      if (chart && made.plots.length) {
        const x = left + (cursorTime - start) / pixel;
        chart.dispatchAction({ type: "showTip", x: Math.min(Math.max(x, left + 1), right - 1), y: 40 });
      }
      fill();
    },
  };
  const { zoom } = startGestures(place, { range: () => state.view, plot, show, cursor, isBrushing: () => part("brush").getAttribute("aria-pressed") === "true" });

  // --- points

  function add(point) {
    if (points.some((one) => one.id === point.id)) return remove(point);
    if (points.length >= settings.most) {
      part("refused").textContent = words.full.replace("%s", settings.most);
      return;
    }
    points = [...points, point];
    changed();
  }

  function remove(point) {
    points = points.filter((one) => one.id !== point.id);
    state.hidden.delete(point.id);
    state.limits.delete(point.id);
    loader.leave(point.id, 0);
    changed();
  }

  function changed() {
    gather();
    buildTable(part("rows"), part("row-template"), lines, acts);
    part("table").hidden = !points.length;
    picker.mark(points);
    clearTimeout(attending);
    attending = setTimeout(attend, 400);
    redraw();
    settle(0);
  }

  const acts = {
    remove,
    hide: (point) => {
      if (!state.hidden.delete(point.id)) state.hidden.add(point.id);
      redraw();
      settle(0);
    },
    limit: (point, text) => {
      const value = Number(text);
      if (text === "" || Number.isNaN(value)) state.limits.delete(point.id);
      else state.limits.set(point.id, value);
      redraw();
      settle(0);
    },
    star: (point) => picker.star(point),
  };

  function attend() {
    deafen();
    deafen = listen(
      points.map((point) => point.id),
      (one) => {
        loader.append(one);
        if (state.view[1] >= Date.now() - 5_000) redraw();
      },
      (which) => {
        part("stream").textContent = words[which];
        part("stream").dataset.now = which;
      },
    );
  }

  // A range that ends now moves on: once a second for an hour, less often for what is longer.
  setInterval(() => {
    if (!state.range || document.hidden || settling) return;
    const width = settings.ranges[state.range];
    if (Date.now() - state.view[1] < width / 3_600) return;
    state.view = ending(width);
    load();
    redraw();
  }, 1_000);

  // --- controls

  function controls() {
    for (const chip of page.querySelectorAll("[data-range]")) chip.setAttribute("aria-pressed", String(chip.dataset.range === state.range));
    for (const chip of page.querySelectorAll("[data-mode]")) chip.setAttribute("aria-pressed", String(chip.dataset.mode === state.mode));
    part("compare").value = state.compare ? compareName(state.compare, settings) : "";
    if (!part("from").contains(document.activeElement)) part("from").value = written(state.view[0]);
    if (!part("to").contains(document.activeElement)) part("to").value = written(state.view[1]);
    part("back").disabled = !earlier.length;
    const shown = points.filter((point) => !state.hidden.has(point.id));
    const query = new URLSearchParams({ p: shown.map((point) => point.id).join(","), start: state.view[0], end: state.view[1] });
    for (const link of page.querySelectorAll("[data-export]")) {
      link.href = `${settings.export}?${query}&form=${link.dataset.export}`;
      link.toggleAttribute("aria-disabled", !shown.length);
    }
  }

  page.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-range], [data-mode], [data-zoom], [data-back], [data-brush], [data-share], [data-save-picture]");
    if (!chip) return;
    if (chip.dataset.range) follow(chip.dataset.range);
    else if (chip.dataset.mode) {
      state.mode = chip.dataset.mode;
      redraw();
      settle(0);
    } else if (chip.dataset.zoom) zoom(Number(chip.dataset.zoom));
    else if (chip.dataset.back !== undefined) back();
    else if (chip.dataset.brush !== undefined) chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    else if (chip.dataset.share !== undefined) void share(chip);
    else if (kit && chart) void kit.savePicture(chart, page, kit.colour("sheet"));
  });
  page.addEventListener("change", (event) => {
    if (event.target.matches("[data-compare]")) {
      state.compare = settings.offsets[event.target.value] ?? 0;
      redraw();
      settle(0);
    }
    if (!event.target.matches("[data-from], [data-to]")) return;
    const [from, to] = [parsed(part("from").value), parsed(part("to").value)];
    part("to").setCustomValidity(from < to ? "" : part("to").dataset.wrong);
    part("to").reportValidity();
    if (from < to) show([from, to]);
  });

  async function share(button) {
    const text = location.origin + address({ ...state, range: "" }, points, settings);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      prompt(button.textContent, text); // no right to the clipboard: the person copies it by hand
      return;
    }
    const before = button.textContent;
    button.textContent = words.copied;
    setTimeout(() => (button.textContent = before), 2_000);
  }

  // Marks of twice the visible range; asked for again when it leaves that, when other points are chosen, and now and then.
  async function loadMarks({ isChanged = false } = {}) {
    const listed = points.map((point) => point.id).join(",");
    const [start, end] = state.view;
    const isKnown = marked.points === listed && marked.start <= start && end <= marked.end && Date.now() - marked.at < MARKS_MS;
    if (isKnown && !isChanged) return;
    const margin = Math.ceil((end - start) / 2);
    marked = { points: listed, start: Math.floor(start) - margin, end: Math.ceil(end) + margin, at: Date.now() };
    const query = new URLSearchParams({ p: listed, start: marked.start, end: marked.end });
    const answer = await fetch(`${settings.marks}?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    marks.splice(0, marks.length, ...(await answer.json()).marks);
    dialogs.list(marks, moment);
    redraw();
  }
  page.addEventListener("zhulian:marks-wanted", () => void loadMarks({ isChanged: true }));

  const dialogs = startDialogs(page, {
    settings,
    now: () => ({ cursor: cursorTime, view: state.view, points, query: address(state, points, settings).split("?")[1] }),
  });
  const picker = startPicker(page, { add, settings, chosen: () => points });
  changed();
  controls();
  new ResizeObserver(() => {
    redraw();
    settle();
  }).observe(place);
  import(document.body.dataset.charts).then((module) => {
    kit = module;
    kit.dark.addEventListener("change", redraw);
    draw();
    chart.on("updateAxisPointer", (event) => {
      const time = event.axesInfo?.find((axis) => axis.axisDim === "x")?.value;
      if (time === undefined || time === cursorTime) return;
      cursorTime = time;
      fill();
    });
    chart.on("click", (event) => {
      if (event.componentType === "markLine" || event.componentType === "markArea") page.dispatchEvent(new CustomEvent("zhulian:mark", { detail: Number(event.name) }));
    });
  });
}

const plain = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
