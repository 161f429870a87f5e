// SPDX-License-Identifier: Apache-2.0
// Follows a page as a reader would, and compares what it prints with what the page says:
//   node run_guide.mjs PAGE --prefix INSTALLED --work FOLDER --data DATA [--cache FOLDER] [--full] [--update]
// INSTALLED is an installed graft (cmake --install); DATA has photos/ and weights/; the cache folder (~/.cache/graft) has the
// default weights. Comments in the page, each in a line of its own, say what to do:
//   <!-- needs: PATH as NAME -->   DATA/PATH, or cache/FILE, is linked into the work folder as NAME. Where it is absent the page
//                                  is skipped, and the reason printed
//   <!-- file: NAME -->            the next fenced block is written to NAME
//   <!-- file: NAME from PATH -->  the same; the block must be equal to the project's file PATH
//   <!-- run -->                   the next fenced block is a console: lines that begin with "$ " are typed, lines that begin with
//                                  "> " continue them, all others are what they print, on both outputs
//   <!-- run: full -->             only with --full; other words may follow
//   <!-- run: ..., if COMMAND -->  only where the command succeeds; else the reason is printed
//   <!-- run: numbers vary -->     any number stands for any other
//   <!-- run: numbers within X% -->  a number stands for those that differ by at most X % of it
// In every block durations, speeds and the path of the work folder stand for any other: see openly(). Nothing else is changed.
// --update writes what was printed, and the project's files, into the page instead. Exit code 0 also for a skipped page.
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { spawnSync } from "node:child_process";

const words = process.argv.slice(2);
const flag = (name) => words.includes(name);
const value = (name, otherwise) => (words.includes(name) ? words[words.indexOf(name) + 1] : otherwise);
const page = resolve(words[0]);
const [prefix, work, data] = ["--prefix", "--work", "--data"].map((name) => resolve(value(name)));
const cache = resolve(value("--cache", join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "/", ".cache"), "graft")));
const project = resolve(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), "../..");

const lines = readFileSync(page, "utf8").split("\n");

function stop(code, text) {
  console.log(text);
  process.exit(code);
}

rmSync(work, { recursive: true, force: true });
mkdirSync(join(work, "home"), { recursive: true });

for (const line of lines) {
  const found = /^<!-- needs: (\S+) as (\S+) -->$/.exec(line);
  if (!found) continue;
  const [, from, name] = found;
  const source = from.startsWith("cache/") ? join(cache, from.slice("cache/".length)) : join(data, from);
  if (!existsSync(source)) stop(0, `skipped: needs ${source}`);
  mkdirSync(dirname(join(work, name)), { recursive: true });
  symlinkSync(source, join(work, name));
}

const environment = {
  PATH: `${join(prefix, "bin")}:${process.env.PATH}`,
  HOME: join(work, "home"),
  LC_ALL: "C.UTF-8",
  COLUMNS: "100",
  GRAFT_OFFLINE: "1",
  GRAFT_PRECISION: "float32", // "auto" gives other figures on a processor that is fast in bfloat16
  GRAFT_WEIGHTS: join(work, "weights"),
  PKG_CONFIG_PATH: `${join(prefix, "lib/pkgconfig")}:${join(prefix, "lib", process.arch === "x64" ? "x86_64-linux-gnu" : "", "pkgconfig")}`,
  CMAKE_PREFIX_PATH: prefix,
  LD_LIBRARY_PATH: `${join(prefix, "lib")}:${join(prefix, "lib/x86_64-linux-gnu")}`,
};

/** What varies from run to run, as # : the only texts that are not compared. */
function openly(text) {
  return text
    .replaceAll(work, "WORK")
    .replaceAll("/home/you", "WORK") // as --update writes it
    .replace(/\b\d+(\.\d+)? (photos\/s|s\b|ms\b|min\b|minutes?\b|seconds?\b)/g, "# $2")
    .replace(/\b\d+:\d\d(:\d\d)?\b/g, "#:##")
    .replace(/[ \t]+$/gm, "");
}

const number = /-?\d[\d,]*(\.\d+)?(e[+-]?\d+)?/g;

function same(expected, received, how) {
  const [a, b] = [openly(expected), openly(received)];
  if (a === b) return true;
  const within = /numbers within ([\d.]+)%/.exec(how);
  if (!within && !how.includes("numbers vary")) return false;
  const bare = (text) => text.replace(number, "#").replace(/ +/g, " ").replace(/-{3,}|─{3,}|━+/g, "-");
  if (bare(a) !== bare(b)) return false;
  if (!within) return true;
  const numbers = (text) => (text.match(number) ?? []).map((one) => Number(one.replaceAll(",", "")));
  const others = numbers(b);
  return numbers(a).every((one, i) => Math.abs(one - others[i]) <= (Math.abs(one) * Number(within[1])) / 100 + 1e-9);
}

// Without pipefail: a program before "head" that still writes ends by SIGPIPE or not, as time has it. What is printed is compared
// in any case.
function execute(command) {
  const result = spawnSync("bash", ["-c", `set -e\n{ ${command}\n} 2>&1`], { cwd: work, env: environment, encoding: "utf8", maxBuffer: 1 << 26 });
  return { text: result.stdout, code: result.status };
}

/** The commands of a console block with what they print: [{command: [lines], output: [lines]}]. */
function steps_of(block) {
  const steps = [];
  for (const line of block) {
    const last = steps.at(-1);
    if (line.startsWith("$ ")) steps.push({ command: [line], output: [] });
    else if (last === undefined) throw new Error(`a console block begins with "$ ", not with: ${line}`);
    else if (line.startsWith("> ") && last.output.length === 0) last.command.push(line);
    else last.output.push(line);
  }
  return steps;
}

let failures = 0;
let ran = 0;
let left_out = 0;

function run_block(block, how, at) {
  const result = [];
  for (const step of steps_of(block)) {
    const command = step.command.map((line) => line.slice(2)).join("\n");
    const { text, code } = execute(command);
    ++ran;
    const output = text.split("\n");
    if (output.at(-1) === "") output.pop();
    const shown = output.map((line) => line.replaceAll(work, "/home/you").trimEnd());
    result.push(...step.command, ...(flag("--update") && !same(step.output.join("\n"), text.replace(/\n$/, ""), how) ? shown : step.output));
    if (flag("--update")) continue;
    if (same(step.output.join("\n"), output.join("\n"), how)) continue;
    ++failures;
    console.log(`${page}:${at}: $ ${command}\n  (exit code ${code}) printed\n${output.join("\n")}\n  where the page says\n${step.output.join("\n")}\n`);
  }
  return result;
}

function file_block(block, name, from, at) {
  let text = block.join("\n") + "\n";
  if (from !== undefined) {
    const original = readFileSync(join(project, from), "utf8");
    if (original !== text && !flag("--update")) {
      ++failures;
      console.log(`${page}:${at}: the block is not equal to ${from}\n`);
    }
    text = original;
  }
  mkdirSync(dirname(join(work, name)), { recursive: true });
  writeFileSync(join(work, name), text);
  return text.replace(/\n$/, "").split("\n");
}

const written = [];
let todo;
for (let i = 0; i < lines.length; ++i) {
  written.push(lines[i]);
  const mark = /^<!-- (run|file)(?:: (.*))? -->$/.exec(lines[i]);
  if (mark) todo = mark;
  if (!todo || !lines[i].startsWith("```")) continue;
  const end = lines.indexOf("```", i + 1);
  if (end < 0) stop(1, `${page}:${i + 1}: a block is not closed`);
  const block = lines.slice(i + 1, end);
  let result = block;
  const condition = /\bif (.+)$/.exec(todo[2] ?? "");
  if (todo[1] === "file") {
    const [, name, from] = /^(\S+)(?: from (\S+))?$/.exec(todo[2]);
    result = file_block(block, name, from, i + 1);
  } else if (/\bfull\b/.test(todo[2] ?? "") && !flag("--full")) {
    ++left_out;
  } else if (condition && execute(condition[1]).code !== 0) {
    console.log(`${page}:${i + 1}: not run: needs ${condition[1]}`);
    ++left_out;
  } else {
    result = run_block(block, todo[2] ?? "", i + 1);
  }
  written.push(...result, "```");
  todo = undefined;
  i = end;
}
if (ran + left_out === 0) stop(1, `${page}: nothing is marked to be run`);
if (flag("--update")) writeFileSync(page, written.join("\n"));
if (ran === 0) stop(0, `skipped: needs ./check --full: all ${left_out} blocks of the page take long`);
stop(failures === 0 ? 0 : 1, `${page}: ${ran} commands, ${failures} differences; ${left_out} blocks only with --full`);
