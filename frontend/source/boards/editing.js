// Changing a dashboard: every step leaves the one before to be undone. Tiles move on the grid by dragging their head or
// by the arrow keys, and grow by their corner or with Shift; what would overlap gives way downwards, as on the server.
const COLUMNS = 12;
const TALLEST = 8;
const MOST_UNDONE = 100;

export function startEditing(page, { settings, known, tiles, show, name }) {
  const button = document.querySelector("[data-edit]");
  const tools = page.querySelector("[data-edit-tools]");
  const grid = page.querySelector("[data-grid]");
  const dialog = page.querySelector("[data-dialog]");
  const form = page.querySelector("[data-tile-form]");
  const fault = page.querySelector("[data-board-fault]");
  const { words, kinds } = settings;
  const undone = [];
  let revision = settings.revision;
  let isEditing = false;
  let configured = null;

  for (const [kind, about] of Object.entries(kinds)) {
    const add = document.createElement("button");
    add.type = "button";
    add.dataset.kind = kind;
    add.textContent = `＋ ${about.words}`;
    page.querySelector("[data-add-kinds]").append(add);
  }
  for (const range of ["1h", "8h", "24h", "7d", "30d"]) form.elements.range.append(new Option(settings.range_words[range], range));

  function step(next, { keep = true } = {}) {
    if (keep) undone.push(tiles());
    if (undone.length > MOST_UNDONE) undone.shift();
    show(settled(next));
    note(words.unsaved);
    page.querySelector("[data-undo]").disabled = !undone.length;
  }

  const note = (text) => {
    document.querySelector("[data-saved]").textContent = text;
  };
  const change = (id, values) => step(tiles().map((tile) => (tile.id === id ? { ...tile, ...values } : tile)));

  function toggle(wanted = !isEditing) {
    isEditing = wanted;
    button.setAttribute("aria-pressed", String(isEditing));
    tools.hidden = !isEditing;
    grid.classList.toggle("z-editing", isEditing);
    show(tiles());
  }

  function decorate() {
    for (const place of grid.children) {
      let bar = place.querySelector(".z-tile-tools");
      if (!isEditing) bar?.remove();
      else if (!bar) place.append(toolsOf());
      place.querySelector("h2").classList.toggle("z-handle", isEditing);
    }
  }

  function toolsOf() {
    const bar = document.createElement("span");
    bar.className = "z-tile-tools";
    const make = (label, text, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "z-plain";
      made.textContent = text;
      made.setAttribute("aria-label", label);
      made.title = label;
      made.dataset.act = act;
      bar.append(made);
    };
    make(words.move, "✥", "move");
    make(words.configure_tile, words.configure, "configure");
    make(words.delete, "✕", "delete");
    const corner = document.createElement("i");
    corner.className = "z-corner";
    bar.append(corner);
    return bar;
  }

  // --- by mouse and finger

  grid.addEventListener("pointerdown", (event) => {
    const place = event.target.closest("[data-tile]");
    const isResize = event.target.closest(".z-corner");
    if (!isEditing || !place || !(isResize || event.target.closest(".z-handle"))) return;
    event.preventDefault();
    const tile = tiles().find((one) => one.id === place.dataset.tile);
    const before = tiles();
    const box = grid.getBoundingClientRect();
    const column = box.width / COLUMNS;
    const row = Number.parseFloat(getComputedStyle(grid).gridAutoRows) + 8;
    const from = [event.clientX, event.clientY];
    const move = (moved) => {
      const right = Math.round((moved.clientX - from[0]) / column);
      const down = Math.round((moved.clientY - from[1]) / row);
      const next = isResize ? sized(tile, right, down) : moved_to(tile, right, down);
      show(settled(before.map((one) => (one.id === tile.id ? { ...next, y: next.y - 0.5 } : one))));
    };
    const end = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      const after = tiles();
      if (JSON.stringify(after) !== JSON.stringify(before)) {
        undone.push(before);
        step(after, { keep: false });
      }
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
  });

  const moved_to = (tile, right, down) => ({ ...tile, x: Math.min(Math.max(tile.x + right, 0), COLUMNS - tile.w), y: Math.max(tile.y + down, 0) });
  const sized = (tile, right, down) => ({ ...tile, w: Math.min(Math.max(tile.w + right, 2), COLUMNS - tile.x), h: Math.min(Math.max(tile.h + down, 1), TALLEST) });

  // --- by keys

  grid.addEventListener("keydown", (event) => {
    const act = event.target.closest("[data-act=move]");
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!act || !arrow) return;
    event.preventDefault();
    const id = act.closest("[data-tile]").dataset.tile;
    const tile = tiles().find((one) => one.id === id);
    if (event.shiftKey) return change(id, sized(tile, ...arrow));
    const next = moved_to(tile, ...arrow);
    const below = tiles().filter((one) => one.id !== id && one.x < tile.x + tile.w && tile.x < one.x + one.w && one.y >= tile.y + tile.h);
    const y = arrow[1] > 0 && below.length ? Math.min(...below.map((one) => one.y)) + 0.5 : arrow[1] < 0 ? Math.max(0, next.y) - 0.5 : next.y;
    return change(id, { ...next, y });
  });
  grid.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]");
    if (!act) return;
    const id = act.closest("[data-tile]").dataset.tile;
    if (act.dataset.act === "delete") step(tiles().filter((tile) => tile.id !== id));
    if (act.dataset.act === "configure") configure(id);
  });

  // --- the form of one tile

  function configure(id) {
    configured = id;
    const tile = tiles().find((one) => one.id === id);
    for (const field of ["title", "text", "range", "low", "high"]) form.elements[field].value = tile[field] ?? "";
    for (const part of dialog.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(tile.kind);
    listPoints();
    if (!dialog.open) dialog.showModal();
    window.htmx.trigger(dialog.querySelector("[data-found]"), "wanted");
  }

  function listPoints() {
    const tile = tiles().find((one) => one.id === configured);
    const about = kinds[tile.kind];
    dialog.querySelector("[data-chosen]").textContent = about.most ? `${tile.points.length} / ${about.most}` : "";
    dialog.querySelector("[data-chosen-points]").replaceChildren(...tile.points.map((id) => {
      const line = document.createElement("li");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.dataset.drop = id;
      remove.setAttribute("aria-pressed", "true");
      const point = known.get(id);
      remove.append(Object.assign(document.createElement("span"), { textContent: point ? `${point.machine_name} · ${point.name}` : words.hidden.replace("%s", 1) }));
      line.append(remove);
      return line;
    }));
  }

  dialog.addEventListener("click", (event) => {
    const tile = tiles().find((one) => one.id === configured);
    const add = event.target.closest("[data-add]");
    const drop = event.target.closest("[data-drop]");
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    else if (add) {
      const point = JSON.parse(add.dataset.add);
      known.set(point.id, point);
      const { most } = kinds[tile.kind];
      const points = [...tile.points.filter((id) => id !== point.id), point.id].slice(-most);
      change(configured, { points, ...(tile.kind === "gauge" && limitsOf(tile, point)) });
      configure(configured);
    } else if (drop) {
      change(configured, { points: tile.points.filter((id) => id !== Number(drop.dataset.drop)) });
      listPoints();
    }
  });
  const limitsOf = (tile, point) => ({ low: tile.points.length ? tile.low : point.low ?? tile.low, high: tile.points.length ? tile.high : point.high ?? tile.high });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tile = tiles().find((one) => one.id === configured);
    const limit = (text) => (text === "" ? null : Number(text));
    const [low, high] = [limit(form.elements.low.value), limit(form.elements.high.value)];
    const isWrong = tile.kind === "gauge" && !(low !== null && high !== null && low < high);
    dialog.querySelector("[data-tile-fault]").hidden = !isWrong;
    if (isWrong) return;
    change(configured, { title: form.elements.title.value, text: form.elements.text.value, range: form.elements.range.value || tile.range, low, high });
    dialog.close();
  });

  // --- add, undo, save

  tools.addEventListener("click", (event) => {
    const { kind, undo, save } = event.target.closest("button")?.dataset ?? {};
    if (kind) {
      const id = `t${Date.now().toString(36)}`;
      const { w, h } = kinds[kind];
      const y = Math.max(0, ...tiles().map((tile) => tile.y + tile.h));
      step([...tiles(), { id, kind, x: 0, y, w, h, title: "", points: [], range: "24h", low: kind === "gauge" ? 0 : null, high: kind === "gauge" ? 100 : null, text: "" }]);
      configure(id);
    } else if (undo !== undefined && undone.length) {
      show(undone.pop());
      event.target.disabled = !undone.length;
      note(words.unsaved);
    } else if (save !== undefined) void store();
  });
  button.addEventListener("click", () => toggle());
  addEventListener("beforeunload", (event) => {
    if (isEditing && undone.length) event.preventDefault();
  });

  async function store(over = revision) {
    fault.hidden = true;
    const body = JSON.stringify({ revision: over, name: name(), definition: { version: 1, tiles: tiles() } });
    const answer = await fetch(settings.save, { method: "POST", body, headers: { "Content-Type": "application/json", "X-CSRFToken": document.body.dataset.csrf } }).catch(() => null);
    const told = answer ? await answer.json().catch(() => ({})) : {};
    if (answer?.ok) {
      ({ revision } = told);
      undone.length = 0;
      page.querySelector("[data-undo]").disabled = true;
      document.querySelector("h1").firstChild.textContent = `${name()} `;
      note(words.saved);
      toggle(false);
      return;
    }
    fault.hidden = false;
    fault.textContent = `${told.error ?? words.no_save} ${answer?.status === 409 ? words.mine : ""}`;
    if (answer?.status !== 409) return;
    const force = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: words.overwrite });
    force.addEventListener("click", () => void store(told.revision));
    fault.append(" ", force);
  }

  if (new URLSearchParams(location.search).get("edit")) toggle(true);
  return { decorate };
}

// The same rule as rules/definitions.py: from the top, each as far up as its place allows.
export function settled(tiles) {
  const placed = [];
  for (const tile of [...tiles].sort((a, b) => a.y - b.y || a.x - b.x)) {
    let y = 0;
    while (placed.some((other) => tile.x < other.x + other.w && other.x < tile.x + tile.w && y < other.y + other.h && other.y < y + tile.h)) y++;
    placed.push({ ...tile, y });
  }
  return placed;
}
