// An edge node built with Tahu's sparkplug-client: told by lines of JSON on stdin what to publish, says on stdout what it
// hears. {"do": "birth" | "data" | "death" | "device" | "deviceData" | "deviceDeath" | "skip", "device": …, "metrics": […]}
import { createInterface } from "node:readline";
import sparkplug from "sparkplug-client";

const [serverUrl, groupId, edgeNode] = process.argv.slice(2);
const config = { serverUrl, username: "", password: "", groupId, edgeNode, clientId: `peer-${edgeNode}` };
const client = sparkplug.newClient({ ...config, version: "spBv1.0", publishDeath: true });
const say = (word) => process.stdout.write(`${JSON.stringify(word)}\n`);

const acts = {
    birth: (order) => client.publishNodeBirth({ timestamp: Date.now(), metrics: order.metrics }),
    data: (order) => client.publishNodeData({ timestamp: Date.now(), metrics: order.metrics }),
    device: (order) => client.publishDeviceBirth(order.device, { timestamp: Date.now(), metrics: order.metrics }),
    deviceData: (order) => client.publishDeviceData(order.device, { timestamp: Date.now(), metrics: order.metrics }),
    deviceDeath: (order) => client.publishDeviceDeath(order.device, { timestamp: Date.now() }),
    skip: () => { client.seq = (client.seq + 1) % 256; },
    death: () => client.stop(),
};

client.on("birth", () => say({ on: "birth" }));
client.on("ncmd", (payload) => say({ on: "ncmd", metrics: payload.metrics.map((metric) => metric.name) }));
client.on("error", (error) => say({ on: "error", text: String(error) }));
createInterface({ input: process.stdin }).on("line", (line) => {
    const order = JSON.parse(line);
    acts[order.do](order);
    say({ did: order.do });
});
