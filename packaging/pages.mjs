// SPDX-License-Identifier: Apache-2.0
// Writes the pages that are installed:  node pages.mjs PROJECT OUT HEADERS
// HEADERS is the path of the installed headers' folder as seen from the folder of the installed README. A link to what is not
// installed becomes its text, so that no installed page points to nothing.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

const [project, out, headers] = process.argv.slice(2);
// For people who change graft, or an index that has those pages in it.
const left_out = ["README.md", "adding_an_op.md", "architecture.md", "lowering.md", "writing_a_layer.md"];
const pages_in = (folder) => readdirSync(join(project, folder)).filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`);
const pages = ["CHANGELOG.md", "SECURITY.md", ...pages_in("docs").filter((page) => !left_out.includes(posix.basename(page))),
  ...pages_in("docs/guides"), ...pages_in("docs/performance"), ...pages_in("docs/decisions")];
/** Paths that are the same in the project and below the installed README's folder. */
/** Examples outside graft's own build: those that need only installed headers. */
const examples = readdirSync(join(project, "examples")).filter((name) => name.endsWith(".cpp")).map((name) => `examples/${name}`)
  .filter((path) => includes(example(path)).every((header) => existsSync(join(project, "include", header))));
/** Examples by graft.h in other languages, and what builds those in C. */
const in_other_languages = ["c/classify.c", "c/train.c", "rust/classify.rs", "go/classify.go"].map((name) => `examples/${name}`);
const installed = new Set(["README.md", "data/weights.tsv", "examples", "examples/CMakeLists.txt", "docs/guides", "docs/performance", "docs/decisions",
  ...pages, ...examples, ...in_other_languages]);

/** An example's text with <nlohmann/json.hpp>, which graft includes in one place only, where it is needed. */
function example(path) {
  return readFileSync(join(project, path), "utf8").replace(/^#include <graft\/base\/json\.hpp>.*$/m, "#include <nlohmann/json.hpp>");
}

function includes(text) {
  return [...text.matchAll(/^#include <(graft\/[^>]+)>/gm)].map((match) => match[1]);
}

function place_of(target) {
  if (target === "include/graft" || target.startsWith("include/graft/")) return posix.join(headers, target.slice("include".length));
  return installed.has(target.replace(/\/$/, "")) ? target : undefined;
}

/** posix.relative() begins at the current folder, where ".." may end at the root: a made-up deep folder has room for them. */
const deep = "/1/2/3/4/5/6/7/8";

function with_links(text, page) {
  return text.replace(/\[([^\]\n]*)\]\(([^()\s]+)\)/g, (whole, label, link) => {
    if (/^[a-z]+:/.test(link) || link.startsWith("#")) return whole;
    const [target, anchor] = link.split("#");
    const place = place_of(posix.join(posix.dirname(page), target));
    if (place === undefined) return label;
    return `[${label}](${posix.relative(posix.join(deep, posix.dirname(page)), posix.join(deep, place))}${anchor === undefined ? "" : `#${anchor}`})`;
  });
}

function save(page, text) {
  const file = join(out, page);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Links in packaging/README.md are written as they are seen from its place when it is installed. */
function write(from, page) {
  save(page, with_links(readFileSync(join(project, from), "utf8"), page));
}

write("packaging/README.md", "README.md");
for (const page of pages) write(page, page);
for (const path of [...examples, ...in_other_languages]) save(path, example(path));
