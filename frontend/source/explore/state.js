// What the explorer shows stands in its address and nowhere else: the address bar is the link to share.
import { parsed, written } from "./times.js";

export function readState(settings, search = location.search) {
  const query = new URLSearchParams(search);
  const start = parsed(query.get("from"));
  const end = parsed(query.get("to"));
  const isFixed = start < end;
  const range = settings.ranges[query.get("r")] ? query.get("r") : "24h";
  return {
    range: isFixed ? "" : range,
    lastRange: range,
    view: isFixed ? [start, end] : ending(settings.ranges[range]),
    mode: query.get("m") === "overlay" ? "overlay" : "stack",
    compare: Number(settings.offsets[query.get("c")] ?? (Number(query.get("c")) || 0) * 1000),
    hidden: new Set((query.get("hide") ?? "").split(",").filter(Boolean).map(Number)),
    limits: new Map((query.get("l") ?? "").split(",").filter(Boolean).map((pair) => pair.split(":").map(Number))),
  };
}

export const ending = (width, now = Date.now()) => [now - width, now];

export function address(state, points, settings) {
  const query = new URLSearchParams();
  if (points.length) query.set("p", points.map((point) => point.id).join(","));
  if (state.range) query.set("r", state.range);
  else {
    query.set("from", written(state.view[0]));
    query.set("to", written(state.view[1]));
  }
  if (state.mode === "overlay") query.set("m", "overlay");
  if (state.compare) query.set("c", compareName(state.compare, settings));
  const hidden = points.filter((point) => state.hidden.has(point.id)).map((point) => point.id);
  if (hidden.length) query.set("hide", hidden.join(","));
  const limits = points.filter((point) => state.limits.has(point.id)).map((point) => `${point.id}:${state.limits.get(point.id)}`);
  if (limits.length) query.set("l", limits.join(","));
  return `${location.pathname}?${query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}

export function compareName(ms, settings) {
  return Object.keys(settings.offsets).find((name) => settings.offsets[name] === ms) ?? String(ms / 1000);
}
