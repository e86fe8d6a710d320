// Answers of the portal, point by point and range by range. Keeps what was loaded, asks only for what is finer or newer
// than that, and lets go of a request that somebody has zoomed past.
import { step } from "./times.js";

const MOST_KEPT = 400;
const STALE_MS = 15_000;

export class Loader {
  constructor(address, onNews) {
    this.address = address;
    this.onNews = onNews;
    this.kept = new Map(); // point → answers, newest last
    this.waiting = new Map(); // point and offset → {url, abort}
    this.faults = new Map();
  }

  // What of `points` is missing in the visible range, `offset` earlier, for `room` pixels. A newer question overtakes
  // an older one of the same point, offset and `lane`.
  want(points, [start, end], room, offset = 0, lane = "") {
    const grid = step((end - start) / 10);
    const from = Math.floor(start / grid) * grid - offset;
    const to = Math.ceil(end / grid) * grid - offset;
    const most = Math.min(2000, Math.max(200, Math.round(room / 100) * 100));
    for (const point of points) {
      if (this.isCovered(point.id, start - offset, end - offset, ((end - start) / most) * 2.5)) this.leave(point.id, offset, lane);
      else void this.fetch(point.id, from, to, most, offset, lane);
    }
  }

  isCovered(point, start, end, widest) {
    const now = Date.now();
    return (this.kept.get(point) ?? []).some((one) => {
      const reaches = one.start <= start && one.end >= Math.min(end, now);
      const isNew = one.end < one.at || end < one.at || now - one.at < Math.max(STALE_MS, one.bucket_s * 1000) || one.isLive;
      return reaches && isNew && (one.bucket_s === 0 || one.bucket_s * 1000 <= widest);
    });
  }

  leave(point, offset, lane = "") {
    const name = `${point}|${offset}|${lane}`;
    this.waiting.get(name)?.abort.abort();
    this.waiting.delete(name);
  }

  async fetch(point, start, end, most, offset, lane) {
    const name = `${point}|${offset}|${lane}`;
    const url = `${this.address.replace(/0\.json$/, `${point}.json`)}?start=${start}&end=${end}&most=${most}`;
    if (this.waiting.get(name)?.url === url) return;
    this.leave(point, offset, lane);
    const abort = new AbortController();
    this.waiting.set(name, { url, abort });
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: abort.signal });
      const body = await answer.json();
      if (body.error) this.faults.set(point, body.error);
      else this.keep(point, body);
    } catch (fault) {
      if (fault.name === "AbortError") return;
      this.faults.set(point, "");
    }
    if (this.waiting.get(name)?.abort === abort) this.waiting.delete(name);
    this.onNews(point);
  }

  keep(point, body) {
    this.faults.delete(point);
    const others = (this.kept.get(point) ?? []).filter((one) => one.start < body.start || one.end > body.end || one.bucket_s < body.bucket_s);
    this.kept.set(point, [...others, { ...body, at: Date.now() }].slice(-Math.ceil(MOST_KEPT / Math.max(1, this.kept.size))));
  }

  // The finest of what is there within the range, `offset` later: coarse answers first, finer ones laid over them.
  inside(point, [start, end], offset = 0) {
    const from = start - offset;
    const to = end - offset;
    const near = (this.kept.get(point) ?? []).filter((one) => one.start < to && one.end > from);
    const coarseFirst = near.sort((a, b) => b.bucket_s - a.bucket_s || a.at - b.at);
    const whole = coarseFirst.filter((one) => one.start <= from && one.end >= Math.min(to, Date.now()));
    const best = whole.at(-1) ?? coarseFirst.at(-1) ?? null;
    const merged = { rows: [], states: [], doubtful: [], best: best && { ...best, last: Math.max(...near.map((one) => one.last ?? 0)) || null } };
    for (const one of coarseFirst) {
      for (const part of ["rows", "states", "doubtful"]) {
        const rest = merged[part].filter((row) => row[0] < one.start || row[0] >= one.end);
        merged[part] = [...rest, ...(one[part] ?? [])].sort((a, b) => a[0] - b[0]);
      }
    }
    const isStates = merged.best?.states !== undefined;
    const margin = (to - from) / 4;
    const shown = (rows, reach) => rows.filter((row) => row[reach] >= from - margin && row[0] <= to + margin);
    return {
      isStates,
      best: merged.best,
      rows: isStates ? [] : shown(merged.rows, 0).map(([time, ...more]) => [time + offset, ...more]),
      doubtful: isStates ? [] : shown(merged.doubtful, 0).map(([time, ...more]) => [time + offset, ...more]),
      states: isStates ? shown(merged.states, 1).map(([a, b, ...more]) => [a + offset, b + offset, ...more]) : [],
    };
  }

  // A live value goes to the end of every answer that reaches into the present.
  append({ point, time_us, value, quality, text }) {
    const time = Math.floor(time_us / 1000);
    for (const one of this.kept.get(point) ?? []) {
      if (one.end < time || time <= (one.last ?? 0)) continue;
      one.isLive = true;
      one.last = time;
      if (one.states) extendStates(one, time, quality === 2 ? null : value, text ?? "");
      else if (quality !== 2) extendRows(one, time, value);
    }
  }
}

function extendRows(one, time, value) {
  const last = one.rows.at(-1);
  const width = one.bucket_s * 1000;
  if (last && last[1] !== null && time - last[0] > one.gap_s * 1000) one.rows.push([(last[0] + time) / 2, null, null, null, 0]);
  if (!width || !last || last[1] === null || time >= last[0] + width) {
    one.rows.push([width && last ? last[0] + Math.floor((time - last[0]) / width) * width : time, value, value, value, 1]);
    return;
  }
  const [start, mean, low, high, count] = last;
  one.rows[one.rows.length - 1] = [start, (mean * count + value) / (count + 1), Math.min(low, value), Math.max(high, value), count + 1];
}

function extendStates(one, time, value, text) {
  const last = one.states.at(-1);
  if (last && last[2] === value && last[3] === text && time - last[1] <= one.gap_s * 1000) last[1] = time;
  else {
    if (last && time - last[1] <= one.gap_s * 1000) last[1] = time;
    one.states.push([time, time + 1, value, text]);
  }
}
