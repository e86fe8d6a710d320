// Charts weigh more than everything else together, so they come only with a page that draws one, and are drawn only
// when they are about to be seen.
export function startCharts() {
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        void load(entry.target);
      }
    },
    { rootMargin: "200px" },
  );
  const watch = (root) => root.querySelectorAll?.("[data-chart]:not([data-watched])").forEach((frame) => {
    frame.dataset.watched = "1";
    seen.observe(frame);
  });
  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.detail.elt.parentNode ?? document));
}

async function load(frame) {
  const { draw } = await import(document.body.dataset.charts);
  await draw(frame);
}
