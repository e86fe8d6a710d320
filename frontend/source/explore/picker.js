// Choosing points: the list beside the picture (a sheet on the phone) comes from the portal while somebody types; what
// was used lately is kept in this browser, favourites on the account.
const RECENT = `zhulian-points-${document.body.dataset.person}`;
const MOST_RECENT = 12;

export function startPicker(page, { add, chosen, settings }) {
  const sheet = page.querySelector("[data-picker-sheet]");
  const list = page.querySelector("[data-found]");

  page.addEventListener("click", (event) => {
    const option = event.target.closest("[data-add]");
    if (option) {
      const point = JSON.parse(option.dataset.add);
      remember(point);
      add(point);
    }
    if (event.target.closest("[data-open-picker]")) {
      sheet.classList.add("z-open");
      sheet.querySelector("input").focus();
    }
    if (event.target.closest("[data-close-picker]")) {
      sheet.classList.remove("z-open");
      page.querySelector("[data-open-picker]").focus();
    }
  });
  page.addEventListener("keydown", (event) => {
    if (event.key === "Escape") sheet.classList.remove("z-open");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.closest("[data-picker-sheet]")) return;
    const options = [...sheet.querySelectorAll("input[type=search], [data-add]")];
    const next = options[options.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  list.addEventListener("htmx:afterSwap", () => {
    recent();
    mark(chosen());
  });

  function remember(point) {
    const others = recents().filter((one) => one.id !== point.id);
    localStorage.setItem(RECENT, JSON.stringify([point, ...others].slice(0, MOST_RECENT)));
  }

  // The names of points used lately stand in the browser; whether they may still be seen is asked when one is chosen.
  function recent() {
    const place = list.querySelector("[data-recent]");
    if (!place) return;
    const template = place.querySelector("template");
    const found = recents();
    place.hidden = !found.length;
    place.querySelector("ul").replaceChildren(...found.map((point) => {
      const line = template.content.firstElementChild.cloneNode(true);
      const button = line.querySelector("[data-add]");
      button.dataset.add = JSON.stringify(point);
      button.querySelector("strong").textContent = point.name;
      button.querySelector("small").textContent = point.machine_name;
      return line;
    }));
  }

  function mark(points) {
    const ids = new Set(points.map((point) => point.id));
    for (const option of page.querySelectorAll("[data-add]")) option.setAttribute("aria-pressed", String(ids.has(JSON.parse(option.dataset.add).id)));
    const count = page.querySelector("[data-count]");
    if (count) count.textContent = String(points.length);
  }

  // Favourites are on the account; the list is asked for again when one came or went.
  async function star(point) {
    await window.htmx.ajax("POST", settings.favourite.replace("/0/", `/${point.id}/`), { target: page.querySelector("[data-refused]"), swap: "innerHTML" });
  }

  recent();
  return { mark, star };
}

function recents() {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? "[]");
  } catch {
    return []; // storage is full of something else, or shut off
  }
}
