// SPDX-License-Identifier: Apache-2.0
// The data set at a glance, and what was left out.
import { answerOf, isAnswered } from "../data";
import { details, el, table } from "../dom";
import { classCounts } from "../figures";
import { muted, type Context, type Section } from "../section";
import { figureBox } from "../svg";
import { counted, grouped } from "../text";

const kMostBars = 60;

const kGlance = 24; // photos
const kMostOfAClass = 4;

/** Some photos of each class: of many classes one each, of the first ones. */
function atAGlance({ report, photos }: Context): HTMLElement[] {
  const each = Math.max(1, Math.min(kMostOfAClass, Math.floor(kGlance / Math.max(1, report.classes.length))));
  const found = new Map<number, number[]>();
  report.photos.items.forEach((photo, i) => {
    if (!isAnswered(photo)) return;
    const list = found.get(photo.truth) ?? [];
    found.set(photo.truth, list);
    // Recognised ones first: they show what the class looks like.
    if (answerOf(photo) === photo.truth) list.unshift(i);
    else list.push(i);
  });
  const chosen = [...found].sort((a, b) => a[0] - b[0]).flatMap(([, list]) => list.slice(0, each)).slice(0, kGlance);
  if (chosen.length === 0) return [];
  const list = chosen.map((index) => {
    const truth = report.photos.items[index]?.truth;
    return el("li", {}, el("button", { type: "button", class: "card", click: () => photos.open(index, chosen) }, photos.picture(index, ""), el("span", { class: "caption" }, report.classes[truth ?? -1] ?? "")));
  });
  return [el("h3", {}, "At a glance"), el("ul", { class: "grid" }, ...list)];
}

/** One photo as training steps saw it. */
function augmented({ report }: Context): HTMLElement[] {
  const pictures = report.augmented ?? [];
  if (pictures.length === 0) return [];
  const list = pictures.map((picture, i) => el("li", {}, el("span", { class: "frame" }, el("img", { src: picture, class: "picture", alt: `The photo as step ${i + 1} saw it`, loading: "lazy" }))));
  return [el("h3", {}, "Augmented samples"), muted(`One photo as ${pictures.length} training steps saw it: it is changed at random each time, so that the model learns what does not matter.`), el("ul", { class: "grid augmented" }, ...list)];
}

export function dataSection(context: Context): Section {
  const { report } = context;
  const { data, classes } = report;
  const sums: number[] = data.photos ?? [0, 1, 2].map((part) => data.counts.reduce((sum, counts) => sum + (counts[part] ?? 0), 0));
  const labels = report.labels !== undefined;
  const kinds = report.numbers !== undefined ? counted(report.numbers.length, "number", "numbers") : labels ? counted(classes.length, "label", "labels") : counted(classes.length, "class", "classes");
  const ofEach = labels ? "Photos of each label" : "Photos of each class";
  const all = sums.reduce((sum, count) => sum + count, 0);
  const parts = ["training", "validation", "test"].map((name, part) => `${grouped(sums[part] ?? 0)} ${name}`).join(", ");
  const content: HTMLElement[] = [
    el("p", {}, `${kinds}, ${counted(all, "photo", "photos")}${report.kind === "training" ? `: ${parts}` : ""}. Folder: `, el("span", { class: "path" }, data.folder)),
  ];
  if (classes.length > 0 && classes.length <= kMostBars) {
    const key = report.kind === "training" ? el("p", { class: "key" }, el("span", { class: "swatch part0" }), "training ", el("span", { class: "swatch part1" }), "validation ", el("span", { class: "swatch part2" }), "test") : el("p");
    content.push(key, figureBox(ofEach, classCounts(classes, data.counts), 720).box);
  }
  const rows = classes.map((name, k) => [name, ...(data.counts[k] ?? [0, 0, 0]).map(String)]);
  if (classes.length > 0) content.push(details(`${ofEach} as a table`, table(ofEach, [labels ? "label" : "class", "training", "validation", "test"], rows, [1, 2, 3])));
  content.push(...atAGlance(context), ...augmented(context));
  const duplicates = data.duplicates;
  if (duplicates !== undefined && duplicates.exact + duplicates.near > 0) {
    content.push(
      el("h3", {}, "Photos that occur more than once"),
      el("p", {}, `${counted(duplicates.exact, "pair", "pairs")} of equal photos, ${counted(duplicates.near, "pair", "pairs")} of nearly equal ones, ${duplicates.of_different_classes} of them with different classes.`),
    );
    if (duplicates.examples.length > 0)
      content.push(details("Pairs", table("Pairs of equal photos", ["photo", "the same as", "how"], duplicates.examples.map((pair) => [pair.files[0] ?? "", pair.files[1] ?? "", pair.exact ? "equal" : "nearly equal"]))));
  }
  content.push(el("h3", {}, "Left out"));
  if (data.left_out.length === 0) content.push(muted("No file was left out."));
  else {
    content.push(table("Files that were left out", ["file", "why"], data.left_out.map((file) => [file.file, file.reason])));
    if (data.left_out.length < data.left_out_files) content.push(muted(`${data.left_out.length} of ${data.left_out_files} files; all are in result.json.`));
  }
  return { id: "data", title: "Data", content };
}
