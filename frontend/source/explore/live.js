// Live values of any points over one event stream.
import { openStream } from "../stream.js";

export const listen = (points, onValue, say) => (points.length ? openStream(`/live/points/${points.join(",")}`, onValue, say) : () => {});
