// SPDX-License-Identifier: Apache-2.0
// phone_page.mjs URL PHOTO [SCREENSHOTS]: uses the page of graft serve as a person does, at phone and desktop size, in light and
// dark. Prints the number of checks; exits with 1 where one failed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [url, photo, screenshots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let checks = 0;
const failures = [];
const expect = (right, what) => {
  ++checks;
  if (!right) failures.push(what);
};

async function use(browser, kind, options) {
  const context = await browser.newContext({ ...options, bypassCSP: false });
  const page = await context.newPage();
  const foreign = [];
  // The browser itself reports the broken photo, which the server answers with 400.
  page.on("console", (message) => expect(message.type() !== "error" || message.text().includes("status of 400"), `${kind}: console: ${message.text()}`));
  page.on("pageerror", (error) => expect(false, `${kind}: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL(url).origin) && !/^(data|blob):/.test(request.url())) foreign.push(request.url());
  });
  await page.goto(url);
  await page.waitForSelector("input[type=file]", { state: "attached" });
  expect(!page.url().includes("token="), `${kind}: the token is still in the address`);
  expect((await page.locator("#model").textContent()).includes("classes"), `${kind}: the model is not described`);
  await page.locator("input[type=file]").nth(1).setInputFiles(photo);
  await page.waitForSelector("article ol li");
  expect((await page.locator("article ol li").count()) >= 2, `${kind}: fewer than two classes`);
  expect(/\d\s%/.test(await page.locator("article .share").first().textContent()), `${kind}: no probability`);
  const button = page.getByRole("button", { name: "Where did it look?" });
  const before = await page.locator("article img").getAttribute("src");
  await button.click();
  await page.waitForFunction((old) => document.querySelector("article img").src !== old, before);
  expect((await page.locator("article img").getAttribute("src")).startsWith("data:image/webp"), `${kind}: no heat map`);
  await page.locator("article select").selectOption({ index: 1 });
  await page.waitForSelector("[role=status]");
  expect((await page.locator("[role=status]").textContent()).startsWith("Kept as"), `${kind}: not kept`);
  // A person thinks again.
  const kept = (await page.locator("[role=status]").textContent()).match(/Kept as (.*) for/)[1];
  await page.getByRole("button", { name: "Change" }).click();
  expect(!(await page.locator("article select option").allTextContents()).includes(kept), `${kind}: the class that was chosen is offered again`);
  await page.locator("article select").selectOption({ index: 1 });
  await page.waitForSelector("[role=status]");
  expect(!(await page.locator("[role=status]").textContent()).includes(`as ${kept} for`), `${kind}: the correction did not change`);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, .button, select")].filter((one) => one.getBoundingClientRect().height < 44).length);
  expect(small === 0, `${kind}: ${small} targets are lower than 44 pixels`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${kind}: wider than the screen`);
  await page.setInputFiles("input[type=file] >> nth=1", { name: "bad.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no photo") });
  await page.waitForSelector("article [role=alert]");
  expect((await page.locator("article [role=alert]").textContent()).length > 5, `${kind}: a broken photo is not explained`);
  expect((await page.getByRole("button", { name: "Try again" }).count()) === 1, `${kind}: a failed photo cannot be tried again`);
  // axe is not the page's own script, so it runs in a world of its own.
  const session = await context.newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  await session.send("Runtime.evaluate", { expression: axe, contextId: executionContextId });
  const found = await session.send("Runtime.evaluate", {
    expression: "axe.run().then((all) => JSON.stringify(all.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => one.id + ': ' + one.nodes[0].html)))",
    contextId: executionContextId, awaitPromise: true,
  });
  expect(found.result.value === "[]", `${kind}: axe: ${found.result.value}`);
  expect(foreign.length === 0, `${kind}: requests elsewhere: ${foreign.join(" ")}`);
  if (screenshots) await page.screenshot({ path: `${screenshots}/phone-${kind}.png`, fullPage: true });
  await context.close();
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
const desktop = { viewport: { width: 1280, height: 800 } };
await use(browser, "phone-light", { ...phone, colorScheme: "light" });
await use(browser, "phone-dark", { ...phone, colorScheme: "dark" });
await use(browser, "desktop-light", { ...desktop, colorScheme: "light" });
await use(browser, "desktop-dark", { ...desktop, colorScheme: "dark" });
await browser.close();
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${checks} checks, ${failures.length} failed`);
process.exit(failures.length === 0 ? 0 : 1);
