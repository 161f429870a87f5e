// SPDX-License-Identifier: Apache-2.0
// Curves of the training.
import type { Epoch } from "../data";
import { details, el, table } from "../dom";
import { epochCurves, strengths } from "../figures";
import { muted, type Context, type Section } from "../section";
import { figureBox, type Figure } from "../svg";
import { duration, percent, short } from "../text";

function has(rows: Epoch[], key: string): boolean {
  return rows.some((row) => typeof row[key] === "number");
}

export function trainingSection({ report }: Context): Section | undefined {
  if (report.kind !== "training") return undefined;
  const rows = report.history.map((row, i): Epoch => {
    const seconds = report.epoch_seconds?.[i];
    return typeof seconds === "number" ? { ...row, seconds } : row;
  });
  const content: HTMLElement[] = [];
  const charts = el("div", { class: "charts" });
  const add = (title: string, figure: Figure): void => {
    charts.append(figureBox(title, figure, 640).box);
  };
  if (rows.filter((row) => (row.epoch ?? 0) > 0).length > 1) {
    add("Loss", epochCurves(rows, [["loss", "first", "training"], ["val_loss", "second", "validation"]], "loss"));
    const [metric, title, axis]: [string, string, string] = has(rows, "mean_absolute_error")
      ? ["mean_absolute_error", "Mean absolute error in standard deviations of the training photos' numbers", "error"]
      : has(rows, "binary_accuracy")
        ? ["binary_accuracy", "Part of all labels that is right at 50 %", "accuracy"]
        : ["accuracy", "Accuracy", "accuracy"];
    add(title, epochCurves(rows, [[metric, "first", "training"], [`val_${metric}`, "second", "validation"]], axis));
    if (has(rows, "learning_rate")) add("Learning rate at the end of each epoch", epochCurves(rows, [["learning_rate", "first", "learning rate"]], "learning rate"));
    if (has(rows, "seconds")) add("Seconds per epoch", epochCurves(rows, [["seconds", "first", "seconds"]], "seconds"));
  } else if (rows.length > 0) {
    content.push(muted("The head was solved in one step, without epochs, so there are no curves of them."));
  }
  const head = report.facts.head;
  const tried = head?.tried?.filter((one) => one.near_old_head !== true) ?? [];
  if (head?.l2 !== undefined && tried.filter((one) => one.l2 > 0).length > 1)
    add("L2 strengths that were tried for the head; the ring is the chosen one", strengths(tried, head.l2));
  if (charts.childElementCount > 0) content.push(charts);
  const tuned = report.facts.fine_tuning;
  if (tuned !== undefined)
    content.push(el("p", {}, `Fine-tuning from ${tuned.from_layer}: validation ${percent(tuned.validation_accuracy)}${report.labels !== undefined ? " with all labels right at 50 %" : report.numbers !== undefined ? " of the numbers' variance explained" : ""}, ${tuned.kept ? "kept" : "not better than the head alone, so the head was kept"}.`));
  if (report.seconds !== undefined) {
    const stages = Object.entries(report.seconds);
    const all = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
    content.push(el("p", {}, `Time: ${duration(all)} in all (${stages.map(([stage, seconds]) => `${stage.replace("_", " ")} ${seconds.toFixed(1)} s`).join(", ")}).`));
  }
  if (rows.length > 1) content.push(details("The epochs as a table", epochTable(rows)));
  return content.length > 0 ? { id: "training", title: "Training", content } : undefined;
}

function epochTable(rows: Epoch[]): HTMLElement {
  const keys = ["loss", "accuracy", "binary_accuracy", "mean_absolute_error", "val_loss", "val_accuracy", "val_binary_accuracy", "val_mean_absolute_error", "val_mean_average_precision", "learning_rate", "seconds"].filter((key) => has(rows, key));
  const cells = rows.map((row) => [
    String(row.epoch ?? ""),
    row.phase ?? "",
    ...keys.map((key) => {
      const value = row[key];
      return typeof value === "number" ? short(value) : "";
    }),
  ]);
  return table("Epochs", ["epoch", "phase", ...keys.map((key) => key.replace(/_/g, " "))], cells, [0, ...keys.map((_, i) => i + 2)]);
}
