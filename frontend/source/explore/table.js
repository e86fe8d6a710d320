// The values at the cursor and the figures of the visible range, a row a point; the same content for a screen reader.
import { quantity } from "../numbers.js";
import { rowAt, stateAt, statistics } from "./reading.js";
import { stateName } from "./drawing.js";
import { duration } from "./times.js";

export function buildTable(body, template, lines, acts) {
  body.replaceChildren(...lines.map((line) => rowOf(template, line, acts)));
}

function rowOf(template, line, acts) {
  const row = template.content.firstElementChild.cloneNode(true);
  const { point } = line;
  row.dataset.row = point.id;
  const name = row.querySelector("[data-name]");
  name.textContent = `${point.machine_name} · ${point.name}`;
  name.href = point.href;
  row.querySelector("[data-enterprise]").textContent = point.enterprise_name;
  row.querySelector("[data-sample]").hidden = !point.is_sample;
  row.querySelector("[data-unit]").textContent = point.unit;
  row.querySelector("[data-key]").style.setProperty("--key", `var(--${line.colour})`);
  row.querySelector("[data-key]").classList.toggle("z-key-dashed", line.dash !== undefined);
  const age = row.querySelector("[data-age]");
  age.dataset.poll = point.every_s;
  row.querySelector("[data-limit]").addEventListener("change", (event) => acts.limit(point, event.target.value));
  row.querySelector("[data-hide]").addEventListener("click", () => acts.hide(point));
  row.querySelector("[data-remove]").addEventListener("click", () => acts.remove(point));
  const star = row.querySelector("[data-star]");
  star?.addEventListener("click", () => acts.star(point));
  return row;
}

export function fillTable(body, lines, { view, cursor, words, compare }) {
  for (const line of lines) {
    const row = body.querySelector(`[data-row="${line.point.id}"]`);
    if (row) fillRow(row, line, { view, cursor, words, compare });
  }
}

function fillRow(row, line, { view, cursor, words, compare }) {
  const put = (name, text) => {
    const place = row.querySelector(`[data-${name}]`);
    if (place && place.textContent !== text) place.textContent = text;
  };
  const { best } = line;
  const gap = (best?.gap_s ?? 60) * 1000;
  const now = valueAt(line, cursor, gap, words);
  put("value", now.text);
  put("quality", now.quality);
  put("source", best ? sourceOf(best, words) : "—");
  put("coverage", best && best.coverage !== null ? `${(best.coverage * 100).toFixed(best.coverage > 0.999 || best.coverage === 0 ? 0 : 1)} %` : "—");
  put("thinned", best?.thinned ? words.thinned : "");
  row.classList.toggle("z-stale", line.isStale);
  row.classList.toggle("z-off", line.isHidden);
  const hide = row.querySelector("[data-hide]");
  hide.setAttribute("aria-pressed", String(line.isHidden));
  hide.textContent = line.isHidden ? words.show : words.hide;
  showAge(row.querySelector("[data-age]"), best?.last ? String(best.last * 1000) : "");
  const limit = row.querySelector("[data-limit]");
  if (document.activeElement !== limit) limit.value = line.limit ?? "";
  const found = line.isStates ? null : statistics(line.rows, view, gap, line.limit);
  put("mean", found ? quantity(found.mean) : "—");
  put("low", found ? quantity(found.low) : "—");
  put("high", found ? quantity(found.high) : "—");
  const about = best?.bucket_s ? `${words.about} ` : "";
  put("above", found && line.limit !== undefined ? about + duration(found.above, words.durations) : "");
  put("before", compare ? beforeOf(line, cursor, gap, now, words) : "");
}

// Said at once: the clock that lets ages count on comes by only once a second.
function showAge(chip, time) {
  if (chip.dataset.age === time) return;
  chip.dataset.age = time;
  document.dispatchEvent(new Event("zhulian:ages"));
}

export function valueAt(line, time, gap, words) {
  if (time === null) return { text: "—", quality: "" };
  if (line.isStates) {
    const stretch = stateAt(line.states, time);
    return stretch ? { text: stateName(stretch, words), quality: "" } : { text: "—", quality: words.gap };
  }
  const bad = line.doubtful.findLast((one) => one[0] <= time);
  const row = rowAt(line.rows, time, gap);
  if (bad && (!row || bad[0] >= row[0]) && time - bad[0] <= gap) {
    return bad[2] === 2 ? { text: "—", quality: words.bad } : { text: quantity(bad[1]), quality: words.uncertain, value: bad[1] };
  }
  return row ? { text: quantity(row[1]), quality: line.best?.bucket_s ? "" : words.good, value: row[1] } : { text: "—", quality: words.gap };
}

export function beforeOf(line, time, gap, now, words) {
  if (time === null) return "—";
  if (line.isStates) {
    const stretch = stateAt(line.ghostStates, time);
    return stretch ? stateName(stretch, words) : "—";
  }
  const row = rowAt(line.ghost, time, gap);
  if (!row) return "—";
  if (now.value === undefined) return quantity(row[1]);
  const difference = now.value - row[1];
  return `${quantity(row[1])} (${difference > 0 ? "+" : ""}${quantity(difference)})`;
}

function sourceOf({ bucket_s, source }, words) {
  if (!bucket_s) return words.raw;
  const [size, name] = [[86400, "days"], [3600, "hours"], [60, "minutes"], [0, "seconds"]].find(([least]) => bucket_s >= least);
  const width = words[name].replace("%s", String(size ? bucket_s / size : bucket_s));
  return words[source] && source !== "raw" ? `${width} · ${words[source]}` : width;
}
