// SPDX-License-Identifier: Apache-2.0
// studio_page.mjs GRAFT PHOTOS FOLDER [SCREENSHOTS]: makes a classifier with graft studio as a person does: two classes of 30 photos
// of PHOTOS (class folders) from drop to the camera's answer, a label moved, a second round, a reload, several photos at once, two
// windows, and the studio killed while it trains; a project with nested classes and one with labels. Then every part at phone and desktop size, in light and dark. FOLDER: for the project. Prints times and
// the number of checks; exits with 1 where one failed.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [graft, photos, folder, screenshots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const project = join(folder, "flowers");
let checks = 0;
const failures = [];
const expect = (right, what) => {
  ++checks;
  if (!right) failures.push(what);
};

let studio, url;
function endStudio() {
  studio.removeAllListeners("exit");
  const ended = new Promise((done) => studio.once("exit", done));
  studio.kill("SIGTERM");
  return ended;
}
function startStudio(port, where = project) {
  return new Promise((done, failed) => {
    studio = spawn(graft, ["studio", where, "--port", String(port), "--json"], { stdio: ["ignore", "pipe", "inherit"] });
    studio.stdout.once("data", (line) => done((url = JSON.parse(line).url)));
    studio.once("exit", (code) => failed(new Error(`graft studio ended with ${code}`)));
  });
}

const classes = readdirSync(photos).filter((name) => !name.startsWith(".")).slice(0, 2);
const files = classes.map((name) => readdirSync(join(photos, name)).filter((file) => /\.jpe?g$/i.test(file)).sort().slice(0, 33).map((file) => join(photos, name, file)));
// Three photos of the second class are put into the first one.
const given = [[...files[0].slice(0, 27), ...files[1].slice(0, 3)], files[1].slice(3, 33)];

const drop = async (page, selector, paths) => {
  const data = paths.map((path) => ({ name: path.split("/").pop(), bytes: readFileSync(path).toString("base64") }));
  await page.evaluate(([where, all]) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of all) transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type: "image/jpeg" }));
    document.querySelector(where).dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, [selector, data]);
};
const open = async (page, part) => {
  await page.getByRole("link", { name: part, exact: true }).click();
  await page.waitForFunction((name) => document.title.startsWith(name), part);
};
const state = (page) => page.evaluate(async () => (await fetch("/studio/state", { headers: { Authorization: `Bearer ${sessionStorage.getItem("token")}` } })).json());
const counts = async (page) => Object.fromEntries((await state(page)).classes.map((one) => [one.name, one.photos]));
const train = async (page, seconds) => {
  await open(page, "Train");
  const before = (await state(page)).rounds.length;
  await page.getByRole("button", { name: /^Train/ }).click();
  const until = Date.now() + seconds * 1000;
  for (let now = await state(page); now.rounds.length === before || now.job.running; now = await state(page)) {
    if (Date.now() > until) throw new Error("the training takes too long");
    await page.waitForTimeout(100);
  }
  await page.waitForSelector(".result .figure");
};
const shot = async (page, name) => {
  if (!screenshots) return;
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${screenshots}/studio-${name}.png` });
};
const watch = (page, kind) => {
  page.on("console", (message) => expect(message.type() !== "error" || /status of 4|ERR_CONNECTION_REFUSED|ERR_EMPTY|ERR_CONNECTION_RESET/.test(message.text()), `${kind}: console: ${message.text()}`));
  page.on("pageerror", (error) => expect(false, `${kind}: ${error.message}`));
  page.on("request", (request) => expect(request.url().startsWith(new URL(url).origin) || /^(data|blob):/.test(request.url()), `${kind}: request elsewhere: ${request.url()}`));
};

async function make(context) {
  const page = await context.newPage();
  watch(page, "desktop");
  await page.goto(url);
  await page.waitForSelector(".welcome h2");
  expect(!page.url().includes("token="), "the token is still in the address");
  await shot(page, "welcome");
  const begin = Date.now();
  const since = () => `${((Date.now() - begin) / 1000).toFixed(1)} s`;
  for (const [i, name] of classes.entries()) {
    await page.getByLabel("New class").fill(name);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`button.class[aria-current=true] >> text=${name}`);
    await drop(page, "button.class[aria-current=true]", given[i]);
    await page.waitForFunction((n) => document.querySelector("button.class[aria-current=true] .count").textContent === String(n), given[i].length);
  }
  console.log(`two classes of 30 photos added: ${since()}`);
  expect((await counts(page))[classes[0]] === 30 && (await counts(page))[classes[1]] === 30, "photos are missing");
  await page.waitForSelector(".grid img[src]");
  await shot(page, "photos");
  await page.setInputFiles(".class-head input[type=file]", { name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no photo") });
  await page.waitForSelector(".status .error li");
  expect((await page.locator(".status .error li").textContent()).includes("no picture"), "a file that is no picture is not explained");
  await train(page, 180);
  console.log(`trained: ${since()}`);
  await shot(page, "result");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("button", { name: "Live view" }).click();
  await page.waitForSelector(".dropzone article ol li");
  console.log(`the camera's picture is answered: ${since()}`);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.setInputFiles(".dropzone input[type=file]", files[1][29]);
  await page.waitForSelector(".tried ol li");
  await page.getByRole("button", { name: "Where did it look?" }).click();
  await page.waitForFunction(() => document.querySelector(".tried img").src.startsWith("data:image/webp"));
  await shot(page, "try");
  await page.getByRole("button", { name: "Live view" }).click();
  await page.waitForSelector(".dropzone article ol li");
  await page.getByRole("button", { name: "Keep this picture" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".tried article").length === 2);
  await page.getByRole("button", { name: "Stop" }).click();
  // The photo joins a class from here, and leaves it again.
  const before = await counts(page);
  await page.locator(".tried select").first().selectOption(classes[1]);
  await page.waitForSelector(`#message.shown >> text=Added to ${classes[1]}`);
  expect((await counts(page))[classes[1]] === before[classes[1]] + 1, "a photo that was tried did not join its class");
  await page.locator("h1").click();
  await page.keyboard.press("u");
  await page.waitForSelector("#message.shown >> text=Undone");
  expect(JSON.stringify(await counts(page)) === JSON.stringify(before), "a photo that was tried did not leave its class again");
  return page;
}

async function correct(page) {
  await open(page, "Mistakes");
  await page.waitForSelector("article.finding img[src]");
  await page.locator("article.finding").getByRole("button", { name: "Where did it look?" }).first().click();
  await page.waitForSelector("article.finding button[aria-pressed=true]");
  await shot(page, "mistakes");
  const before = await counts(page);
  const wrong = page.locator("article.finding", { hasText: `Is ${classes[0]}` }).first();
  await wrong.focus();
  await page.keyboard.press("2");
  await page.waitForSelector(`#message.shown >> text=Moved to ${classes[1]}`);
  const after = await counts(page);
  expect(after[classes[0]] === before[classes[0]] - 1 && after[classes[1]] === before[classes[1]] + 1, "the key did not move the photo");
  await page.keyboard.press("u");
  await page.waitForSelector("#message.shown >> text=Undone");
  expect((await counts(page))[classes[0]] === before[classes[0]], "u did not undo");
  await page.reload();
  await page.waitForSelector("article.finding");
  expect(await page.getByRole("link", { name: "Mistakes" }).getAttribute("aria-current") === "page", "the reload lost the part");
  await page.locator("article.finding", { hasText: `Is ${classes[0]}` }).first().focus();
  await page.keyboard.press("2");
  await page.waitForSelector(`#message.shown >> text=Moved to ${classes[1]}`);
  const begin = Date.now();
  await train(page, 120);
  console.log(`second round: ${((Date.now() - begin) / 1000).toFixed(1)} s`);
  await open(page, "Check");
  await page.waitForFunction(() => document.querySelector("main [role=status]").textContent !== "");
  await page.waitForTimeout(500);
  await shot(page, "check");
  await open(page, "Rounds");
  expect((await page.locator("article.round").count()) === 2, "there are not two rounds");
  await page.getByRole("button", { name: "Compare with 1" }).click();
  await page.waitForSelector("p.panel");
  await shot(page, "rounds");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save model" }).first().click();
  expect((await (await saved).suggestedFilename()) === "flowers-graft-2.keras", "the model has another name");
  await exportAll(page);
}

/** Each form is written, saved and compared with graft's own answers. */
async function exportAll(page) {
  const panel = page.locator("article.round .exports").first();
  await panel.locator("summary").click();
  for (const [button, name, at, mark] of [
    ["ONNX", "flowers-graft-2.onnx", 0, "\b"],
    ["TensorFlow Lite", "flowers-graft-2.tflite", 4, "TFL3"],
    ["TensorFlow.js", "flowers-graft-2-tfjs.zip", 0, "PK"],
    ["C++ source", "flowers-graft-2-cpp.zip", 0, "PK"],
    ["TensorFlow Lite, 8 bits", "flowers-graft-2-int8.tflite", 4, "TFL3"],
    ["ONNX, 8 bits", "flowers-graft-2-int8.onnx", 0, "\b"],
  ]) {
    const begin = Date.now();
    const exported = page.waitForEvent("download", { timeout: 180000 });
    await panel.getByRole("button", { name: button, exact: true }).click();
    const file = await exported;
    expect(file.suggestedFilename() === name, `${button}: the file is called ${file.suggestedFilename()}`);
    const bytes = readFileSync(await file.path());
    expect(bytes.length > 1000 && bytes.toString("latin1", at, at + mark.length) === mark, `${button}: the file is another`);
    await page.waitForFunction(() => / is saved\. /.test(document.querySelector(".exports [role=status]").textContent));
    const said = await panel.locator("[role=status]").textContent();
    console.log(`${said} ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    expect(said.startsWith(`${name} is saved. `) && (/by [0-9.e-]+ at most on \d+ photos/.test(said) || (button === "C++ source" && said.includes("no C++ compiler"))), `${button}: no proof: ${said}`);
  }
  await shot(page, "exports");
}

/** The photos leave as a zip file and come back as a class each. */
async function zipFile(page) {
  await open(page, "Rounds");
  const download = page.waitForEvent("download", { timeout: 60000 });
  await page.getByRole("button", { name: "Save the photos as a zip file" }).click();
  const file = await download;
  expect(file.suggestedFilename() === "flowers.zip", `the zip file is called ${file.suggestedFilename()}`);
  const bytes = readFileSync(await file.path());
  expect(bytes.toString("latin1", 0, 2) === "PK" && bytes.includes(`flowers/${classes[0]}/`), "the zip file has not the photos");
  // All of them are there already, so that nothing changes.
  await open(page, "Photos");
  const before = await counts(page);
  await page.setInputFiles("aside input[accept='.zip']", { name: "flowers.zip", mimeType: "application/zip", buffer: bytes });
  await page.waitForSelector(".status >> text=were there already");
  expect(JSON.stringify(await counts(page)) === JSON.stringify(before), "photos of the zip file joined other classes");
}

/** Several photos at once, undo of several steps, a class chosen by typing, a class that comes back. */
async function manyAtOnce(page) {
  await open(page, "Photos");
  await page.locator("button.class").first().click();
  await page.waitForSelector("button.tile");
  const before = await counts(page);
  const tiles = page.locator("button.tile");
  await tiles.nth(0).click({ modifiers: ["Control"] });
  await tiles.nth(2).click({ modifiers: ["Shift"] });
  expect((await page.locator(".selection [role=status]").textContent()) === "3 photos selected.", "a range does not select three photos");
  await tiles.nth(1).focus();
  await page.keyboard.press("2");
  await page.waitForSelector(`#message.shown >> text=3 photos moved to ${classes[1]}`);
  expect((await counts(page))[classes[1]] === before[classes[1]] + 3, "three photos did not move at once");
  await tiles.nth(0).focus();
  await page.keyboard.press("m");
  await page.keyboard.type(classes[1].slice(0, 3));
  await page.keyboard.press("Enter");
  await page.waitForSelector(`#message.shown >> text=Moved to ${classes[1]}.`);
  expect((await counts(page))[classes[1]] === before[classes[1]] + 4, "typing a class's name did not move the photo");
  for (const left of [3, 0]) {
    await page.locator("h1").click();
    await page.keyboard.press("u");
    await page.waitForFunction(([n, name]) => [...document.querySelectorAll("button.class")].some((one) => one.textContent.includes(name) && one.querySelector(".count").textContent === String(n)), [before[classes[1]] + left, classes[1]]);
  }
  expect(JSON.stringify(await counts(page)) === JSON.stringify(before), "undoing two steps left something");
  // A photo in full size: arrows go on, Escape goes back to its tile.
  await tiles.nth(0).focus();
  await page.keyboard.press("Enter");
  const large = () => page.locator("dialog").getAttribute("aria-label");
  const first = await large();
  await page.keyboard.press("ArrowRight");
  expect((await large()) !== first && (await large()) === (await tiles.nth(1).getAttribute("title")), "the arrow does not show the next photo");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  expect((await page.evaluate(() => document.activeElement.getAttribute("title"))) === (await tiles.nth(1).getAttribute("title")), "the photo that was large has not the focus");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("button", { name: `Remove ${classes[0]} and` }).click();
  await page.waitForSelector("#message.shown >> text=removed-classes");
  await page.keyboard.press("u");
  await page.waitForFunction((name) => [...document.querySelectorAll("button.class .name")].some((one) => one.textContent === name), classes[0]);
  expect(JSON.stringify(await counts(page)) === JSON.stringify(before), "the class did not come back with its photos");
}

/** A project with classes in folders within folders, then the same photos with labels. */
async function nestedAndLabels(browser, options) {
  await endStudio();
  const mine = join(folder, "things");
  ["animal/cat", "animal/dog", "plant"].forEach((name, i) => {
    mkdirSync(join(mine, name), { recursive: true });
    files[0].slice(3 * i, 3 * i + 3).forEach((file, k) => copyFileSync(file, join(mine, name, `${k}.jpg`)));
  });
  await startStudio(0, mine);
  const context = await browser.newContext(options), page = await context.newPage();
  watch(page, "groupings");
  await page.goto(url);
  await page.waitForSelector("button.class");
  expect(Object.keys(await counts(page)).join() === "animal,plant", "folders within folders are classes without being chosen");
  expect((await page.locator(".grouping .note").textContent()).startsWith("animal: with folders in it"), "folders within a class are not explained");
  await page.locator(".grouping select").selectOption("nested");
  await page.waitForSelector("button.class >> text=animal/dog");
  await page.getByLabel("New class").fill("plant/rose");
  await page.keyboard.press("Enter");
  await page.waitForSelector("button.class[aria-current=true] >> text=plant/rose");
  expect(existsSync(join(mine, "plant/rose")), "the nested class has no folder");
  await shot(page, "nested");
  await page.locator(".grouping select").selectOption("labels");
  await page.waitForSelector("aside >> text=All photos");
  const list = () => readFileSync(join(mine, "labels.csv"), "utf8");
  expect(list().includes("animal/dog/0.jpg,animal/dog\n"), `the list does not begin with the folders: ${list()}`);
  await page.waitForSelector(".caption");
  await page.locator("button.tile").first().focus();
  await page.keyboard.press("2");
  await page.waitForSelector("#message.shown >> text=Labels changed");
  expect(list().includes("animal/cat/0.jpg,animal/cat|animal/dog\n"), `the key did not give a label: ${list()}`);
  await page.keyboard.press("l");
  await page.keyboard.type("small");
  await page.keyboard.press("Enter");
  await page.waitForSelector("button.class >> text=small");
  await shot(page, "labels");
  await page.keyboard.press("u");
  await page.waitForFunction(() => ![...document.querySelectorAll("button.class")].some((one) => one.textContent.includes("small")));
  expect(!list().includes("small"), "a label was not undone");
  await accessible(context, page, "labels");
  await context.close();
  await endStudio();
  await startStudio(0);
}

async function twoWindows(context, page) {
  await open(page, "Photos");
  await page.waitForSelector("button.tile");
  const other = await context.newPage();
  watch(other, "second window");
  await other.goto(url);
  await other.waitForSelector("button.tile");
  await page.locator("button.class").first().click();
  // The tiles of all classes stand there until those of the chosen one have come.
  const first = page.locator("button.tile").first();
  for (let i = 0; i < 100 && !existsSync(join(project, classes[0], await first.getAttribute("title"))); ++i) await page.waitForTimeout(50);
  const name = await first.getAttribute("title");
  // Both windows move the same photo at once: one does, the other says so.
  const move = (window) => window.evaluate(async ([from, photo, to]) =>
    (await fetch(`/studio/move?${new URLSearchParams({ class: from, name: photo, to })}`, { method: "POST", headers: { Authorization: `Bearer ${sessionStorage.getItem("token")}` } })).status,
  [classes[0], name, classes[1]]);
  const statuses = (await Promise.all([move(page), move(other)])).sort();
  expect(statuses.join() === "200,409", `two windows moved one photo: ${statuses}`);
  const all = await counts(page);
  expect(all[classes[0]] + all[classes[1]] === 60, "a photo was lost between two windows");
  await other.waitForFunction((n) => document.querySelector("button.class .count").textContent === String(n), all[classes[0]], { timeout: 10000 });
  await other.close();
}

async function killed(page) {
  const before = await state(page);
  await open(page, "Train");
  await page.getByRole("button", { name: "Train again" }).click();
  await page.waitForSelector("main .progress");
  studio.removeAllListeners("exit");
  const port = new URL(url).port;
  studio.kill("SIGKILL");
  await page.waitForSelector("#offline:not([hidden])", { timeout: 15000 });
  await startStudio(port);
  await page.waitForSelector("#offline", { state: "hidden", timeout: 15000 });
  const after = await state(page);
  expect(JSON.stringify(before.classes) === JSON.stringify(after.classes), "photos changed when the studio was killed");
  expect(JSON.stringify(before.rounds) === JSON.stringify(after.rounds), "rounds changed when the studio was killed");
  await train(page, 120);
  expect((await state(page)).rounds.length === before.rounds.length + 1, "no training after the restart");
  expect(existsSync(join(folder, "flowers-graft", "model.keras")), "the result folder is not beside the project");
}

async function accessible(context, page, what) {
  // axe is not the page's own script, so it runs in a world of its own.
  const session = await context.newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  await session.send("Runtime.evaluate", { expression: axe, contextId: executionContextId });
  const found = await session.send("Runtime.evaluate", {
    expression: "axe.run().then((all) => JSON.stringify(all.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => one.id + ': ' + one.nodes[0].html)))",
    contextId: executionContextId, awaitPromise: true,
  });
  expect(found.result.value === "[]", `${what}: axe: ${found.result.value}`);
}

async function look(browser, kind, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  watch(page, kind);
  await page.goto(url);
  for (const part of ["Photos", "Check", "Train", "Try", "Mistakes", "Rounds"]) {
    await open(page, part);
    await page.waitForTimeout(600);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${kind}: ${part} is wider than the screen`);
    const small = await page.evaluate(() => [...document.querySelectorAll("main button, main .button, main select")].filter((one) => one.offsetParent && one.getBoundingClientRect().height < 43).length);
    expect(small === 0, `${kind}: ${part}: ${small} targets are lower than 43 pixels`);
    await accessible(context, page, `${kind}: ${part}`);
    await shot(page, `${kind}-${part.toLowerCase()}`);
  }
  await context.close();
}

await startStudio(0);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
});
const desktop = { viewport: { width: 1280, height: 860 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
try {
  const context = await browser.newContext({ ...desktop, colorScheme: "light" });
  const page = await make(context);
  await correct(page);
  await zipFile(page);
  await manyAtOnce(page);
  await twoWindows(context, page);
  await killed(page);
  await context.close();
  await nestedAndLabels(browser, { ...desktop, colorScheme: "light" });
  await look(browser, "desktop-dark", { ...desktop, colorScheme: "dark" });
  await look(browser, "desktop-light", { ...desktop, colorScheme: "light" });
  await look(browser, "phone-light", { ...phone, colorScheme: "light" });
  await look(browser, "phone-dark", { ...phone, colorScheme: "dark" });
} catch (error) {
  failures.push(error.stack);
}
await browser.close();
studio.removeAllListeners("exit");
studio.kill("SIGTERM");
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${checks} checks, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
