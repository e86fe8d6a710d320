// One stream of server-sent events: closed while nobody looks at the page, since a browser keeps few of them open to one
// address. ``say`` hears how it stands: on, again (it is connecting anew), or off.
export function openStream(address, onNews, say = () => {}) {
  let stream = null;
  const open = () => {
    stream = new EventSource(address);
    stream.onopen = () => say("on");
    stream.onerror = () => say(stream.readyState === EventSource.CLOSED ? "off" : "again");
    stream.onmessage = (event) => {
      const news = JSON.parse(event.data);
      for (const one of Array.isArray(news) ? news : [news]) onNews(one);
    };
    stream.addEventListener("bye", () => {
      stream.close();
      say("off");
    });
  };
  const close = () => stream.close();
  const onVisible = () => {
    close();
    if (!document.hidden) open();
  };
  open();
  document.addEventListener("visibilitychange", onVisible);
  addEventListener("pagehide", close);
  return () => {
    close();
    document.removeEventListener("visibilitychange", onVisible);
    removeEventListener("pagehide", close);
  };
}
