// SPDX-License-Identifier: Apache-2.0
// Drawings as plain values, so that a figure is a function of data and width: the page makes elements of them.

export interface Shape {
  tag: string;
  attributes: Record<string, string | number>;
  children: Shape[];
  text?: string;
}

export function shape(tag: string, attributes: Record<string, string | number>, ...children: Shape[]): Shape {
  return { tag, attributes, children };
}

export function label(text: string, attributes: Record<string, string | number>): Shape {
  return { tag: "text", attributes, children: [], text };
}

/** A whole drawing. */
export interface Drawing {
  width: number;
  height: number;
  /** What a screen reader says. */
  description: string;
  shapes: Shape[];
}

export type Figure = (width: number) => Drawing;

function element(one: Shape): SVGElement {
  const node = document.createElementNS("http://www.w3.org/2000/svg", one.tag);
  for (const [name, value] of Object.entries(one.attributes)) node.setAttribute(name, String(value));
  if (one.text !== undefined) node.textContent = one.text;
  node.append(...one.children.map(element));
  return node;
}

/** A small drawing without words of its own, beside a text that says what it is. */
export function icon(one: Shape, size: number): SVGElement {
  return element(shape("svg", { viewBox: `0 0 ${size} ${size}`, width: size, height: size, "aria-hidden": "true" }, one));
}

export function toElement(drawing: Drawing): SVGElement {
  const svg = element(
    shape("svg", {
      viewBox: `0 0 ${drawing.width} ${drawing.height}`,
      role: "img",
      "aria-label": drawing.description,
    }),
  );
  svg.append(...drawing.shapes.map(element));
  return svg;
}

/** Draws a figure at the width that its box has, again when that changes. Returns the box and what redraws it. */
export function figureBox(title: string, figure: Figure, most = 720): { box: HTMLElement; draw: () => void } {
  const place = document.createElement("div");
  place.className = "drawing";
  place.style.maxWidth = `${most}px`;
  const caption = document.createElement("figcaption");
  caption.textContent = title;
  const box = document.createElement("figure");
  box.className = "chart";
  box.append(caption, place);
  let width = 0;
  const draw = (): void => {
    if (width > 0) place.replaceChildren(toElement(figure(width)));
  };
  new ResizeObserver((entries) => {
    const now = Math.round(entries[0]?.contentRect.width ?? 0);
    if (now === 0 || now === width) return;
    width = now;
    draw();
  }).observe(place);
  return { box, draw };
}
