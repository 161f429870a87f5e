// SPDX-License-Identifier: Apache-2.0
// Elements of the page. Texts are set as text, never as HTML: names of files and classes are foreign.

export type Content = Node | string;
type Handler = (event: Event) => void;

/** An element with attributes (functions are listeners) and content. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string | boolean | Handler> = {},
  ...content: Content[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (typeof value === "string") element.setAttribute(name, value);
    else if (value) element.setAttribute(name, "");
  }
  element.append(...content);
  return element;
}

/** A table that scrolls on its own where the page is too narrow for it. */
export function table(label: string, head: string[], rows: Content[][], numbers: number[] = []): HTMLElement {
  const kind = (column: number): Record<string, string> => (numbers.includes(column) ? { class: "number" } : {});
  return scrollable(
    label,
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...head.map((name, i) => el("th", { scope: "col", ...kind(i) }, name)))),
      el(
        "tbody",
        {},
        ...rows.map((row) =>
          el("tr", {}, ...row.map((cell, i) => (i === 0 ? el("th", { scope: "row", ...kind(i) }, cell) : el("td", kind(i), cell)))),
        ),
      ),
    ),
  );
}

export function scrollable(label: string, content: HTMLElement): HTMLElement {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, content);
}

/** A part that is closed at first. */
export function details(summary: string, ...content: Content[]): HTMLElement {
  return el("details", {}, el("summary", {}, summary), ...content);
}

/** Rows that grow by a button: the first `shown`, then all. */
export function growing(total: number, shown: number, make: (count: number) => HTMLElement): HTMLElement {
  const box = el("div", {}, make(Math.min(shown, total)));
  if (total > shown) {
    box.append(
      el("button", { class: "plain", type: "button", click: () => box.replaceChildren(make(total)) }, `Show all ${total}`),
    );
  }
  return box;
}
