// SPDX-License-Identifier: Apache-2.0
// The result first: the accuracy, what was done, what to do next.
import { el } from "../dom";
import { accuracyScale } from "../figures";
import type { Context, Section } from "../section";
import { figureBox } from "../svg";
import { note, percent, sentence } from "../text";

export function resultSection({ report }: Context): Section {
  const { headline } = report;
  const content: HTMLElement[] = [];
  if (headline.accuracy !== undefined) content.push(el("p", { class: "big" }, percent(headline.accuracy)));
  content.push(el("p", { class: "lead" }, sentence(headline.sentence)));
  if (report.facts.broke_down !== undefined) content.push(el("p", { class: "warning" }, `Training broke down: ${report.facts.broke_down}.`));
  if (report.facts.stopped === true) content.push(el("p", { class: "warning" }, "Training was stopped; this is the best model until then."));
  const set = report.sets[0];
  if (set !== undefined) content.push(figureBox("Accuracy with its 95 % interval", accuracyScale(set, report.classes)).box);
  const steps = report.next.map((step) => el("li", {}, el("strong", {}, step.what), el("span", {}, ` ${sentence(step.why)}`)));
  const done = report.done.map((one) => el("li", {}, note(one)));
  content.push(
    el(
      "div",
      { class: "columns" },
      el("div", {}, el("h3", {}, "What to do next"), el("ol", { class: "steps" }, ...steps)),
      ...(done.length > 0 ? [el("div", {}, el("h3", {}, report.kind === "training" ? "What was done" : "Notes"), el("ul", { class: "done" }, ...done))] : []),
    ),
  );
  return { id: "result", title: "Result", content };
}
