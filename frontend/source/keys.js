// "/" goes to the search field from anywhere, as in the tools that people already know.
export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const field = document.querySelector("#search");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
