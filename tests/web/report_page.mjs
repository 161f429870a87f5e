// SPDX-License-Identifier: Apache-2.0
// report_page.mjs RUN...: opens report.html of each result folder with Chromium and checks it. See tests/web/run.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
let failures = 0;
let checks = 0;
function check(ok, what, detail = "") {
  checks += 1;
  if (ok) return;
  failures += 1;
  console.error(`FAILED: ${what}${detail === "" ? "" : `: ${detail}`}`);
}

/** Opens a page and collects what must not happen. */
async function open(browser, file, viewport, colorScheme) {
  const context = await browser.newContext({ viewport, colorScheme, bypassCSP: false });
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith("data:") && request.url() !== `file://${file}`) problems.push(`request ${request.url()}`);
  });
  await page.goto(`file://${file}`);
  return { context, page, problems };
}

async function checkParts(page, report, name) {
  const ids = ["result", "classes", "confusion", "photos", "trust", "data", "model", ...(report.kind === "training" ? ["training"] : [])];
  for (const id of ids) {
    const text = await page.locator(`#${id}`).innerText();
    check(text.length > 60, `${name}: section ${id} is filled`, text.slice(0, 80));
  }
  const further = { findings: report.inspection, "heat-maps": report.heat_maps, map: report.map, drift: report.drift };
  for (const [id, data] of Object.entries(further))
    check((await page.locator(`#${id}`).count()) === (data === undefined ? 0 : 1), `${name}: section ${id} where there is data`);
  if (report.kind === "training") await checkFindings(page, report, name);
  const rules = report.facts.decisions?.test ?? {};
  check((await page.locator("#trust .rules > li").count()) === Object.keys(rules).length, `${name}: thresholds saved in the model`);
  check((await page.locator(".big").innerText()).replace("\u00a0", " ") === `${(100 * report.headline.accuracy).toFixed(1)} %`, `${name}: the accuracy is the headline's`);
  check((await page.locator("#result .steps li").count()) === report.next.length, `${name}: what to do next`);
  check((await page.locator("#classes tbody tr").count()) === Math.min(15, report.classes.length), `${name}: a row for each class`);
  check((await page.locator("nav a").count()) >= ids.length, `${name}: links to the sections`);
  const drawings = await page.locator("figure.chart").evaluateAll((all) => all.map((one) => one.querySelectorAll("svg *").length));
  check(drawings.every((count) => count > 5), `${name}: every figure is drawn`, drawings.join(" "));
  const epochs = report.history.filter((row) => row.epoch > 0).length;
  if (epochs > 1) {
    check((await page.locator("#training svg").count()) >= 4, `${name}: curves of loss, accuracy, rate and time`);
    check((await page.locator("#training svg").first().innerHTML()).includes("fine-tuning starts"), `${name}: the start of fine-tuning is marked`);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, `${name}: the page is not wider than the screen`, `${wide} pixels`);
}

/** Findings of each kind with their photos, and heat maps that are pictures. */
async function checkFindings(page, report, name) {
  const kinds = new Set(report.inspection.findings.map((one) => one.kind));
  check((await page.locator("#findings h3").count()) === kinds.size, `${name}: a heading for each kind of finding`);
  check((await page.locator("#findings .findings > li").count()) > 0, `${name}: findings`);
  const pairs = report.inspection.findings.filter((one) => one.kind === "near_duplicate" || one.kind === "exact_duplicate");
  if (pairs.length > 0) check((await page.locator("#findings li.wide .card").count()) >= 2, `${name}: duplicates side by side`);
  const widths = await page.locator("#heat-maps img").evaluateAll((all) => Promise.all(all.map((one) => {
    one.loading = "eager"; // a lazy picture out of sight is never decoded
    return one.decode().then(() => one.naturalWidth);
  })));
  check(widths.length === report.heat_maps.length && widths.every((width) => width > 50), `${name}: heat maps are pictures`, widths.join(" "));
}

/** Every cell of the matrix opens exactly its photos. */
async function checkConfusion(page, report, name) {
  const set = report.sets[0];
  for (const [truth, answer, count] of set.confusion) {
    await page.locator(`[data-cell="${truth},${answer}"]`).click();
    const shown = await page.locator(".opened [data-photo]").evaluateAll((all) => all.map((one) => Number(one.dataset.photo)));
    const wanted = report.photos.items.flatMap((item, i) => (item.set === 0 && item.truth === truth && item.top[0][0] === answer ? [i] : []));
    check(JSON.stringify(shown) === JSON.stringify(wanted), `${name}: cell ${truth},${answer} opens its photos`, `${shown} not ${wanted}`);
    check(wanted.length > 0 && wanted.length <= count, `${name}: cell ${truth},${answer} has photos in the page`);
  }
}

async function checkPhotos(page, report, name) {
  const first = page.locator("#photos .card").first();
  await first.scrollIntoViewIfNeeded();
  await first.click();
  const dialog = page.locator("dialog[open]");
  check((await dialog.count()) === 1, `${name}: a photo opens`);
  const file = report.photos.items[Number(await dialog.getAttribute("data-photo"))].file;
  check((await dialog.innerText()).includes(file), `${name}: the open photo is named`);
  const width = await dialog.locator("img").evaluate((image) => image.decode().then(() => image.naturalWidth));
  check(width > 0, `${name}: its picture is decoded`);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Escape");
  check((await page.locator("dialog[open]").count()) === 0, `${name}: Escape closes it`);
  const random = await page.locator(".random .path").innerText();
  let changed = false;
  for (let i = 0; i < 5 && !changed; i += 1) {
    await page.locator("#another").click();
    changed = (await page.locator(".random .path").innerText()) !== random;
  }
  check(changed, `${name}: another random photo`);
  await page.locator("#answer-filter").selectOption("wrong");
  check((await page.locator("#photos .filters + * .verdict.right").count()) === 0, `${name}: the grid can show wrong answers only`);
  await page.locator("#answer-filter").selectOption("all");
}

async function checkThreshold(page, report, name) {
  const set = report.sets[0];
  const at = set.coverage.findIndex(([threshold]) => threshold >= 0.9);
  await page.locator("#threshold").fill(String(at));
  const [, answered] = set.coverage[at];
  const text = await page.locator(".threshold-text").innerText();
  check(text.includes(`${answered} of ${set.photos} photos answered`), `${name}: the threshold's text`, text);
}

/** A report of several labels a photo. */
async function checkLabels(page, report, name) {
  const ids = ["result", "labels", "together", "worst", "data", "model", ...(report.kind === "training" ? ["training"] : [])];
  for (const id of ids) {
    const text = await page.locator(`#${id}`).innerText();
    check(text.length > 60, `${name}: section ${id} is filled`, text.slice(0, 80));
  }
  const set = report.labels[0];
  check((await page.locator("#labels table.classes tbody tr").count()) === Math.min(15, report.classes.length), `${name}: a row for each label`);
  const rules = report.facts.decisions?.test ?? report.facts.decisions?.chosen_on ?? {};
  check((await page.locator("#labels .rules > li").count()) === Object.keys(rules).length, `${name}: thresholds saved in the model`);
  check((await page.locator("#labels").innerText()).replaceAll("\u00a0", " ").includes(`${(100 * set.mean_average_precision).toFixed(1)} %`), `${name}: the mean average precision`);
  check((await page.locator("#together td button").count()) === set.together.have.flat().filter((count) => count > 0).length, `${name}: a button for each pair that occurs`);
  await page.locator("#together td button").first().click();
  check((await page.locator("#together .opened .card").count()) > 0, `${name}: a pair opens its photos`);
  const worst = page.locator("#worst .grid").first().locator(".card");
  check((await worst.count()) === Math.min(14, set.worst.length), `${name}: the worst photos`);
  await worst.first().click();
  check((await page.locator("dialog table tbody tr").count()) >= 1, `${name}: a photo lists its labels`);
  await page.keyboard.press("Escape");
  if (report.labels.length > 1) {
    await page.locator("fieldset.sets input").nth(1).check({ force: true });
    const text = (await page.locator("#labels").innerText()).replaceAll("\u00a0", " ");
    check(text.includes(`${(100 * report.labels[1].f1_micro).toFixed(1)} %`), `${name}: the other set is shown`);
    await page.locator("fieldset.sets input").nth(0).check({ force: true });
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, `${name}: the page is not wider than the screen`, `${wide} pixels`);
}

async function checkSets(page, report, name) {
  if (report.sets.length < 2) return;
  await page.locator("fieldset.sets input").nth(1).check({ force: true });
  const text = (await page.locator("#classes .muted").first().innerText()).replaceAll("\u00a0", " ");
  check(text.includes(`${(100 * report.sets[1].accuracy).toFixed(1)} %`), `${name}: the other set is shown`, text);
  await page.locator("fieldset.sets input").nth(0).check({ force: true });
}

async function checkAccess(page, name) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const serious = violations.filter((one) => ["serious", "critical"].includes(one.impact));
  check(serious.length === 0, `${name}: axe finds nothing serious`, serious.map((one) => `${one.id} ${one.nodes[0]?.html}`).join("; "));
}

async function checkPrint(page, report, name) {
  const file = `${name.replace(/\W+/g, "-")}.pdf`;
  const pdf = await page.pdf({ format: "A4", printBackground: true });
  const pages = (pdf.toString("latin1").match(/\/Type\s*\/Page\b/g) ?? []).length;
  check(pages >= 3 && pages <= 40, `${name}: the PDF has a sensible number of pages`, String(pages));
  check((pdf.toString("latin1").match(/\/Subtype\s*\/Image/g) ?? []).length >= Math.min(10, report.photos.items.length), `${name}: the PDF has the photos`);
  if (process.env.GRAFT_WEB_OUT) writeFileSync(resolve(process.env.GRAFT_WEB_OUT, file), pdf);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const run of process.argv.slice(2)) {
  const file = resolve(run, "report.html");
  const report = JSON.parse(readFileSync(resolve(run, "report.json"), "utf8"));
  for (const [size, viewport] of [["desktop", { width: 1280, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
    for (const scheme of ["light", "dark"]) {
      const name = `${report.name}, ${size}, ${scheme}`;
      const { context, page, problems } = await open(browser, file, viewport, scheme);
      await page.waitForSelector("figure.chart svg");
      await page.waitForTimeout(200);
      if (process.env.GRAFT_WEB_OUT) await page.screenshot({ path: resolve(process.env.GRAFT_WEB_OUT, `${name.replace(/\W+/g, "-")}.png`), fullPage: true });
      if (report.labels !== undefined) await checkLabels(page, report, name);
      else await checkParts(page, report, name);
      if (scheme === "light" && report.labels === undefined) {
        await checkConfusion(page, report, name);
        await checkPhotos(page, report, name);
        await checkThreshold(page, report, name);
        await checkSets(page, report, name);
      }
      check(problems.length === 0, `${name}: no console message and no request`, problems.join("; "));
      if (size === "desktop" && scheme === "light") await checkPrint(page, report, name);
      await context.close();
      // axe is given to the page from outside, which its policy forbids.
      const free = await browser.newContext({ viewport, colorScheme: scheme, bypassCSP: true });
      const axePage = await free.newPage();
      await axePage.goto(`file://${file}`);
      await axePage.waitForSelector("figure.chart svg");
      await axePage.locator("details").evaluateAll((all) => all.forEach((one) => (one.open = true)));
      await checkAccess(axePage, name);
      await free.close();
    }
  }
}
await browser.close();
console.log(`tests/web: ${checks} checks, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
