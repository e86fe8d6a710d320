// Live values of any points over one event stream, closed while nobody looks at the page.
export function listen(points, onValue, say) {
  let stream = null;
  const open = () => {
    stream = new EventSource(`/live/points/${points.join(",")}`);
    stream.onopen = () => say("live");
    stream.onerror = () => say(stream.readyState === EventSource.CLOSED ? "off" : "again");
    stream.onmessage = (event) => {
      const news = JSON.parse(event.data);
      for (const one of Array.isArray(news) ? news : [news]) onValue(one);
    };
    stream.addEventListener("bye", () => {
      stream.close();
      say("off");
    });
  };
  const onVisible = () => {
    stream?.close();
    if (!document.hidden) open();
  };
  if (points.length) {
    open();
    document.addEventListener("visibilitychange", onVisible);
    addEventListener("pagehide", () => stream.close());
  }
  return () => {
    stream?.close();
    document.removeEventListener("visibilitychange", onVisible);
  };
}
