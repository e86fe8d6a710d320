// A dashboard: tiles on a grid of twelve columns, filled from the explorer's answers and one live stream. In edit mode
// tiles are added, moved, resized and configured by mouse or keys; everything can be undone until it is saved.
import { Loader } from "./explore/loader.js";
import { listen } from "./explore/live.js";
import { drawTile } from "./boards/tiles.js";
import { startEditing } from "./boards/editing.js";

const KEEP_MS = 300_000;
const page = document.querySelector("[data-board]");
if (page) start(page);

function start(page) {
  const settings = JSON.parse(document.getElementById("board-settings").textContent);
  const { words } = settings;
  const grid = page.querySelector("[data-grid]");
  const known = new Map(settings.points.map((point) => [point.id, point]));
  const loader = new Loader(settings.series, () => redraw());
  const newest = new Map();
  let tiles = settings.definition.tiles;
  let kit = null;
  let frame = 0;
  let deafen = () => {};
  let heard = "";
  const charts = new Map();

  function redraw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  function draw() {
    const places = new Map([...grid.children].map((place) => [place.dataset.tile, place]));
    for (const tile of tiles) {
      const place = places.get(tile.id) ?? grid.appendChild(made(tile));
      places.delete(tile.id);
      place.style.setProperty("--x", tile.x + 1);
      place.style.setProperty("--y", tile.y + 1);
      place.style.setProperty("--w", tile.w);
      place.style.setProperty("--h", tile.h);
      place.style.order = tile.y * 100 + tile.x;
      drawTile(place, tile, { known, loader, newest, kit, settings, charts });
    }
    for (const [id, place] of places) {
      charts.get(id)?.dispose();
      charts.delete(id);
      place.remove();
    }
    page.querySelector("[data-empty]")?.toggleAttribute("hidden", tiles.length > 0);
    editing?.decorate();
  }

  function made(tile) {
    const place = document.createElement("article");
    place.className = "z-tile";
    place.dataset.tile = tile.id;
    place.innerHTML = '<h2 class="z-label"></h2><div class="z-tile-body"></div>';
    return place;
  }

  // Each point once a range, as fine as the widest tile that shows it needs; a value alone needs an hour.
  function load() {
    const rooms = new Map();
    for (const tile of tiles) {
      const range = ["table", "top", "gauge"].includes(tile.kind) ? "1h" : tile.range;
      const room = tile.kind === "line" || tile.kind === "state" ? (grid.clientWidth * tile.w) / 12 : 0;
      for (const id of tile.points) rooms.set(`${range}|${id}`, Math.max(room, rooms.get(`${range}|${id}`) ?? 0));
    }
    for (const [name, room] of rooms) {
      const [range, id] = name.split("|");
      const point = known.get(Number(id));
      if (point) loader.want([point], [Date.now() - settings.ranges[range], Date.now()], room, 0, range);
    }
  }

  function attend() {
    const ids = [...new Set(tiles.flatMap((tile) => tile.points))].filter((id) => known.has(id));
    if (ids.join() === heard) return;
    heard = ids.join();
    deafen();
    deafen = listen(
      ids,
      (one) => {
        newest.set(one.point, one);
        loader.append(one);
        redraw();
      },
      (which) => {
        const place = document.querySelector("[data-stream]");
        place.textContent = words[which];
        place.dataset.now = which;
      },
    );
  }

  function show(next) {
    tiles = next;
    load();
    attend();
    redraw();
  }

  const editing = document.querySelector("[data-edit]")
    ? startEditing(page, { settings, known, tiles: () => tiles, show, name: () => page.querySelector("[data-name-field]").value })
    : null;
  load();
  attend();
  redraw();
  setInterval(() => {
    if (!document.hidden) load();
    redraw();
  }, 20_000);
  new ResizeObserver(() => {
    for (const chart of charts.values()) chart.resize();
    redraw();
  }).observe(grid);
  import(document.body.dataset.charts).then((module) => {
    kit = module;
    kit.dark.addEventListener("change", redraw);
    redraw();
  });
  document.querySelector("[data-full]")?.addEventListener("click", () => void document.documentElement.requestFullscreen());
  if (settings.turn) wall(settings.turn);
}

// On the wall: the next dashboard after a while, the session kept awake, the screen too; when the session has ended all
// the same, what was shown stays, and it says so.
function wall({ next, after_s }) {
  const say = document.querySelector("[data-stream]");
  const { words } = JSON.parse(document.getElementById("board-settings").textContent);
  const awake = async () => {
    const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" }).catch(() => null);
    if (answer && answer.type === "opaqueredirect") say.textContent = words.again_s;
    return Boolean(answer?.ok);
  };
  setInterval(() => void awake(), KEEP_MS);
  if (next) setInterval(async () => (await awake()) && location.replace(next), after_s * 1_000);
  void navigator.wakeLock?.request("screen").catch(() => null);
}
