// Bundles the portal's scripts and styles. Called by build_frontend.py with the folder to write into.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { purge, wordsIn } from "./purge.js";

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(process.argv[2]);
const portal = path.resolve(here, "../src/zhulian/portal");

const tabler = {
  name: "tabler",
  setup(bundle) {
    bundle.onResolve({ filter: /tabler\.css$/ }, () => ({ path: "tabler", namespace: "tabler" }));
    bundle.onLoad({ filter: /.*/, namespace: "tabler" }, () => {
      const css = fs.readFileSync(path.join(here, "node_modules/@tabler/core/dist/css/tabler.css"), "utf8");
      const words = wordsIn(portal, [".html", ".py"], wordsIn(path.join(here, "source"), [".js"]));
      return { contents: purge(css, words), loader: "css" };
    });
  },
};

await build({
  entryPoints: ["app.js", "charts.js", "explore.js", "boards.js", "app.css"].map((name) => path.join(here, "source", name)),
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  legalComments: "none", // every licence stands in THIRD_PARTY_NOTICES
  logLevel: "warning",
  plugins: [tabler],
});
