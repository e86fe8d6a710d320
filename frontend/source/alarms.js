// News of alarms: lists on the page renew themselves when something in sight has changed, and the number in the top bar
// counts along. A list says for which number it was made, so one that is up to date is left alone.
import { quantity } from "./numbers.js";
import { openStream } from "./stream.js";

let isHeard = false;

export function startAlarms() {
  if (isHeard || !document.querySelector("[data-alarm-news]")) return;
  isHeard = true;
  const count = document.querySelector("[data-alarm-count]");
  openStream("/live/alarms", ({ number, waiting }) => {
    for (const list of document.querySelectorAll("[data-alarm-news]")) {
      if (list.dataset.alarmNews !== String(number)) window.htmx.trigger(list, "zhulian:alarms");
    }
    if (!count) return;
    count.textContent = quantity(waiting, 0);
    count.hidden = !waiting;
  });
}
