// The dialogs of the explorer: marks and saved views. Their content comes from the portal; this fills in what is on
// screen, and tells the picture when something was changed.
import { written } from "./times.js";

export function startDialogs(page, { settings, now }) {
  const dialog = page.querySelector("[data-dialog]");
  const body = dialog?.querySelector("[data-dialog-body]");
  if (!dialog) return { open: () => {}, list: () => {} };

  async function open(address, title) {
    dialog.querySelector("[data-dialog-title]").textContent = title;
    body.replaceChildren();
    dialog.showModal();
    await window.htmx.ajax("GET", address, { target: body, swap: "innerHTML" });
    fill();
    body.querySelector("input:not([type=hidden]), select, a")?.focus();
  }

  // The address of the moment goes along with every form that keeps it.
  function fill() {
    for (const field of body.querySelectorAll("[data-query]")) field.value = now().query;
  }

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  body.addEventListener("htmx:afterSwap", fill);
  document.addEventListener("zhulian:marks-changed", () => {
    page.dispatchEvent(new CustomEvent("zhulian:marks-wanted"));
  });
  page.addEventListener("click", (event) => {
    const act = event.target.closest("[data-open-views], [data-open-mark], [data-mark]");
    if (!act) return;
    const { cursor, view, points } = now();
    if (act.dataset.openViews !== undefined) void open(settings.views, act.textContent);
    else if (act.dataset.mark) void open(settings.mark.replace("/0/", `/${act.dataset.mark}/`), settings.words.mark);
    else {
      const query = new URLSearchParams({ p: points.map((point) => point.id).join(","), start: written(cursor ?? (view[0] + view[1]) / 2) });
      void open(`${settings.mark_new}?${query}`, act.textContent);
    }
  });
  page.addEventListener("zhulian:mark", (event) => void open(settings.mark.replace("/0/", `/${event.detail}/`), settings.words.mark));

  // The marks in sight as a list: for the keyboard, for a screen reader, and for texts that are longer than a flag.
  function list(marks, moment) {
    const place = page.querySelector("[data-marks]");
    const template = page.querySelector("[data-mark-template]");
    place.parentElement.hidden = !marks.length;
    place.replaceChildren(...marks.map((mark) => {
      const line = template.content.firstElementChild.cloneNode(true);
      line.querySelector("[data-mark]").dataset.mark = mark.id;
      line.querySelector("strong").textContent = mark.text;
      line.querySelector("[data-when]").textContent = mark.end ? `${moment(mark.start)} – ${moment(mark.end)}` : moment(mark.start);
      line.querySelector("[data-who]").textContent = `${mark.kind} · ${mark.author}`;
      line.querySelector("[data-sample]").hidden = !mark.is_sample;
      return line;
    }));
  }
  return { open, list };
}
