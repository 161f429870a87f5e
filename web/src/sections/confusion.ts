// SPDX-License-Identifier: Apache-2.0
// The confusion matrix: a table whose cells open their photos.
import { answerOf, isAnswered, type AnswerSet } from "../data";
import { el, growing, scrollable } from "../dom";
import { muted, type Section, type SetContext } from "../section";
import { counted } from "../text";

const kMostClasses = 30;
const kPairs = 8;

/** The classes of a matrix: all that occur, or those with most mistakes. */
function shownClasses(set: AnswerSet): number[] {
  const mistakes = new Map<number, number>();
  const add = (k: number, count: number): void => void mistakes.set(k, (mistakes.get(k) ?? 0) + count);
  for (const [truth, answer, photos] of set.confusion) {
    add(truth, truth === answer ? 0 : photos);
    add(answer, truth === answer ? 0 : photos);
  }
  return [...mistakes]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, kMostClasses)
    .map(([k]) => k)
    .sort((a, b) => a - b);
}

export function confusionSection({ report, photos, set, setIndex }: SetContext): Section {
  const classes = report.classes;
  const cells = new Map(set.confusion.map(([truth, answer, count]) => [`${truth},${answer}`, count]));
  const opened = el("div", { class: "opened", tabindex: "-1", "aria-live": "polite" });
  const open = (truth: number, answer: number): void => {
    const count = cells.get(`${truth},${answer}`) ?? 0;
    const found: number[] = [];
    report.photos.items.forEach((photo, i) => {
      if (isAnswered(photo) && photo.set === setIndex && photo.truth === truth && answerOf(photo) === answer) found.push(i);
    });
    const title = truth === answer ? `${classes[truth] ?? ""}, recognised` : `${classes[truth] ?? ""} taken for ${classes[answer] ?? ""}`;
    opened.replaceChildren(
      el("h3", {}, `${title}: ${counted(count, "photo", "photos")}`),
      photos.grid(found),
      ...(found.length < count ? [muted(`${found.length} of ${count} are in this page; all answers are in predictions.csv.`)] : []),
    );
    opened.scrollIntoView({ block: "nearest" });
    opened.focus({ preventScroll: true });
  };
  const shown = shownClasses(set);
  const pairs = set.confusion.filter(([truth, answer]) => truth !== answer);
  const pairList = growing(pairs.length, kPairs, (count) =>
    el(
      "ul",
      { class: "pairs" },
      ...pairs.slice(0, count).map(([truth, answer, photoCount]) =>
        el(
          "li",
          {},
          el("button", { type: "button", class: "plain", click: () => open(truth, answer) }, `${classes[truth] ?? ""} taken for ${classes[answer] ?? ""}`),
          ` ${photoCount === 1 ? "once" : photoCount === 2 ? "twice" : `${photoCount} times`}`,
        ),
      ),
    ),
  );
  return {
    id: "confusion",
    title: "Confusion",
    content: [
      muted("Rows are true classes, columns are answers. Choose a number to see its photos."),
      ...(shown.length < classes.length ? [muted(`${shown.length} of ${classes.length} classes are shown: those that occur, with most mistakes. All pairs are in the list and in report.json.`)] : []),
      el(
        "div",
        { class: "beside" },
        matrix(shown, classes, cells, set, open),
        el("div", {}, el("h3", {}, "Most confused pairs"), pairs.length > 0 ? pairList : muted("No photo was taken for another class.")),
      ),
      opened,
    ],
  };
}

function matrix(
  shown: number[],
  classes: string[],
  cells: Map<string, number>,
  set: AnswerSet,
  open: (truth: number, answer: number) => void,
): HTMLElement {
  const head = shown.map((k) => el("th", { scope: "col" }, el("span", { title: classes[k] ?? "" }, classes[k] ?? "")));
  const rows = shown.map((truth) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, el("span", { title: classes[truth] ?? "" }, classes[truth] ?? "")),
      ...shown.map((answer) => cell(truth, answer)),
    ),
  );
  function cell(truth: number, answer: number): HTMLElement {
    const count = cells.get(`${truth},${answer}`) ?? 0;
    if (count === 0) return el("td", { class: truth === answer ? "diagonal" : "" });
    const share = count / Math.max(1, set.classes[truth]?.photos ?? 1);
    const name = truth === answer ? `${classes[truth] ?? ""} recognised: ${count}` : `${classes[truth] ?? ""} taken for ${classes[answer] ?? ""}: ${count}`;
    const button = el("button", { type: "button", "aria-label": name, title: name, "data-cell": `${truth},${answer}`, click: () => open(truth, answer) }, String(count));
    const kind = truth === answer ? "diagonal" : "mistake";
    const box = el("td", { class: share > 0.5 ? `${kind} strong` : kind }, button);
    button.style.setProperty("--share", String(0.12 + 0.88 * share));
    return box;
  }
  const corner = el("th", { scope: "col", class: "corner" }, "true ↓  answer →");
  return scrollable("Confusion matrix", el("table", { class: shown.every((k) => (classes[k] ?? "").length <= 3) ? "matrix upright" : "matrix" }, el("thead", {}, el("tr", {}, corner, ...head)), el("tbody", {}, ...rows)));
}
