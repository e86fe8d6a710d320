// The origin of a figure opens beside the page. The link is an ordinary one: with the middle button, or without
// scripts, the same content opens as a page of its own.
export function startDrawer() {
  const drawer = document.querySelector("#drawer");
  if (!drawer) return;
  const body = drawer.querySelector(".z-drawer-body");
  const template = body.innerHTML;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-origin]");
    if (!link || drawer.contains(link) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.href);
  });
  drawer.addEventListener("click", (event) => {
    if (event.target === drawer || event.target.closest("[data-close]")) drawer.close();
  });

  async function open(address) {
    body.innerHTML = template;
    drawer.showModal();
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      if (drawer.open) body.innerHTML = await answer.text();
    } catch {
      location.href = address; // the page itself says what is wrong
    }
  }
}
