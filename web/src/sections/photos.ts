// SPDX-License-Identifier: Apache-2.0
// Worst mistakes, least certain photos, the grid of predictions, another random photo.
import { answerOf, isAnswered } from "../data";
import { el, growing } from "../dom";
import { muted, type Section, type SetContext } from "../section";
import { grouped } from "../text";

const kGrid = 28;
const kRows = 14; // photos of a list before the others are asked for

export function photosSection(context: SetContext): Section {
  const { report, set } = context;
  const mistakes = set.photos - set.right;
  const content: HTMLElement[] = [];
  content.push(
    el("h3", {}, "Worst mistakes"),
    ...(set.worst.length > 0
      ? [
          muted(`The surest wrong answers first${set.worst.length < mistakes ? `: ${set.worst.length} of ${mistakes}` : ""}. Look at the label too: it may be the label that is wrong.`),
          some(context, set.worst),
        ]
      : [muted("No photo of this set was answered wrongly.")]),
    el("h3", {}, "Least certain"),
    muted("The two most probable classes are closest to each other here."),
    some(context, set.least_certain),
    el("h3", {}, "A random photo"),
    randomPhoto(context),
    el("h3", {}, "Predictions"),
    predictions(context),
  );
  const { shown, total } = report.photos;
  content.push(muted(shown < total ? `${grouped(shown)} of ${grouped(total)} photos are in this page: mistakes, uncertain answers, some of each cell of the confusion matrix, and a sample of the others. All answers are in predictions.csv.` : `All ${grouped(total)} photos are in this page.`));
  return { id: "photos", title: "Photos", content };
}

/** The first photos of a list; a button shows the others. */
function some({ photos }: SetContext, list: number[]): HTMLElement {
  return growing(list.length, kRows, (count) => photos.grid(list.slice(0, count), list));
}

/** The photos of the set that are in the page. */
function ofSet({ report, setIndex }: SetContext): number[] {
  const found: number[] = [];
  report.photos.items.forEach((photo, i) => {
    if (isAnswered(photo) && photo.set === setIndex) found.push(i);
  });
  return found;
}

function randomPhoto(context: SetContext): HTMLElement {
  const all = ofSet(context);
  const place = el("div", { class: "random", "aria-live": "polite" });
  let last = -1;
  const another = (): void => {
    if (all.length === 0) return;
    let next = last;
    while (next === last) next = all[Math.floor(Math.random() * all.length)] ?? -1;
    last = all.length > 1 ? next : -1;
    place.replaceChildren(context.photos.large(next));
  };
  another();
  return el("div", {}, place, el("button", { type: "button", class: "action", id: "another", click: another }, "Another random photo"));
}

function predictions(context: SetContext): HTMLElement {
  const { report, photos } = context;
  const all = ofSet(context);
  const place = el("div");
  let truth = -1;
  let kind = "all";
  let most = kGrid;
  const fill = (): void => {
    const chosen = all.filter((i) => {
      const photo = report.photos.items[i];
      if (photo === undefined || !isAnswered(photo)) return false;
      const right = answerOf(photo) === photo.truth;
      return (truth < 0 || photo.truth === truth) && (kind === "all" || (kind === "right") === right);
    });
    place.replaceChildren(chosen.length > 0 ? photos.grid(chosen.slice(0, most), chosen) : muted("No photo of this kind is in the page."));
    if (chosen.length > most)
      place.append(el("button", { type: "button", class: "plain", click: () => { most = chosen.length; fill(); } }, `Show all ${chosen.length}`));
  };
  const choose = el("select", { id: "class-filter", change: () => { truth = Number(choose.value); fill(); } }, el("option", { value: "-1" }, "all classes"));
  report.classes.forEach((name, k) => choose.append(el("option", { value: String(k) }, name)));
  const answers = el("select", { id: "answer-filter", change: () => { kind = answers.value; fill(); } });
  for (const [value, text] of [["all", "all answers"], ["right", "right answers"], ["wrong", "wrong answers"]] as const)
    answers.append(el("option", { value }, text));
  fill();
  return el("div", {}, el("div", { class: "filters" }, el("label", {}, "Class ", choose), el("label", {}, "Answers ", answers)), place);
}
