// Times as people of the city read and type them: Shanghai, whatever clock the browser runs on.
const CITY_MS = 8 * 3_600_000;

export const written = (ms) => new Date(ms + CITY_MS).toISOString().slice(0, 19);
export const parsed = (text) => (text ? Date.parse(`${text}+08:00`) : NaN);

// As every page writes them, in both languages: 11/25/2026 is read differently in different countries.
export function moment(ms, withMs = false) {
  const text = written(ms).replace("T", " ");
  return withMs ? `${text}.${String(Math.floor(ms) % 1000).padStart(3, "0")}` : text;
}

export function duration(ms, words) {
  const seconds = Math.round(ms / 1000);
  const [s, min, h, d] = words.split("|");
  if (seconds < 120) return s.replace("%s", seconds);
  if (seconds < 7_200) return min.replace("%s", Math.round(seconds / 60));
  if (seconds < 172_800) return h.replace("%s", (seconds / 3600).toFixed(1));
  return d.replace("%s", (seconds / 86400).toFixed(1));
}

// A width that people name, at least as large as given: the visible range is snapped to it, so that what was loaded is
// found again after the next small move.
export function step(ms) {
  const size = 10 ** Math.floor(Math.log10(Math.max(ms, 1)));
  return [1, 2, 5, 10].map((times) => times * size).find((width) => width >= ms);
}
