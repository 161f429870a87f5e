// SPDX-License-Identifier: Apache-2.0
// assemble.mjs PAGE STYLE SCRIPT OUT: puts the style and the script into the page, and their hashes into its
// Content-Security-Policy, so that the page runs nothing else.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const [page, style, script, out] = process.argv.slice(2);
const hash = (text) => `sha256-${createHash("sha256").update(text, "utf8").digest("base64")}`;
const inside = (file) => {
  const text = readFileSync(file, "utf8").trim();
  if (/<\/(script|style)/i.test(text) || text.includes("%%")) throw new Error(`${file}: contains </script>, </style> or %%`);
  return text;
};
const parts = { STYLE: inside(style), SCRIPT: inside(script) };
parts.STYLE_HASH = hash(parts.STYLE);
parts.SCRIPT_HASH = hash(parts.SCRIPT);
writeFileSync(out, readFileSync(page, "utf8").replace(/@([A-Z_]+)@/g, (mark, name) => parts[name] ?? mark));
