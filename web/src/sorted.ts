// SPDX-License-Identifier: Apache-2.0
// A table whose columns can be sorted.
import { el, scrollable } from "./dom";

export interface Column<Row> {
  title: string;
  /** What rows are sorted by; rows without it come last. */
  value: (row: Row) => number | string | null;
  cell: (row: Row) => HTMLElement;
}

/** A number as text with a bar from 0 to 1 below it. */
export function meterCell(text: string, share: number | null, low = false): HTMLElement {
  const cell = el("td", { class: low ? "number meter low" : "number meter" }, text);
  if (share !== null) cell.style.setProperty("--share", String(share));
  return cell;
}

/** The first column names the rows; they are sorted by the column number `by` at first. */
export function sortedTable<Row>(label: string, columns: Column<Row>[], rows: Row[], by: number): HTMLElement {
  let falling = false;
  const body = el("tbody");
  const heads: HTMLElement[] = [];
  const order = (a: Row, b: Row): number => {
    const value = columns[by]?.value;
    const x = value?.(a) ?? Infinity;
    const y = value?.(b) ?? Infinity;
    const less = typeof x === "string" ? x.localeCompare(String(y), "en", { numeric: true }) : x === y ? 0 : x - Number(y);
    return falling ? -less : less;
  };
  const fill = (): void => {
    body.replaceChildren(...[...rows].sort(order).map((row) => el("tr", {}, ...columns.map((column) => column.cell(row)))));
    heads.forEach((head, i) => head.setAttribute("aria-sort", i === by ? (falling ? "descending" : "ascending") : "none"));
  };
  const head = el("tr");
  columns.forEach((column, i) => {
    const sort = el("button", { type: "button", class: "sort", click: () => {
      falling = by === i ? !falling : false;
      by = i;
      fill();
    } }, column.title);
    const cell = el("th", { scope: "col", ...(i === 0 ? {} : { class: "number" }) }, sort);
    heads.push(cell);
    head.append(cell);
  });
  fill();
  return scrollable(label, el("table", { class: "classes" }, el("thead", {}, head), body));
}
