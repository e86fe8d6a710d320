// Nothing typed is ever lost: fields of a form with data-draft are kept in this browser until the form is done.
export function startDrafts() {
  document.querySelectorAll("[data-draft-done]").forEach((mark) => localStorage.removeItem(key(mark.dataset.draftDone)));
  document.querySelectorAll("form[data-draft]").forEach(keep);
  document.addEventListener("htmx:load", (event) => {
    const node = event.detail.elt;
    if (node.matches?.("form[data-draft]")) keep(node);
    node.querySelectorAll?.("form[data-draft]").forEach(keep);
    node.querySelectorAll?.("[data-draft-done]").forEach((mark) => localStorage.removeItem(key(mark.dataset.draftDone)));
  });
}

function key(name) {
  return `zhulian-draft:${document.body.dataset.person ?? ""}:${name}`;
}

function keep(form) {
  if (form.dataset.kept) return;
  form.dataset.kept = "1";
  const name = key(form.dataset.draft);
  if (form.dataset.draftFresh !== undefined) restore(form, name);
  form.addEventListener("input", () => save(form, name));
  form.addEventListener("change", () => save(form, name));
}

function save(form, name) {
  const kept = {};
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "password" || field.type === "file") continue;
    if ((field.type === "radio" || field.type === "checkbox") && !field.checked) continue;
    (kept[field.name] ??= []).push(field.value);
  }
  try {
    localStorage.setItem(name, JSON.stringify(kept));
  } catch {
    // The browser's store is full or shut: the form itself still holds everything.
  }
}

function restore(form, name) {
  const kept = JSON.parse(localStorage.getItem(name) ?? "{}");
  for (const field of form.elements) {
    const values = kept[field.name];
    if (!values || field.type === "hidden" || field.type === "submit") continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (!field.value) field.value = values[0];
  }
}
