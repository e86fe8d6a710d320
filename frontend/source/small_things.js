// Small courtesies: copy a command, send a select at once, close a menu by a click outside.
export function startSmallThings() {
  // On the phone a row of tabs is wider than the screen: the present one must be in sight.
  document.querySelectorAll(".z-tabs [aria-current]").forEach((tab) => {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  });
  document.querySelectorAll("[data-alarm-rule] [name=kind]").forEach(showFieldsOf);
  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) void copyText(copy);
    document.querySelectorAll("details:is(.z-person, .z-all)[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    if (event.target.closest("[data-print]")) print();
    if (event.target.closest("[data-back]")) history.back();
    const fill = event.target.closest("[data-fill]");
    if (fill) fillField(fill);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-send]")) event.target.form.requestSubmit();
    if (event.target.matches("[data-most-bytes]")) refuseLargeFile(event.target);
    if (event.target.matches("[data-alarm-rule] [name=kind]")) showFieldsOf(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details:is(.z-person, .z-all)[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
}

// A form whose fields depend on what is chosen shows only those that count.
function showFieldsOf(select) {
  select.form.querySelectorAll("[data-of]").forEach((field) => {
    field.hidden = !field.dataset.of.split(" ").includes(select.value);
  });
}

async function copyText(button) {
  const source = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(source.textContent.trim());
  const words = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => {
    button.textContent = words;
  }, 2000);
}

// Puts an example into a field: in place of nothing, or as one more line.
function fillField(button) {
  const field = document.querySelector(button.dataset.fill);
  const text = button.dataset.text.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
  field.value = button.dataset.append !== undefined && field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (button.dataset.append !== undefined) button.disabled = true;
  else field.focus();
}

// A file that would be refused anyway is refused before it is sent.
function refuseLargeFile(field) {
  const isLarge = [...field.files].some((file) => file.size > Number(field.dataset.mostBytes));
  field.setCustomValidity(isLarge ? field.dataset.tooLarge : "");
  field.reportValidity();
}
