// SPDX-License-Identifier: Apache-2.0
// phone_corrections.mjs KIND URL PHOTO FOLDER [SCREENSHOTS]: corrects an answer on the page of graft serve --collect FOLDER, of a model of
// KIND labels or numbers, at phone size, and looks at the list that the server writes. Prints the number of checks; exits with 1 where
// one failed.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [kind, url, photo, folder, screenshots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let checks = 0;
const failures = [];
const expect = (right, what) => {
  ++checks;
  if (!right) failures.push(`${kind}: ${what}`);
};
const rows = () => readFileSync(join(folder, "labels.csv"), "utf8").trim().split("\n").slice(1);

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
  const small = await page.evaluate(() => [...document.querySelectorAll("button, .button, select, .check, input[type=text], input[type=number]")].filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).length);
  expect(small === 0, `${what}: ${small} targets are lower than 44 pixels`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what}: wider than the screen`);
}

async function labels(context, page) {
  await page.getByRole("button", { name: "Wrong? Choose the right labels" }).click();
  const given = (await page.locator("article h2").textContent()).split(", ").sort().join(", ");
  const ticked = async () => (await page.locator(".check:has(input:checked)").allTextContents()).sort().join(", ");
  // "Don't know" names no labels.
  const named = given === "Don't know" || given === "none of the labels" ? "" : given;
  expect((await ticked()) === named, `the labels of the answer are not ticked: ${await ticked()} of ${given}`);
  await accessible(context, page, "the form");
  const boxes = page.locator(".check input");
  for (let i = 0; i < (await boxes.count()); ++i) await boxes.nth(i).uncheck();
  await boxes.nth(0).check();
  const name = await page.locator(".check").nth(0).textContent();
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.waitForSelector("article .note >> text=Kept as");
  expect(rows().length === 1 && rows()[0].endsWith(`,${name}`), `the list has ${rows()}`);
  expect(existsSync(join(folder, rows()[0].split(",")[0])), "the photo is not kept");
  // A person thinks again, then does not.
  await page.getByRole("button", { name: "Change" }).click();
  expect((await ticked()) === name, "what was kept is not ticked");
  await page.keyboard.press("Escape");
  await page.waitForSelector("article .note >> text=Kept as");
  await page.getByRole("button", { name: "Change" }).click();
  await boxes.nth(0).uncheck();
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.waitForSelector("article .note >> text=none of the labels");
  expect(rows().length === 1 && rows()[0].endsWith(","), `the list has ${rows()}`);
}

async function numbers(context, page) {
  await page.getByRole("button", { name: "Wrong? Enter the right number" }).click();
  const input = page.locator("article input[type=number]");
  expect((await input.inputValue()) !== "", "the answer's number does not stand in the form");
  await accessible(context, page, "the form");
  await input.fill("");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  expect((await page.locator("article form").count()) === 1, "nothing is taken for a number");
  await input.fill("-12.5");
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  await page.waitForSelector("article .note >> text=Kept as");
  expect(rows().length === 1 && rows()[0].endsWith(",-12.5"), `the list has ${rows()}`);
  expect(existsSync(join(folder, rows()[0].split(",")[0])), "the photo is not kept");
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  page.on("console", (message) => expect(message.type() !== "error", `console: ${message.text()}`));
  page.on("pageerror", (error) => expect(false, error.message));
  await page.goto(url);
  await page.waitForSelector("input[type=file]", { state: "attached" });
  await page.locator("input[type=file]").nth(1).setInputFiles(photo);
  await page.waitForSelector("article h2");
  await (kind === "labels" ? labels : numbers)(context, page);
  if (screenshots) await page.screenshot({ path: `${screenshots}/phone-${kind}.png`, fullPage: true });
} catch (error) {
  failures.push(error.stack);
}
await browser.close();
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${checks} checks, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
