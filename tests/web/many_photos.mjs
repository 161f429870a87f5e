// SPDX-License-Identifier: Apache-2.0
// many_photos.mjs GRAFT FOLDER [PHOTOS]: a studio project of 32,000 photos (or PHOTOS). Most are on the disk before, 500 are dropped on
// the page; then every part of the list is looked at, a photo in the middle is moved, and the page is loaded again. Memory of the
// server and of the page stays as it was with the first photos. Prints times and megabytes; exits with 1 where a check failed.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [graft, folder, given] = process.argv.slice(2);
const total = Number(given ?? 32000), dropped = 500;
const project = join(folder, "many");
let checks = 0;
const failures = [];
const expect = (right, what) => {
  ++checks;
  if (!right) failures.push(what);
};

// Each photo is another file: 32 x 32 pixels whose first ones hold its number.
function picture(number) {
  const pixels = Buffer.alloc(32 * 32 * 3, number % 251);
  pixels.writeUInt32LE(number, 0);
  return Buffer.concat([Buffer.from("P6\n32 32\n255\n"), pixels]);
}
const classes = ["first", "second"];
for (const name of classes) mkdirSync(join(project, name), { recursive: true });
for (let i = 0; i < total - dropped; ++i) writeFileSync(join(project, classes[i % 2], `${String(i).padStart(6, "0")}.ppm`), picture(i));

const studio = spawn(graft, ["studio", project, "--port", "0", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
const url = await new Promise((done) => studio.stdout.once("data", (line) => done(JSON.parse(line).url)));
const server = () => Number(readFileSync(`/proc/${studio.pid}/statm`, "utf8").split(" ")[1]) * 4096 / 1e6;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
page.on("pageerror", (error) => expect(false, error.message));
const session = await page.context().newCDPSession(page);
const heap = async () => {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
};
const nodes = () => page.evaluate(() => document.querySelectorAll("*").length);
const since = (begin) => `${((Date.now() - begin) / 1000).toFixed(1)} s`;
const counts = async () =>
  Object.fromEntries((await page.evaluate(async () => (await fetch("/studio/state", { headers: { Authorization: `Bearer ${sessionStorage.getItem("token")}` } })).json())).classes.map((one) => [one.name, one.photos]));

try {
  let begin = Date.now();
  await page.goto(url);
  await page.waitForSelector(".grid img[src]", { timeout: 60000 });
  console.log(`${total - dropped} photos: the first ones are shown after ${since(begin)}`);
  expect(Date.now() - begin < 15000, `the first photos are shown after ${since(begin)}`);

  begin = Date.now();
  const data = Array.from({ length: dropped }, (_, i) => ({ name: `new${i}.ppm`, bytes: picture(total + i).toString("base64") }));
  await page.evaluate((all) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of all) transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
    document.querySelector("button.class[aria-current=true]").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, data);
  await page.waitForFunction((n) => [...document.querySelectorAll("button.class .count")].reduce((sum, one) => sum + Number(one.textContent.replace(/\D/g, "")), 0) === n, total, { timeout: 180000 });
  console.log(`${dropped} more were dropped: ${since(begin)}`);
  const all = await counts();
  expect(all.first + all.second === total, `${all.first + all.second} photos`);

  // What the first photos cost, and what all of them do.
  await page.waitForTimeout(1000);
  const before = { server: server(), heap: await heap(), nodes: await nodes() };
  let most = { ...before }, pages = 0;
  begin = Date.now();
  for (; Date.now() - begin < 240000; ++pages) {
    const at = await page.evaluate(() => {
      const scroller = document.scrollingElement;
      const end = scroller.scrollTop + innerHeight >= scroller.scrollHeight - 2;
      const more = [...document.querySelectorAll("main button")].find((one) => /^(more|next|show more)/i.test(one.textContent) && !one.disabled && one.offsetParent);
      if (end && more) more.click();
      scroller.scrollTop += 4 * innerHeight;
      return { end: end && !more, top: scroller.scrollTop, height: scroller.scrollHeight };
    });
    if (at.end) break;
    await page.waitForTimeout(30);
    if (pages % 50 === 0) most = { server: Math.max(most.server, server()), heap: Math.max(most.heap, await heap()), nodes: Math.max(most.nodes, await nodes()) };
  }
  const after = { server: server(), heap: await heap(), nodes: await nodes() };
  console.log(`looked through ${pages} screens in ${since(begin)}`);
  for (const name of ["server", "heap", "nodes"])
    console.log(`${name}: ${before[name].toFixed(1)} before, ${Math.max(most[name], after[name]).toFixed(1)} at most, ${after[name].toFixed(1)} after`);
  expect(pages > 10, "the list does not scroll");
  expect(after.server < before.server + 60, `the server grew from ${before.server.toFixed(0)} to ${after.server.toFixed(0)} MB`);
  expect(Math.max(most.heap, after.heap) < before.heap + 40, `the page's memory grew from ${before.heap.toFixed(1)} to ${Math.max(most.heap, after.heap).toFixed(1)} MB`);

  const name = readdirSync(join(project, "first")).sort()[8000 % readdirSync(join(project, "first")).length];
  begin = Date.now();
  const status = await page.evaluate(async (photo) =>
    (await fetch(`/studio/move?${new URLSearchParams({ class: "first", name: photo, to: "second" })}`, { method: "POST", headers: { Authorization: `Bearer ${sessionStorage.getItem("token")}` } })).status, name);
  expect(status === 200 && Date.now() - begin < 2000, `moving one photo: ${status} after ${since(begin)}`);
  console.log(`one photo moved: ${since(begin)}`);
  begin = Date.now();
  await page.reload();
  await page.waitForSelector(".grid img[src]", { timeout: 60000 });
  const now = await counts();
  expect(now.first === all.first - 1 && now.second === all.second + 1, "photos were lost");
  console.log(`loaded again: ${since(begin)}`);
} catch (error) {
  failures.push(error.stack);
}
await browser.close();
studio.kill("SIGTERM");
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${checks} checks, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
