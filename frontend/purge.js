// Keeps of Tabler's stylesheet only what our templates use: a rule stays when every class in its selector occurs
// somewhere in templates, Python or scripts. 500 kB become a tenth, so a phone on a poor network waits less.
import fs from "node:fs";
import path from "node:path";

const WORD = /[A-Za-z][\w-]*/g;

export function wordsIn(folder, endings, found = new Set()) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const here = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "built" && entry.name !== "node_modules") wordsIn(here, endings, found);
    } else if (endings.some((ending) => entry.name.endsWith(ending))) {
      for (const word of fs.readFileSync(here, "utf8").match(WORD) ?? []) found.add(word);
    }
  }
  return found;
}

export function purge(css, words) {
  return keep(css.replace(/\/\*[\s\S]*?\*\//g, "").replace(/@charset[^;]*;/g, ""), words);
}

function keep(css, words) {
  let out = "";
  for (const { head, body } of rules(css)) {
    if (body === null) out += head + ";";
    else if (head.startsWith("@media") || head.startsWith("@supports")) {
      const inner = keep(body, words);
      if (inner) out += `${head}{${inner}}`;
    } else if (head.startsWith("@keyframes") || head.startsWith("@-webkit-keyframes")) {
      if (words.has(head.split(/\s+/)[1])) out += `${head}{${body}}`;
    } else if (!head.startsWith("@")) {
      const selectors = splitSelectors(head).filter((selector) => used(selector, words));
      if (selectors.length) out += `${selectors.join(",")}{${body}}`;
    }
  }
  return out;
}

function* rules(css) {
  let start = 0;
  for (let at = 0; at < css.length; at++) {
    if (css[at] === '"' || css[at] === "'") at = css.indexOf(css[at], at + 1);
    else if (css[at] === ";") {
      yield { head: css.slice(start, at).trim(), body: null };
      start = at + 1;
    } else if (css[at] === "{") {
      const end = closing(css, at);
      yield { head: css.slice(start, at).trim(), body: css.slice(at + 1, end) };
      at = end;
      start = end + 1;
    }
  }
}

function closing(css, open) {
  let depth = 0;
  for (let at = open; at < css.length; at++) {
    if (css[at] === '"' || css[at] === "'") at = css.indexOf(css[at], at + 1);
    else if (css[at] === "{") depth++;
    else if (css[at] === "}" && --depth === 0) return at;
  }
  throw new Error("a rule of the stylesheet is never closed");
}

function splitSelectors(head) {
  const found = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= head.length; at++) {
    if (head[at] === "(") depth++;
    else if (head[at] === ")") depth--;
    else if (at === head.length || (head[at] === "," && depth === 0)) {
      found.push(head.slice(start, at).trim());
      start = at + 1;
    }
  }
  return found;
}

function used(selector, words) {
  const classes = selector.match(/\.-?[A-Za-z][\w-]*/g) ?? [];
  const attributes = selector.match(/\[data-bs-[\w-]+/g) ?? [];
  return [...classes, ...attributes].every((name) => words.has(name.slice(1)));
}
