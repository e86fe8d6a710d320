// Suggestions below a field while somebody types: the arrow keys walk through them, Enter takes one, Escape closes.
// The top search field follows the link of what was taken; a picker keeps its id beside the field. An answer that comes
// late leaves the arrows where they stand.
import htmx from "./htmx.js";

export function startSuggest() {
  document.addEventListener("htmx:afterSwap", (event) => {
    const field = fieldOf(event.detail.target);
    if (!field) return;
    const stood = activeId(field);
    show(field, document.activeElement === field && event.detail.target.firstElementChild !== null);
    if (!listOf(field).hidden && document.getElementById(stood)) stand(field, document.getElementById(stood));
  });
  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-suggest]");
    if (!field) return;
    const kept = hiddenOf(field);
    if (kept) kept.value = "";
    leave(field);
    if (!field.value.trim()) show(field, false);
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option][data-pick]");
    const field = option && fieldOf(option.closest("[role=listbox]"));
    if (field && hiddenOf(field)) {
      event.preventDefault();
      take(field, option);
    }
    document.querySelectorAll("[data-suggest][aria-expanded=true]").forEach((open) => {
      if (open !== event.target && !listOf(open).contains(event.target)) show(open, false);
    });
  });
  document.addEventListener("focusout", (event) => {
    const field = event.target.closest("[data-suggest]");
    if (field && !listOf(field).contains(event.relatedTarget)) setTimeout(() => show(field, false), 150);
  });
}

function onKey(event) {
  const field = event.target.closest("[data-suggest]");
  if (!field || event.isComposing) return; // an input method is still at work
  const isOpen = field.getAttribute("aria-expanded") === "true";
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (isOpen) walk(field, event.key === "ArrowDown" ? 1 : -1);
    else if (field.value.trim()) htmx.trigger(field, "suggest");
    event.preventDefault();
  } else if (event.key === "Enter" && isOpen) {
    const option = activeOf(field);
    if (option) {
      event.preventDefault();
      option.click();
    }
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    show(field, false);
  }
}

function walk(field, step) {
  const options = [...listOf(field).querySelectorAll("[role=option]:not([aria-disabled])")];
  if (!options.length) return;
  const at = options.indexOf(activeOf(field));
  const next = options[(at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length];
  stand(field, next);
}

function stand(field, option) {
  leave(field);
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function leave(field) {
  field.removeAttribute("aria-activedescendant");
  listOf(field).querySelectorAll("[aria-selected=true]").forEach((option) => option.setAttribute("aria-selected", "false"));
}

function show(field, isOpen) {
  const list = listOf(field);
  list.hidden = !isOpen;
  field.setAttribute("aria-expanded", String(isOpen));
  leave(field);
  const said = list.parentElement.querySelector("[role=status]");
  if (said) said.textContent = isOpen ? (list.querySelector("[data-said]")?.dataset.said ?? "") : "";
}

function take(field, option) {
  field.value = option.dataset.name;
  hiddenOf(field).value = option.dataset.pick;
  hiddenOf(field).dispatchEvent(new Event("change", { bubbles: true }));
  show(field, false);
  field.focus();
}

const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
const activeId = (field) => field.getAttribute("aria-activedescendant") ?? "";
const activeOf = (field) => document.getElementById(activeId(field));
const fieldOf = (list) => list?.id && document.querySelector(`[data-suggest][aria-controls="${list.id}"]`);
const hiddenOf = (field) => field.closest("[data-picker]")?.querySelector("input[type=hidden]");
