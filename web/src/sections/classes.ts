// SPDX-License-Identifier: Apache-2.0
// Precision, recall, F1 and support of each class.
import type { ClassRow, LevelFigures } from "../data";
import { el, growing, scrollable } from "../dom";
import { muted, type Section, type SetContext } from "../section";
import { counted, percent } from "../text";

const kShown = 15;
const kNames = 8;
type Key = "name" | "photos" | "precision" | "recall" | "f1";
const kColumns: [Key, string][] = [
  ["name", "class"],
  ["photos", "photos"],
  ["precision", "precision"],
  ["recall", "recall"],
  ["f1", "F1"],
];

function valueCell(value: number | null, strong: boolean): HTMLElement {
  const cell = el("td", { class: "number meter" }, value === null ? "–" : percent(value));
  if (value !== null) cell.style.setProperty("--share", String(value));
  if (strong) cell.classList.add("low");
  return cell;
}

function classTable(rows: ClassRow[], weakest: number): HTMLElement {
  let by: Key = "recall";
  let falling = false;
  const body = el("tbody");
  const buttons = new Map<Key, HTMLElement>();
  const order = (a: ClassRow, b: ClassRow): number => {
    const x = a[by] ?? 2;
    const y = b[by] ?? 2;
    const less = typeof x === "string" ? x.localeCompare(String(y), "en", { numeric: true }) : x - Number(y);
    return falling ? -less : less;
  };
  const fill = (): void => {
    const sorted = [...rows].sort(order);
    body.replaceChildren(
      ...sorted.map((row) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, row.name),
          el("td", { class: "number" }, String(row.photos)),
          valueCell(row.photos > 0 || row.precision > 0 ? row.precision : null, false),
          valueCell(row.recall, row.recall !== null && row.recall <= weakest && row.recall < 1),
          valueCell(row.f1, false),
        ),
      ),
    );
    for (const [key, head] of buttons) {
      const sort = key === by ? (falling ? "descending" : "ascending") : "none";
      head.setAttribute("aria-sort", sort);
    }
  };
  const head = el("tr");
  for (const [key, name] of kColumns) {
    const sort = el("button", { type: "button", class: "sort", click: () => {
      falling = by === key ? !falling : false;
      by = key;
      fill();
    } }, name);
    const cell = el("th", { scope: "col", ...(key === "name" ? {} : { class: "number" }) }, sort);
    buttons.set(key, cell);
    head.append(cell);
  }
  fill();
  return scrollable("Figures by class", el("table", { class: "classes" }, el("thead", {}, head), body));
}

/** Accuracy where classes with the same first names count as one. */
function levelTable(levels: LevelFigures[]): HTMLElement {
  const rows = levels.map((one) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, `level ${one.level}`),
      el("td", {}, one.names.length > kNames ? counted(one.names.length, "name", "names") : one.names.join(", ")),
      el("td", { class: "number" }, percent(one.accuracy)),
      el("td", { class: "number" }, `${percent(one.accuracy_interval[0])} to ${percent(one.accuracy_interval[1])}`),
    ),
  );
  const head = ["level", "told apart", "accuracy", "95 % interval"].map((name) => el("th", { scope: "col" }, name));
  return scrollable("Accuracy by level of the class names", el("table", { class: "levels" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)));
}

export function classesSection({ set }: SetContext): Section {
  const recalls = set.classes.map((row) => row.recall).filter((recall): recall is number => recall !== null);
  const weakest = Math.min(...recalls, 1);
  const trivial = set.classes[set.most_frequent_class]?.name ?? "";
  const lowest = [...set.classes].sort((a, b) => (a.recall ?? 2) - (b.recall ?? 2));
  return {
    id: "classes",
    title: "Classes",
    content: [
      muted(
        `${set.title}: ${percent(set.accuracy)} of ${counted(set.photos, "photo", "photos")}. Mean recall of the classes ${percent(set.balanced_accuracy)}. ` +
          `Always answering ${trivial} reaches ${percent(set.most_frequent_class_accuracy)}.`,
      ),
      ...(set.levels ? [muted("Where classes with the same first names count as one:"), levelTable(set.levels)] : []),
      growing(lowest.length, kShown, (count) => classTable(lowest.slice(0, count), weakest)),
      muted("Precision: of the answers for a class, the part that is right. Recall: of the photos of a class, the part that was found. F1: the harmonic mean of both."),
    ],
  };
}
