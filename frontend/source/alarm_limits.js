// Limits of alarm rules on a chart: a line with the rule's name, and a band over what lies beyond it.
export function limitLines(alarms, colour) {
  return alarms.map(({ value, words }) => ({ yAxis: value, label: { formatter: words }, lineStyle: { color: colour("fault"), type: "solid", width: 1 } }));
}

export function limitBands(alarms, colour) {
  if (!alarms.length) return undefined;
  return {
    silent: true,
    animation: false,
    itemStyle: { color: colour("fault"), opacity: 0.06 },
    data: alarms.map(({ value, is_low }) => (is_low ? [{}, { yAxis: value }] : [{ yAxis: value }, {}])),
  };
}

// How far an axis reaches so that limits near the data are seen; one further away than the data is wide would press the
// line flat, and is left out.
export function reaching(alarms) {
  if (!alarms.length) return {};
  const values = alarms.map(({ value }) => value);
  const room = ({ min, max }) => (max > min ? max - min : Math.abs(max) || 1);
  return {
    min: (data) => {
      const low = Math.min(...values.filter((value) => value > data.min - room(data)));
      return low < data.min ? low - room(data) * 0.05 : null;
    },
    max: (data) => {
      const high = Math.max(...values.filter((value) => value < data.max + room(data)));
      return high > data.max ? high + room(data) * 0.05 : null;
    },
  };
}
