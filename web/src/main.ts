// SPDX-License-Identifier: Apache-2.0
// Builds the page from the report that stands in it.
import { readReport, readThumbnails, type Report } from "./data";
import { el } from "./dom";
import { PhotoViews } from "./photos";
import { sectionElement, type Context, type Section } from "./section";
import { classesSection } from "./sections/classes";
import { confusionSection } from "./sections/confusion";
import { dataSection } from "./sections/data";
import { furtherSections } from "./sections/further";
import { labelSections } from "./sections/labels";
import { modelSection } from "./sections/model";
import { numberSections } from "./sections/numbers";
import { photosSection } from "./sections/photos";
import { resultSection } from "./sections/result";
import { trainingSection } from "./sections/training";
import { trustSection } from "./sections/trust";

/** The sections about answers, for one of the sets. */
function answerSections(context: Context, setIndex: number): Section[] {
  const labels = context.report.labels?.[setIndex];
  if (labels !== undefined) return labelSections(context, labels, setIndex);
  const set = context.report.sets[setIndex];
  if (set === undefined) return [];
  const of = { ...context, set, setIndex };
  return [classesSection(of), confusionSection(of), photosSection(of), trustSection(of)];
}

/** Chooses the set that the sections about answers show. */
function setChooser(report: Report, choose: (index: number) => void): HTMLElement[] {
  const sets: { title: string; note: string; photos: number }[] = report.labels ?? report.sets;
  const first = sets[0];
  if (first === undefined) return [];
  const note = el("p", { class: "muted" }, first.note);
  if (sets.length < 2) return [note];
  const choices = sets.map((set, i) =>
    el(
      "label",
      {},
      el("input", {
        type: "radio",
        name: "set",
        value: String(i),
        checked: i === 0,
        change: () => {
          note.textContent = set.note;
          choose(i);
        },
      }),
      el("span", {}, `${set.title} (${set.photos})`),
    ),
  );
  return [el("fieldset", { class: "sets" }, el("legend", {}, "The next sections show"), ...choices), note];
}

function build(): void {
  const report = readReport();
  const context: Context = { report, photos: new PhotoViews(report, readThumbnails()) };
  const answers = el("div", { id: "answers" });
  const show = (index: number): void => {
    answers.replaceChildren(...answerSections(context, index).map(sectionElement));
  };
  show(0);
  const training = trainingSection(context);
  const before: Section[] = [resultSection(context), ...numberSections(context)];
  const after: Section[] = [...(training === undefined ? [] : [training]), ...furtherSections(context), dataSection(context), modelSection(context)];
  const main = document.querySelector("main");
  main?.replaceChildren(
    ...before.map(sectionElement),
    el("div", { class: "chooser" }, ...setChooser(report, show)),
    answers,
    ...after.map(sectionElement),
  );
  const all = [...before, ...answerSections(context, 0), ...after];
  document
    .querySelector("nav ul")
    ?.replaceChildren(...all.map((section) => el("li", {}, el("a", { href: `#${section.id}` }, section.short ?? section.title))));
}

build();
