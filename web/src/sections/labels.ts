// SPDX-License-Identifier: Apache-2.0
// Several labels a photo: figures of each label, labels that occur together, the photos with the worst answers.
import type { Facts, LabelRow, LabelSet } from "../data";
import { el, growing, scrollable, table } from "../dom";
import { muted, type Context, type Section } from "../section";
import { meterCell, sortedTable, type Column } from "../sorted";
import { counted, percent, short } from "../text";
import { decisions } from "./trust";

const kShown = 15; // labels before the others are asked for
const kFirstPhotos = 14;
const kNames = 8;

export function labelSections(context: Context, set: LabelSet, setIndex: number): Section[] {
  return [figuresSection(context, set), togetherSection(context, set, setIndex), worstSection(context, set)];
}

function share(title: string, value: (row: LabelRow) => number): Column<LabelRow> {
  // Without photos a label has no recall, and no precision that says anything.
  const known = (row: LabelRow): number | null => (row.photos > 0 ? value(row) : null);
  return {
    title,
    value: known,
    cell: (row) => {
      const found = known(row);
      return meterCell(found === null ? "–" : percent(found), found);
    },
  };
}

function count(title: string, value: (row: LabelRow) => number, text: (value: number) => string = String): Column<LabelRow> {
  return { title, value, cell: (row) => el("td", { class: "number" }, text(value(row))) };
}

const kColumns: Column<LabelRow>[] = [
  { title: "label", value: (row) => row.name, cell: (row) => el("th", { scope: "row" }, row.name) },
  count("photos", (row) => row.photos),
  count("given", (row) => row.answers),
  share("average precision", (row) => row.average_precision),
  share("precision", (row) => row.precision),
  share("recall", (row) => row.recall),
  share("F1", (row) => row.f1),
  count("threshold", (row) => row.threshold, short),
];
const kByAveragePrecision = 3;

function figuresSection({ report }: Context, set: LabelSet): Section {
  const [low, high] = set.exact_match_interval;
  const all = [
    ["Mean average precision", percent(set.mean_average_precision)],
    ["F1, micro", percent(set.f1_micro)],
    ["F1, macro", percent(set.f1_macro)],
    ["All labels right", `${percent(set.exact_match)} (${percent(low)} to ${percent(high)})`],
    ["Hamming loss", percent(set.hamming_loss)],
  ];
  const lowest = [...set.classes].sort((a, b) => (a.photos > 0 ? a.average_precision : 2) - (b.photos > 0 ? b.average_precision : 2));
  return {
    id: "labels",
    title: "Labels",
    content: [
      muted(`${set.title}: ${counted(set.photos, "photo", "photos")}. A label is given from its threshold on.`),
      table("Figures of all labels", ["figure", "value"], all, [1]),
      ...levelTable(set),
      growing(lowest.length, kShown, (shown) => sortedTable("Figures by label", kColumns, lowest.slice(0, shown), kByAveragePrecision)),
      muted(
        "Average precision: the area under precision over recall, for all thresholds. Precision: of the photos that are given a label, the part that has it. " +
          "Recall: of the photos that have it, the part that is given it. Micro: of all decisions together; macro: the mean of the labels. Hamming loss: of all decisions, the part that is wrong.",
      ),
      ...unknown(report.facts.decisions),
    ],
  };
}

/** The saved threshold of the probability that all labels of a photo are right, and what it does. */
function unknown(found: Facts["decisions"]): HTMLElement[] {
  const rules = decisions(found);
  return rules.length === 0 ? [] : [...rules, muted("Of several labels a photo counts as right where all of them are. The threshold is of the probability of that.")];
}

/** Figures where labels with the same first names count as one. */
function levelTable(set: LabelSet): HTMLElement[] {
  const rows = (set.levels ?? []).map((one) => [
    `level ${one.level}`,
    one.names.length > kNames ? counted(one.names.length, "name", "names") : one.names.join(", "),
    percent(one.mean_average_precision),
    percent(one.f1_micro),
    percent(one.f1_macro),
    percent(one.exact_match),
  ]);
  if (rows.length === 0) return [];
  return [muted("Where labels with the same first names count as one:"), table("Figures by level of the labels", ["level", "told apart", "mean average precision", "F1 micro", "F1 macro", "all right"], rows, [2, 3, 4, 5])];
}

/** How many photos have two labels, as a table whose cells open their photos. */
function togetherSection({ report, photos }: Context, set: LabelSet, setIndex: number): Section {
  const { labels, have, given } = set.together;
  const name = (k: number): string => report.classes[k] ?? "";
  const opened = el("div", { class: "opened", tabindex: "-1", "aria-live": "polite" });
  const open = (a: number, b: number, together: number): void => {
    const found: number[] = [];
    report.photos.items.forEach((photo, i) => {
      const has = (k: number): boolean => (photo.labels ?? []).some(([label, , there]) => label === k && there === 1);
      if (photo.set === setIndex && has(a) && has(b)) found.push(i);
    });
    opened.replaceChildren(
      el("h3", {}, `${a === b ? name(a) : `${name(a)} and ${name(b)}`}: ${counted(together, "photo", "photos")}`),
      photos.grid(found),
      ...(found.length < together ? [muted(`${found.length} of ${together} are in this page; all answers are in predictions.csv.`)] : []),
    );
    opened.scrollIntoView({ block: "nearest" });
    opened.focus({ preventScroll: true });
  };
  const cell = (i: number, j: number): HTMLElement => {
    const a = labels[i] ?? -1;
    const b = labels[j] ?? -1;
    const together = have[i]?.[j] ?? 0;
    const answered = given[i]?.[j] ?? 0;
    const part = together / Math.max(1, have[i]?.[i] ?? 1);
    if (together === 0) return el("td", { class: i === j ? "diagonal" : "" });
    const words = i === j ? `${name(a)}: ${together} have it, ${answered} are given it` : `${name(a)} and ${name(b)}: ${together} have both, ${answered} are given both`;
    const button = el("button", { type: "button", "aria-label": words, title: words, click: () => open(a, b, together) }, String(together));
    button.style.setProperty("--share", String(0.12 + 0.88 * part));
    return el("td", { class: part > 0.5 ? "diagonal strong" : "diagonal" }, button);
  };
  const title = (k: number): HTMLElement => el("span", { title: name(k) }, name(k));
  const head = labels.map((k) => el("th", { scope: "col" }, title(k)));
  const rows = labels.map((k, i) => el("tr", {}, el("th", { scope: "row" }, title(k)), ...labels.map((_, j) => cell(i, j))));
  const corner = el("th", { scope: "col", class: "corner" }, "and →");
  return {
    id: "together",
    title: "Labels that occur together",
    content: [
      muted("How many photos have both labels; on the diagonal, the label itself. The colour is the part of the row's photos. Choose a number to see its photos."),
      ...(labels.length < report.classes.length ? [muted(`The ${labels.length} most frequent of ${report.classes.length} labels.`)] : []),
      scrollable("Labels that occur together", el("table", { class: "matrix" }, el("thead", {}, el("tr", {}, corner, ...head)), el("tbody", {}, ...rows))),
      opened,
    ],
  };
}

/** The photos with the largest loss, then the mistakes of one label. */
function worstSection({ photos }: Context, set: LabelSet): Section {
  const place = el("div", { "aria-live": "polite" });
  const list = (title: string, found: number[]): HTMLElement[] => (found.length === 0 ? [] : [el("h4", {}, title), photos.grid(found)]);
  const show = (row: LabelRow): void => {
    const content = [...list(`Have ${row.name}, and are not given it`, row.missed), ...list(`Are given ${row.name}, and do not have it`, row.mistaken)];
    place.replaceChildren(...(content.length > 0 ? content : [muted("No mistake is in this page.")]));
  };
  const wrong = set.classes.filter((row) => row.missed.length + row.mistaken.length > 0);
  const select = el("select", {}, ...wrong.map((row, i) => el("option", { value: String(i) }, row.name)));
  select.addEventListener("change", () => {
    const row = wrong[Number(select.value)];
    if (row !== undefined) show(row);
  });
  const first = wrong[0];
  if (first !== undefined) show(first);
  return {
    id: "worst",
    title: "The worst photos",
    content: [
      muted(
        set.worst.length === 0
          ? "All labels of all photos are right."
          : "Photos with a wrong label, the largest loss first. Look at the labels in the list too: it may be they that are wrong.",
      ),
      growing(set.worst.length, kFirstPhotos, (shown) => photos.grid(set.worst.slice(0, shown), set.worst)),
      ...(first === undefined ? [] : [el("h3", {}, "Mistakes of one label"), el("label", { class: "field" }, "Label ", select), place]),
    ],
  };
}
