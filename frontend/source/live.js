// Live values of a machine: one event stream a page, drawn at most once a frame. Ages count on, so that a silent
// machine turns grey by itself.
import { age, quantity } from "./numbers.js";
import { openStream } from "./stream.js";

export function startLive() {
  const page = document.querySelector("[data-live]");
  setInterval(tick, 1000);
  document.addEventListener("zhulian:ages", tick);
  tick();
  if (!page) return;
  const notice = document.querySelector("[data-live-state]");
  const waiting = new Map();

  function say(which) {
    if (!notice) return;
    notice.textContent = notice.dataset[which] ?? "";
    notice.dataset.now = which;
  }

  function draw() {
    for (const [point, one] of waiting) {
      document.querySelectorAll(`[data-point="${CSS.escape(point)}"]`).forEach((place) => show(place, one));
      document.dispatchEvent(new CustomEvent("zhulian:value", { detail: one }));
    }
    waiting.clear();
    tick();
  }

  openStream(
    page.dataset.live,
    (one) => {
      if (waiting.size === 0) requestAnimationFrame(draw);
      waiting.set(String(one.point), one);
    },
    say,
  );
}

function show(place, one) {
  const number = place.querySelector("[data-number]");
  if (number) {
    const places = place.dataset.decimals === undefined || place.dataset.decimals === "" ? undefined : Number(place.dataset.decimals);
    const text = one.text ?? (one.quality === 2 ? "—" : quantity(one.value, places));
    if (number.textContent !== text) {
      number.textContent = text;
      place.classList.remove("z-changed");
      void place.offsetWidth;
      place.classList.add("z-changed");
    }
  }
  place.querySelectorAll("[data-age]").forEach((chip) => {
    chip.dataset.age = String(one.time_us);
  });
  place.querySelectorAll("[data-reason]").forEach((words) => words.remove());
}

// Freshness after vocabulary/freshness.py: late after 3 polls (30 s), silent after 20 (600 s).
function tick() {
  const now = Date.now();
  document.querySelectorAll("[data-age]").forEach((chip) => {
    const time = Number(chip.dataset.age);
    if (!time) return;
    const seconds = Math.max(0, (now - time / 1000) / 1000);
    const poll = Number(chip.dataset.poll || 1);
    const state = seconds > Math.max(20 * poll, 600) ? "silent" : seconds > Math.max(3 * poll, 30) ? "late" : "live";
    const words = document.body.dataset.ages;
    const label = chip.querySelector("[data-age-words]");
    if (label && words) label.textContent = age(seconds, words);
    chip.className = `z-fresh z-fresh-${state}`;
    chip.closest("[data-point]")?.classList.toggle("z-stale", state === "silent");
  });
}
