// SPDX-License-Identifier: Apache-2.0
// Sections that other computations fill: findings, heat maps, the map of features, drift. None is shown without data.
import type { Finding } from "../data";
import { el, growing } from "../dom";
import { muted, type Context, type Section } from "../section";
import { sentence, short } from "../text";
import { mapSection } from "./map";

const kKinds: [kind: string, title: string][] = [
  ["unreadable", "Files that cannot be read"],
  ["label", "Labels that may be wrong"],
  ["exact_duplicate", "Equal photos"],
  ["near_duplicate", "Nearly equal photos"],
  ["leak", "Photos in two parts"],
  ["outlier", "Unusual photos"],
  ["blurred", "Blurred photos"],
  ["dark", "Dark photos"],
  ["bright", "Bright photos"],
  ["flat", "Photos without detail"],
  ["odd_size", "Photos of unusual size"],
  ["odd_aspect", "Unusually long or narrow photos"],
];
const kShown = 12;

export function furtherSections(context: Context): Section[] {
  const { report } = context;
  const sections: Section[] = [];
  const findings = report.inspection?.findings ?? [];
  if (findings.length > 0) sections.push(findingsSection(context, findings));
  if (report.heat_maps !== undefined && report.heat_maps.length > 0) {
    const maps = report.heat_maps.map((map) =>
      el("li", {}, el("figure", { class: "heat" }, el("img", { src: map.picture, alt: `${map.method} for ${map.class}: ${map.file}`, loading: "lazy" }), el("figcaption", {}, el("strong", {}, sentence(map.text ?? "")), el("span", { class: "muted" }, `${map.method} for ${map.class}`), el("span", { class: "path" }, map.file)))),
    );
    sections.push({
      id: "heat-maps",
      title: "Where it looked",
      content: [muted((report.numbers !== undefined ? "The largest errors. What raises the number is coloured. " : "The mistakes that it was surest of, then the least certain answers. ") + "Yellow: most of the answer rests on it; violet: little; no colour: nothing."), el("ul", { class: "grid heat-maps" }, ...maps)],
    });
  }
  if (report.map !== undefined && report.map.points.length > 0) sections.push(mapSection(context, report.map));
  if (report.drift !== undefined) {
    const { fits, score, threshold, text } = report.drift;
    sections.push({
      id: "drift",
      title: "Does the model still fit?",
      content: [el("p", { class: fits ? "lead" : "warning" }, text), muted(`Median distance to the training photos ${short(score)}; usual is ${short(threshold)}.`)],
    });
  }
  return sections;
}

function findingsSection(context: Context, findings: Finding[]): Section {
  const content: HTMLElement[] = [];
  const kinds = [...kKinds];
  for (const { kind } of findings) if (!kinds.some(([known]) => known === kind)) kinds.push([kind, kind]);
  for (const [kind, title] of kinds) {
    const some = findings.filter((one) => one.kind === kind);
    if (some.length === 0) continue;
    const all = context.report.inspection?.counts?.[kind] ?? some.length;
    content.push(
      el("h3", {}, `${title}: ${all}`),
      ...(all > some.length ? [muted(`The first ${some.length} are here, all of them in the folder inspection.`)] : []),
      growing(some.length, kShown, (count) => el("ul", { class: "findings" }, ...some.slice(0, count).map((one) => finding(context, one)))),
    );
  }
  return { id: "findings", title: "Findings", content };
}

function finding({ report, photos }: Context, one: Finding): HTMLElement {
  const indices = one.files.map((file) => report.photos.items.findIndex((photo) => photo.file === file));
  const pictures = indices.filter((index) => index >= 0);
  return el(
    "li",
    pictures.length > 1 ? { class: "wide" } : {},
    ...(pictures.length > 0 ? [photos.grid(pictures)] : []),
    el("p", {}, sentence(one.text)),
    ...one.files.map((file) => el("p", { class: "path" }, file)),
  );
}
