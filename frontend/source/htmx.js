// htmx without eval and without styles of its own, so that the content security policy can stay strict.
import htmx from "htmx.org/dist/htmx.esm.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.historyCacheSize = 0; // pages of a signed-out person must not come back from a cache
// A form that was refused comes back with 422 and the reason at the field; it is shown like any other answer.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "[45]..", swap: false, error: true },
];
window.htmx = htmx;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf ?? "";
});

// Signed out in the meantime, or no line: say so where the person is looking.
for (const name of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    if (event.detail.elt?.matches?.("[data-suggest]")) return; // a suggestion less is no news
    const status = event.detail.xhr?.status ?? 0;
    const words = document.querySelector(status === 403 ? "#words-refused" : "#words-no-line");
    const place = document.querySelector("#notices");
    if (!words || !place) return;
    place.replaceChildren(words.content.cloneNode(true));
    place.scrollIntoView({ block: "nearest" });
  });
}
export default htmx;
