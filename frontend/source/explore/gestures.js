// Zoom and pan with wheel, mouse, fingers and keys. Tells what range is meant; what is drawn and loaded follows from it.
const FACTOR = 1.3;

// `range()` gives the visible range, `plot()` left and right of the plot in pixels; `show(range, isSettled)` moves it.
export function startGestures(place, { range, plot, show, cursor, isBrushing }) {
  const fingers = new Map();
  let drag = null;

  const timeAt = (x) => {
    const { left, right } = plot();
    const [start, end] = range();
    return start + ((Math.min(Math.max(x, left), right) - left) / Math.max(1, right - left)) * (end - start);
  };
  const xOf = (event) => event.clientX - place.getBoundingClientRect().left;
  const zoom = (factor, x) => {
    const [start, end] = range();
    const middle = x === undefined ? cursor.time() ?? (start + end) / 2 : timeAt(x);
    show([middle - (middle - start) * factor, middle + (end - middle) * factor]);
  };
  const pan = (part) => {
    const [start, end] = range();
    show([start + part * (end - start), end + part * (end - start)]);
  };

  place.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !place.contains(document.activeElement)) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1 / FACTOR : FACTOR, xOf(event));
  }, { passive: false });

  place.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    place.focus({ preventScroll: true });
    fingers.set(event.pointerId, xOf(event));
    const isBrush = event.pointerType === "mouse" && (event.shiftKey || isBrushing());
    drag = { x: xOf(event), range: range(), isBrush, isMoved: false, span: spread(fingers) };
  });
  place.addEventListener("pointermove", (event) => {
    if (!drag || !fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, xOf(event));
    if (fingers.size > 1) pinch();
    else if (Math.abs(xOf(event) - drag.x) > 4 || drag.isMoved) move(event);
  });
  const end = (event) => {
    if (!fingers.delete(event.pointerId) || !drag) return;
    if (drag.isBrush && drag.isMoved && event.type === "pointerup") {
      const [a, b] = [timeAt(drag.x), timeAt(xOf(event))].sort((one, other) => one - other);
      drag.band?.remove();
      if (b > a) show([a, b]);
    } else drag.band?.remove();
    drag = fingers.size ? { ...drag, x: [...fingers.values()][0], range: range(), isMoved: true } : null;
  };
  place.addEventListener("pointerup", end);
  place.addEventListener("pointercancel", end);
  place.addEventListener("dblclick", (event) => zoom(2, xOf(event)));

  function move(event) {
    if (!drag.isMoved) place.setPointerCapture(event.pointerId);
    drag.isMoved = true;
    if (drag.isBrush) return brush(xOf(event));
    const { left, right } = plot();
    const shift = ((drag.x - xOf(event)) / Math.max(1, right - left)) * (drag.range[1] - drag.range[0]);
    show([drag.range[0] + shift, drag.range[1] + shift]);
  }

  function pinch() {
    const now = spread(fingers);
    if (!drag.span || !now) return;
    const [start, end] = drag.range;
    const middle = (start + end) / 2;
    const factor = drag.span / now;
    show([middle - (middle - start) * factor, middle + (end - middle) * factor]);
    drag.isMoved = true;
  }

  function brush(x) {
    drag.band ??= place.appendChild(Object.assign(document.createElement("i"), { className: "z-brush" }));
    drag.band.style.left = `${Math.min(x, drag.x)}px`;
    drag.band.style.width = `${Math.abs(x - drag.x)}px`;
  }

  place.addEventListener("keydown", (event) => {
    const acts = {
      ArrowLeft: () => (event.shiftKey ? pan(-0.25) : cursor.move(-1)),
      ArrowRight: () => (event.shiftKey ? pan(0.25) : cursor.move(1)),
      Home: () => cursor.move(-Infinity),
      End: () => cursor.move(Infinity),
      "+": () => zoom(1 / FACTOR),
      "=": () => zoom(1 / FACTOR),
      "-": () => zoom(FACTOR),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  });
  return { zoom, pan };
}

function spread(fingers) {
  if (fingers.size < 2) return 0;
  const [a, b] = [...fingers.values()];
  return Math.abs(a - b) || 1;
}
