// SPDX-License-Identifier: Apache-2.0
// The figures of the report, each a function of data and width.
import { scaleLinear } from "d3-scale";
import { type Point } from "d3-shape";
import { curve, legend, plane } from "./axes";
import type { AnswerSet, Bin, Epoch, FeatureMap, NumberResult, TriedStrength } from "./data";
import { label, shape, type Drawing, type Figure, type Shape } from "./svg";
import { clipped, percent, short } from "./text";

const kHeight = 260;
const whole = (value: number): string => String(value);
const wholePercent = (value: number): string => percent(value, 0);

/** The accuracy, its interval, and what the trivial answer reaches, on a scale from 0 to 1. */
export function accuracyScale(set: AnswerSet, classes: string[]): Figure {
  return (width): Drawing => {
    const x = scaleLinear().domain([0, 1]).range([10, width - 10]);
    const shapes: Shape[] = [shape("line", { class: "axis", x1: x(0), x2: x(1), y1: 34, y2: 34 })];
    for (const value of [0, 0.25, 0.5, 0.75, 1]) {
      const anchor = value === 0 ? "start" : value === 1 ? "end" : "middle";
      const at = value === 0 ? 4 : value === 1 ? width - 4 : x(value);
      shapes.push(shape("line", { class: "axis", x1: x(value), x2: x(value), y1: 34, y2: 39 }));
      shapes.push(label(wholePercent(value), { class: "tick", x: at, y: 54, "text-anchor": anchor }));
    }
    const [low, high] = set.interval;
    const trivial = set.most_frequent_class_accuracy;
    shapes.push(shape("rect", { class: "interval", x: x(low), width: Math.max(2, x(high) - x(low)), y: 20, height: 14, rx: 3 }));
    shapes.push(shape("circle", { class: "dot first", cx: x(set.accuracy), cy: 27, r: 6 }));
    shapes.push(shape("line", { class: "mark", x1: x(trivial), x2: x(trivial), y1: 18, y2: 34 }));
    const anchor = trivial < 0.2 ? "start" : trivial > 0.8 ? "end" : "middle";
    shapes.push(label(`always ${clipped(classes[set.most_frequent_class] ?? "", 20)}`, { class: "tick", x: x(trivial), y: 13, "text-anchor": anchor }));
    const description = `Accuracy ${percent(set.accuracy)}, interval ${percent(low)} to ${percent(high)}; always answering with the most frequent class reaches ${percent(trivial)}`;
    return { width, height: 60, description, shapes };
  };
}

/** Curves of the epochs of all phases; where a new phase starts there is a mark. */
export function epochCurves(rows: Epoch[], names: [key: string, kind: string, name: string][], title: string): Figure {
  return (width): Drawing => {
    const lines = names
      .map(([key, kind, name]) => {
        const points: Point[] = [];
        rows.forEach((row, i) => {
          const value = row[key];
          if (typeof value === "number") points.push([i + 1, value]);
        });
        return { kind, name, points };
      })
      .filter((one) => one.points.length > 0);
    const values = lines.flatMap((one) => one.points.map((point) => point[1]));
    const most = Math.max(...values, 1e-12);
    const least = Math.min(...values);
    const fraction = title === "accuracy";
    const on = plane({
      width,
      height: kHeight,
      x: { domain: [Math.min(1, rows.length - 1), Math.max(2, rows.length)], title: "epoch", format: whole, whole: true },
      y: {
        domain: fraction ? [Math.max(0, Math.floor(least * 10 - 0.5) / 10), 1] : [0, most],
        title: fraction ? "" : title,
        format: fraction ? wholePercent : short,
        nice: !fraction,
      },
    });
    on.shapes.push(...phaseMarks(rows, on.x, on.top, on.bottom));
    for (const one of lines) on.shapes.push(...curve(on, one.points, one.kind));
    if (lines.length > 1) on.shapes.push(...legend(on, lines.map((one) => [one.kind, one.name])));
    const last = lines.map((one) => `${one.name} ${short(one.points[one.points.length - 1]?.[1] ?? 0)}`).join(", ");
    return { width, height: kHeight, description: `${title} by epoch; at the end: ${last}`, shapes: on.shapes };
  };
}

function phaseMarks(rows: Epoch[], x: (value: number) => number, top: number, bottom: number): Shape[] {
  const shapes: Shape[] = [];
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    if (before === undefined || before.phase === row.phase) return;
    const at = x(i + 0.5);
    shapes.push(shape("line", { class: "mark", x1: at, x2: at, y1: top, y2: bottom }));
    const late = i > rows.length / 2;
    shapes.push(label(`${row.phase ?? ""} starts`, { class: "tick", x: at + (late ? -5 : 5), y: bottom - 8, "text-anchor": late ? "end" : "start" }));
  });
  return shapes;
}

/** Loss of the strengths of L2 that were tried, on a logarithmic axis. */
export function strengths(tried: TriedStrength[], chosen: number): Figure {
  return (width): Drawing => {
    const points = tried.filter((one) => one.l2 > 0).map((one): Point => [Math.log10(one.l2), one.loss]);
    points.sort((a, b) => a[0] - b[0]);
    const exponents = points.map((point) => point[0]);
    const on = plane({
      width,
      height: kHeight,
      x: { domain: [Math.min(...exponents) - 0.2, Math.max(...exponents) + 0.2], title: "L2 strength", format: (value) => short(10 ** value), whole: true },
      y: { domain: [0, Math.max(...points.map((point) => point[1]))], title: "loss on unseen photos", format: short, nice: true },
    });
    on.shapes.push(...curve(on, points, "first"));
    const best = points.find((point) => Math.abs(point[0] - Math.log10(chosen)) < 1e-9);
    if (best !== undefined) on.shapes.push(shape("circle", { class: "ring", cx: on.x(best[0]), cy: on.y(best[1]), r: 8 }));
    return { width, height: kHeight, description: `Loss for each L2 strength; ${short(chosen)} was chosen`, shapes: on.shapes };
  };
}

/** Accuracy against probability, by bins; below, how many photos are in each. */
export function reliability(bins: Bin[]): Figure {
  return (width): Drawing => {
    const on = plane({
      width,
      height: 320,
      x: { domain: [0, 1], title: "probability of the answer", format: wholePercent },
      y: { domain: [0, 1], title: "accuracy", format: wholePercent },
    });
    on.shapes.push(shape("line", { class: "ideal", x1: on.x(0), x2: on.x(1), y1: on.y(0), y2: on.y(1) }));
    const most = Math.max(...bins.map((bin) => bin.photos), 1);
    for (const bin of bins) {
      if (bin.photos === 0 || bin.probability === null || bin.accuracy === null) continue;
      const x = on.x(bin.probability);
      on.shapes.push(shape("line", { class: "gap", x1: x, x2: x, y1: on.y(bin.probability), y2: on.y(bin.accuracy) }));
      const r = 4 + 8 * Math.sqrt(bin.photos / most);
      on.shapes.push(shape("circle", { class: "bubble", cx: x, cy: on.y(bin.accuracy), r }));
    }
    return { width, height: 320, description: "Accuracy of the answers by their probability; on the diagonal both are equal", shapes: on.shapes };
  };
}

/** Accuracy of the photos that are answered when the less certain ones are not; a mark at one threshold. */
export function coverage(set: AnswerSet, chosen: () => number): Figure {
  return (width): Drawing => {
    const points = set.coverage
      .filter(([, answered]) => answered > 0)
      .map(([, answered, right]): Point => [answered / set.photos, right / answered]);
    const least = Math.min(...points.map((point) => point[1]), 1);
    const on = plane({
      width,
      height: 320,
      x: { domain: [0, 1], title: "photos that are answered", format: wholePercent },
      y: { domain: [Math.max(0, Math.floor(least * 20 - 0.5) / 20), 1], title: "accuracy of the answers", format: wholePercent },
    });
    on.shapes.push(...curve(on, points.length > 40 ? points : [...points], "first").slice(0, 1));
    const [, answered, right] = set.coverage[chosen()] ?? [0, 0, 0];
    if (answered > 0) {
      const cx = on.x(answered / set.photos);
      const cy = on.y(right / answered);
      on.shapes.push(shape("line", { class: "mark", x1: cx, x2: cx, y1: cy, y2: on.bottom }));
      on.shapes.push(shape("circle", { class: "dot first", cx, cy, r: 6 }));
    }
    return { width, height: 320, description: "Accuracy against the share of photos that are answered", shapes: on.shapes };
  };
}

/** Photos of each class by part: a bar a class. */
export function classCounts(classes: string[], counts: [number, number, number][]): Figure {
  return (width): Drawing => {
    const row = 22;
    const longest = Math.max(...classes.map((name) => name.length), 1);
    const left = Math.min(7.2 * longest + 18, width * 0.4);
    const most = Math.max(...counts.map((parts) => parts[0] + parts[1] + parts[2]), 1);
    const x = scaleLinear().domain([0, most]).range([0, width - left - 46]);
    const shapes: Shape[] = [];
    const letters = Math.floor((left - 10) / 7.2);
    classes.forEach((name, k) => {
      const parts = counts[k] ?? [0, 0, 0];
      const y = 6 + k * row;
      shapes.push(label(clipped(name, letters), { class: "tick", x: left - 8, y: y + 12, "text-anchor": "end" }));
      let at = left;
      parts.forEach((count, part) => {
        if (count === 0) return;
        shapes.push(shape("rect", { class: `part${part}`, x: at, y, width: Math.max(1, x(count)), height: 16 }));
        at += x(count);
      });
      shapes.push(label(String(parts[0] + parts[1] + parts[2]), { class: "tick", x: at + 6, y: y + 12 }));
    });
    return { width, height: classes.length * row + 12, description: "Number of photos of each class", shapes };
  };
}

const kColours = 8;
const kForms = 4;

/** How the points of a class are drawn: eight colours, then another form. */
export function pointOf(classIndex: number, x: number, y: number, attributes: Record<string, string | number> = {}): Shape {
  const k = Math.max(0, classIndex);
  const kind = { ...attributes, class: `point c${k % kColours}`, "data-class": k };
  const corners = (...points: [number, number][]): string => points.map(([dx, dy]) => `${x + dx},${y + dy}`).join(" ");
  switch (Math.floor(k / kColours) % kForms) {
    case 1:
      return shape("rect", { ...kind, x: x - 3.6, y: y - 3.6, width: 7.2, height: 7.2 });
    case 2:
      return shape("polygon", { ...kind, points: corners([0, -5], [4.6, 3.4], [-4.6, 3.4]) });
    case 3:
      return shape("polygon", { ...kind, points: corners([0, -5.2], [5.2, 0], [0, 5.2], [-5.2, 0]) });
    default:
      return shape("circle", { ...kind, cx: x, cy: y, r: 4 });
  }
}

/** Photos by their features. */
export function featureMap(map: FeatureMap, classes: string[]): Figure {
  const indices = new Map(classes.map((name, k) => [name, k]));
  return (width): Drawing => {
    const height = Math.min(520, width);
    const xs = map.points.map((point) => point.x);
    const ys = map.points.map((point) => point.y);
    const x = scaleLinear().domain([Math.min(...xs), Math.max(...xs)]).range([10, width - 10]);
    const y = scaleLinear().domain([Math.min(...ys), Math.max(...ys)]).range([height - 10, 10]);
    const shapes = map.points.map((point, i) => pointOf(indices.get(point.class) ?? 0, x(point.x), y(point.y), { "data-point": i }));
    return { width, height, description: `${map.method} of the features of ${map.points.length} photos`, shapes };
  };
}

/** True numbers against answers, on one scale; on the diagonal both are equal, and the band is the interval of an answer. */
export function scatter(one: NumberResult): Figure {
  return (width): Drawing => {
    const height = Math.min(440, Math.max(280, width));
    const all = one.points.flatMap(([truth, answer]) => [truth, answer]);
    const low = Math.min(...all);
    const high = Math.max(...all);
    const room = 0.04 * (high - low) || 1;
    const domain: [number, number] = [low - room, high + room];
    const on = plane({
      width,
      height,
      x: { domain, title: `true ${one.name}`, format: short },
      y: { domain, title: "answer", format: short },
    });
    const line = (kind: string, shift: number): void => {
      const from = Math.max(domain[0], domain[0] - shift);
      const to = Math.min(domain[1], domain[1] - shift);
      if (from < to) on.shapes.push(shape("line", { class: kind, x1: on.x(from), x2: on.x(to), y1: on.y(from + shift), y2: on.y(to + shift) }));
    };
    line("ideal", 0);
    if (one.half_width !== null) for (const shift of [-one.half_width, one.half_width]) line("grid", shift);
    const ofKind = (test: number, kind: string): void => {
      for (const [truth, answer, isTest] of one.points)
        if (isTest === test) on.shapes.push(shape("circle", { class: `dot ${kind}`, cx: on.x(truth), cy: on.y(answer), r: 3, "fill-opacity": 0.6 }));
    };
    ofKind(0, "second");
    ofKind(1, "first");
    return { width, height, description: `True ${one.name} and answer of ${one.points.length} photos; on the diagonal both are equal`, shapes: on.shapes };
  };
}
