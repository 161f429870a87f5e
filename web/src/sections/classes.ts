// SPDX-License-Identifier: Apache-2.0
// Precision, recall, F1 and support of each class.
import type { ClassRow, LevelFigures } from "../data";
import { el, growing, scrollable } from "../dom";
import { muted, type Section, type SetContext } from "../section";
import { meterCell, sortedTable, type Column } from "../sorted";
import { counted, percent } from "../text";

const kShown = 15;
const kNames = 8;

function columns(weakest: number): Column<ClassRow>[] {
  const share = (title: string, value: (row: ClassRow) => number | null, low: (row: ClassRow) => boolean = () => false): Column<ClassRow> => ({
    title,
    value,
    cell: (row) => {
      const found = value(row);
      return meterCell(found === null ? "–" : percent(found), found, low(row));
    },
  });
  return [
    { title: "class", value: (row) => row.name, cell: (row) => el("th", { scope: "row" }, row.name) },
    { title: "photos", value: (row) => row.photos, cell: (row) => el("td", { class: "number" }, String(row.photos)) },
    share("precision", (row) => (row.photos > 0 || row.precision > 0 ? row.precision : null)),
    share("recall", (row) => row.recall, (row) => row.recall !== null && row.recall <= weakest && row.recall < 1),
    share("F1", (row) => row.f1),
  ];
}
const kByRecall = 3;

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
      growing(lowest.length, kShown, (count) => sortedTable("Figures by class", columns(weakest), lowest.slice(0, count), kByRecall)),
      muted("Precision: of the answers for a class, the part that is right. Recall: of the photos of a class, the part that was found. F1: the harmonic mean of both."),
    ],
  };
}
