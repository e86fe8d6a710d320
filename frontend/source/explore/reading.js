// What stands at a moment, and what a range adds up to; from the rows that are drawn. No figure without its quality.
export function rowAt(rows, time, reach) {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rows[middle][0] <= time) low = middle;
    else high = middle - 1;
  }
  const row = rows[low];
  return row && row[0] <= time && time - row[0] <= reach && row[1] !== null ? row : null;
}

export const stateAt = (states, time) => states.find(([start, end]) => start <= time && time < end) ?? null;

// Mean by the number of readings, so that buckets of different fill weigh what they should; time above a limit by how
// long each entry stands: until the next one, or until its gap is over.
export function statistics(rows, [start, end], gapMs, limit) {
  let count = 0;
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  let above = 0;
  for (let at = 0; at < rows.length; at++) {
    const [time, mean, least, most, number] = rows[at];
    if (mean === null || time < start || time >= end) continue;
    count += number;
    sum += mean * number;
    low = Math.min(low, least);
    high = Math.max(high, most);
    const until = Math.min(rows[at + 1]?.[0] ?? end, time + gapMs, end);
    if (limit !== undefined && mean > limit) above += until - time;
  }
  return count ? { count, mean: sum / count, low, high, above } : null;
}
