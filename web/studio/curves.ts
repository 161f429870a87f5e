// SPDX-License-Identifier: Apache-2.0
// How the accuracy goes while a network is trained: a line of the photos it learns from, one of the others.
import { el } from "../src/dom";
import type { Epoch } from "./api";
import { percent } from "./studio";

const kWidth = 320, kHeight = 90, kLines = [["accuracy", "training photos"], ["val_accuracy", "other photos"]] as const;

function node(name: string, values: Record<string, string>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  return made;
}

/** A figure; nothing before the second epoch. */
export function curves(epochs: Epoch[]): HTMLElement[] {
  const drawn: { name: string; values: number[] }[] = [];
  for (const [key, name] of kLines) {
    const values = epochs.map((epoch) => epoch[key]).filter((value): value is number => typeof value === "number");
    if (values.length > 1) drawn.push({ name, values });
  }
  if (drawn.length === 0) return [];
  const least = Math.min(...drawn.flatMap((line) => line.values)), most = Math.max(...drawn.flatMap((line) => line.values));
  const svg = node("svg", { viewBox: `0 0 ${kWidth} ${kHeight}`, class: "curves", role: "img", "aria-label": `Accuracy after ${epochs.length} epochs` });
  drawn.forEach((line, i) => {
    const points = line.values.map((value, at) => {
      const x = 4 + ((kWidth - 8) * at) / (line.values.length - 1);
      const y = kHeight - 4 - ((kHeight - 8) * (value - least)) / Math.max(most - least, 1e-6);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    svg.append(node("polyline", { points: points.join(" "), class: `line${i}`, fill: "none" }));
  });
  const text = drawn.map((line) => `${line.name}: ${percent(line.values[line.values.length - 1] ?? null)}`).join(", ");
  return [el("figure", { class: "epochs" }, svg, el("figcaption", {}, `Accuracy after ${epochs.length} epochs. ${text}.`))];
}
