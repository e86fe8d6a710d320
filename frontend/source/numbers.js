// The same rule as templatetags/zhulian.py: steady digits, so that a live value does not dance.
const language = document.documentElement.lang || "zh-Hans";

export function decimalsFor(value) {
  const size = Math.abs(value);
  if (size >= 1000) return 1;
  if (size >= 1 || size === 0) return 2;
  return size >= 0.01 ? 3 : 5;
}

export function quantity(value, decimals) {
  const places = decimals ?? decimalsFor(value);
  return value.toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: places, signDisplay: "negative" });
}

export function age(seconds, words) {
  const [now, s, min, h, d] = words.split("|");
  if (seconds < 2) return now;
  if (seconds < 120) return s.replace("%s", Math.round(seconds));
  if (seconds < 7200) return min.replace("%s", Math.round(seconds / 60));
  if (seconds < 172800) return h.replace("%s", Math.round(seconds / 3600));
  return d.replace("%s", Math.round(seconds / 86400));
}
