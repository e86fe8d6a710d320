// The same figures as a table: for a screen reader, for copying, for whoever trusts digits more than lines.
import { moment } from "./explore/times.js";
import { quantity } from "./numbers.js";

export function fillTable(place, figures) {
  if (place.childElementCount) return;
  const { words, unit } = figures;
  const heads = figures.bucket_s
    ? [words.time, words.mean, words.low, words.high, words.count]
    : [words.time, words.value];
  const table = element("table", "z-table");
  const head = table.createTHead().insertRow();
  heads.forEach((text, at) => {
    const cell = element("th", at ? "z-num" : "", at && at < 4 && unit ? `${text} (${unit})` : text);
    cell.scope = "col";
    head.append(cell);
  });
  const body = table.createTBody();
  for (const row of figures.rows.filter(([, middle]) => middle !== null).reverse()) addRow(body, row, figures);
  place.append(table);
}

function addRow(body, [time, middle, low, high, count], { bucket_s, decimals }) {
  const line = body.insertRow();
  line.append(element("td", "", moment(time)), element("td", "z-num", quantity(middle, decimals)));
  if (!bucket_s) return;
  line.append(element("td", "z-num", quantity(low)), element("td", "z-num", quantity(high)), element("td", "z-num", String(count)));
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
