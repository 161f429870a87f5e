// SPDX-License-Identifier: Apache-2.0
// A plane with two axes, which figures draw into.
import { scaleLinear, type Scale } from "d3-scale";
import { line, type Point } from "d3-shape";
import { label, shape, type Shape } from "./svg";

export interface AxesOptions {
  width: number;
  height: number;
  x: { domain: [number, number]; title: string; format: (value: number) => string; ticks?: number; whole?: boolean };
  y: { domain: [number, number]; title: string; format: (value: number) => string; nice?: boolean };
}

export interface Plane {
  x: Scale;
  y: Scale;
  left: number;
  right: number;
  top: number;
  bottom: number;
  shapes: Shape[];
}

const kMargin = { top: 26, right: 24, bottom: 42, left: 50 };

export function plane(options: AxesOptions): Plane {
  const { width, height } = options;
  const right = width - kMargin.right;
  const bottom = height - kMargin.bottom;
  const x = scaleLinear().domain(options.x.domain).range([kMargin.left, right]);
  const y = scaleLinear().domain(options.y.domain).range([bottom, kMargin.top]);
  if (options.y.nice ?? false) y.nice(5);
  const shapes: Shape[] = [];
  for (const value of y.ticks(5)) {
    shapes.push(shape("line", { class: "grid", x1: kMargin.left, x2: right, y1: y(value), y2: y(value) }));
    shapes.push(label(options.y.format(value), { class: "tick", x: kMargin.left - 8, y: y(value) + 4, "text-anchor": "end" }));
  }
  const wanted = options.x.ticks ?? Math.max(2, Math.min(10, Math.floor((right - kMargin.left) / 60)));
  for (const value of x.ticks(wanted)) {
    if ((options.x.whole ?? false) && !Number.isInteger(value)) continue;
    shapes.push(shape("line", { class: "axis", x1: x(value), x2: x(value), y1: bottom, y2: bottom + 5 }));
    shapes.push(label(options.x.format(value), { class: "tick", x: x(value), y: bottom + 19, "text-anchor": "middle" }));
  }
  shapes.push(shape("line", { class: "axis", x1: kMargin.left, x2: right, y1: bottom, y2: bottom }));
  shapes.push(label(options.x.title, { class: "title", x: right, y: height - 6, "text-anchor": "end" }));
  shapes.push(label(options.y.title, { class: "title", x: 4, y: 14 }));
  return { x, y, left: kMargin.left, right, top: kMargin.top, bottom, shapes };
}

/** A line through points in units of the plane, with dots where there are few. */
export function curve(on: Plane, points: readonly Point[], kind: string): Shape[] {
  const places = points.map(([x, y]): Point => [on.x(x), on.y(y)]);
  const shapes = [shape("path", { class: `line ${kind}`, d: line()(places) ?? "" })];
  if (points.length <= 40) {
    for (const [cx, cy] of places) shapes.push(shape("circle", { class: `dot ${kind}`, cx, cy, r: 3 }));
  }
  return shapes;
}

/** Names of lines, at the upper right. */
export function legend(on: Plane, names: [kind: string, name: string][]): Shape[] {
  const shapes: Shape[] = [];
  let at = on.right;
  for (const [kind, name] of [...names].reverse()) {
    at -= 7.2 * name.length + 4;
    shapes.push(label(name, { class: "tick", x: at, y: 14 }));
    shapes.push(shape("line", { class: `line ${kind}`, x1: at - 26, x2: at - 6, y1: 10, y2: 10 }));
    at -= 42;
  }
  return shapes;
}
