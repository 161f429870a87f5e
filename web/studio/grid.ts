// SPDX-License-Identifier: Apache-2.0
// Photos as tiles: arrows go from one to the next, some or all are selected, and keys, buttons and the mouse act on those.
import { el } from "../src/dom";
import type { Photo } from "./api";
import { picture } from "./picture";
import { counted } from "./studio";

export const kPhotoType = "application/x-graft-photos";

/** What can be done with photos. */
export interface GridUse<Item extends Photo> {
  /** Below a photo; empty: nothing. */
  caption(photo: Item): string;
  open(photo: Item, from: HTMLElement): void;
  /** A key on these photos: null where it means nothing; true: they have left the grid. */
  key(event: KeyboardEvent, photos: Item[]): Promise<boolean> | null;
  /** Of the bar for selected photos. */
  actions: { text: string; act(photos: Item[]): Promise<unknown> }[];
}

export class PhotoGrid<Item extends Photo> {
  readonly element = el("ul", { class: "grid", "aria-label": "Photos" });
  /** What can be done with the photos that are selected. */
  readonly bar = el("div", { class: "row selection", role: "group", "aria-label": "Selected photos" });
  private photos: Item[] = [];
  private readonly chosen = new Set<string>();
  private selecting = false; // a tap selects, for screens without a keyboard
  private from = 0; // where a range begins

  constructor(private readonly use: GridUse<Item>) {
    this.bar.hidden = true;
  }

  show(photos: Item[]): void {
    const focused = this.tiles().indexOf(document.activeElement as HTMLButtonElement);
    this.photos = photos;
    const names = new Set(photos.map((photo) => photo.name));
    for (const name of [...this.chosen]) if (!names.has(name)) this.chosen.delete(name);
    this.element.replaceChildren(...photos.map((photo, at) => this.tile(photo, at)));
    this.mark();
    if (focused >= 0) this.focus(focused);
  }

  /** Ends a selection, as when other photos are shown. */
  clear(): void {
    this.chosen.clear();
    this.selecting = false;
    this.mark();
  }

  startSelecting(): void {
    this.selecting = true;
    this.mark();
  }

  private tiles(): HTMLButtonElement[] {
    return Array.from(this.element.querySelectorAll<HTMLButtonElement>("button.tile"));
  }

  private focus(index: number): void {
    const all = this.tiles();
    all[Math.min(Math.max(index, 0), all.length - 1)]?.focus();
  }

  private selected(): Item[] {
    return this.photos.filter((photo) => this.chosen.has(photo.name));
  }

  /** The selected photos where this one is among them, else it alone. */
  private meant(photo: Item): Item[] {
    return this.chosen.has(photo.name) ? this.selected() : [photo];
  }

  private select(at: number, range: boolean): void {
    const name = this.photos[at]?.name;
    if (name === undefined) return;
    if (range) {
      for (const photo of this.photos.slice(Math.min(this.from, at), Math.max(this.from, at) + 1)) this.chosen.add(photo.name);
    } else {
      if (!this.chosen.delete(name)) this.chosen.add(name);
      this.from = at;
    }
    this.mark();
  }

  private selectAll(): void {
    for (const photo of this.photos) this.chosen.add(photo.name);
    this.mark();
  }

  private mark(): void {
    const count = this.chosen.size;
    this.tiles().forEach((tile, at) => {
      const on = this.chosen.has(this.photos[at]?.name ?? "");
      tile.classList.toggle("chosen", on);
      if (this.selecting || count > 0) tile.setAttribute("aria-pressed", String(on));
      else tile.removeAttribute("aria-pressed");
    });
    this.bar.hidden = count === 0 && !this.selecting;
    if (this.bar.hidden) return;
    const button = (text: string, click: () => void, needs: boolean): HTMLElement => {
      const made = el("button", { type: "button", click }, text);
      made.disabled = needs && count === 0;
      return made;
    };
    this.bar.replaceChildren(
      el("span", { role: "status" }, count === 0 ? "Choose photos." : `${counted(count, "photo", "photos")} selected.`),
      ...this.use.actions.map((one) => button(one.text, () => void one.act(this.selected()), true)),
      button("Select all shown", () => this.selectAll(), false),
      button("Done", () => this.clear(), false),
    );
  }

  private tile(photo: Item, at: number): HTMLElement {
    const caption = this.use.caption(photo);
    const button = el("button", { type: "button", class: "tile", draggable: "true", title: photo.name }, picture(photo, "small", photo.name));
    button.addEventListener("click", (event) => {
      if (event.shiftKey) this.select(at, true);
      else if (event.ctrlKey || event.metaKey || this.selecting) this.select(at, false);
      else this.use.open(photo, button);
    });
    button.addEventListener("dragstart", (event) => event.dataTransfer?.setData(kPhotoType, JSON.stringify(this.meant(photo))));
    button.addEventListener("keydown", (event) => {
      if (!this.key(event, photo, at)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    return el("li", {}, button, ...(caption === "" ? [] : [el("p", { class: "caption" }, caption)]));
  }

  /** Whether the key means something here. */
  private key(event: KeyboardEvent, photo: Item, at: number): boolean {
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key];
    if (step !== undefined) {
      this.focus(at + step);
      if (event.shiftKey) this.select(Math.min(Math.max(at + step, 0), this.photos.length - 1), true);
      return true;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "a") {
      this.selectAll();
      return true;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "x") {
      this.select(at, false);
      return true;
    }
    if (event.key === "Escape") {
      this.clear();
      return true;
    }
    const done = this.use.key(event, this.meant(photo));
    void done?.then((gone) => gone && this.focus(at));
    return done !== null;
  }
}
