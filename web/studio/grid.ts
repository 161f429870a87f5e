// SPDX-License-Identifier: Apache-2.0
// The photos of a class as tiles: look at them, select some, move and remove them with keys or the mouse.
import { el } from "../src/dom";
import type { NamedPhoto, Photo } from "./api";
import { picture } from "./picture";
import { counted, type Studio } from "./studio";

export const kPhotoType = "application/x-graft-photos";
const kButtons = 12;

/** A photo in full size; closes itself when it has left its class. */
function enlarge(studio: Studio, photo: Photo, from: HTMLElement): void {
  const dialog = el("dialog", { "aria-label": photo.name });
  const close = (): void => {
    dialog.close();
    dialog.remove();
    from.focus();
  };
  const others = (studio.state?.classes ?? []).filter((one) => one.name !== photo.class);
  const leave = (done: Promise<boolean>): void => void done.then((gone) => gone && close());
  const moveTo = async (): Promise<void> => {
    const to = await studio.chooseClass("Move to which class?", photo.class);
    if (to !== null) leave(studio.move(photo, to));
  };
  const moves =
    others.length <= kButtons
      ? others.map((one) => el("button", { type: "button", click: () => leave(studio.move(photo, one.name)) }, `Move to ${one.name}`))
      : [el("button", { type: "button", click: () => void moveTo() }, "Move to …")];
  dialog.append(
    picture(photo, "large", photo.name),
    el("p", {}, `${photo.class} / ${photo.name}`),
    el("div", { class: "row" }, ...moves, el("button", { type: "button", click: () => leave(studio.remove(photo)) }, "Remove"), el("button", { type: "button", class: "first", click: close }, "Close")),
  );
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

export class PhotoGrid {
  readonly element = el("ul", { class: "grid", "aria-label": "Photos" });
  /** What can be done with the photos that are selected. */
  readonly bar = el("div", { class: "row selection", role: "group", "aria-label": "Selected photos" });
  private photos: Photo[] = [];
  private readonly chosen = new Set<string>();
  private selecting = false; // a tap selects, for screens without a keyboard
  private from = 0; // where a range begins

  constructor(private readonly studio: Studio) {
    this.bar.hidden = true;
  }

  show(photos: Photo[]): void {
    const focused = this.tiles().indexOf(document.activeElement as HTMLButtonElement);
    this.photos = photos;
    const names = new Set(photos.map((photo) => photo.name));
    for (const name of [...this.chosen]) if (!names.has(name)) this.chosen.delete(name);
    this.element.replaceChildren(...photos.map((photo, at) => this.tile(photo, at)));
    this.mark();
    if (focused >= 0) this.focus(focused);
  }

  /** Ends a selection, as when another class is shown. */
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

  /** The selected photos where this one is among them, else it alone. */
  private meant(photo: Photo): NamedPhoto[] {
    return this.chosen.has(photo.name) ? this.selected() : [photo];
  }

  private selected(): Photo[] {
    return this.photos.filter((photo) => this.chosen.has(photo.name));
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
    const of = this.selected()[0]?.class ?? "";
    const move = async (): Promise<void> => {
      const to = await this.studio.chooseClass(`Move ${counted(count, "photo", "photos")} to which class?`, of);
      if (to !== null) await this.studio.moveAll(this.selected(), to);
    };
    const button = (text: string, click: () => void, needs: boolean): HTMLElement => {
      const made = el("button", { type: "button", click }, text);
      made.disabled = needs && count === 0;
      return made;
    };
    this.bar.replaceChildren(
      el("span", { role: "status" }, count === 0 ? "Choose photos." : `${counted(count, "photo", "photos")} selected.`),
      button("Move to …", () => void move(), true),
      button("Remove", () => void this.studio.removeAll(this.selected()), true),
      button("Select all shown", () => this.selectAll(), false),
      button("Done", () => this.clear(), false),
    );
  }

  private selectAll(): void {
    for (const photo of this.photos) this.chosen.add(photo.name);
    this.mark();
  }

  private tile(photo: Photo, at: number): HTMLElement {
    const button = el("button", { type: "button", class: "tile", draggable: "true", title: photo.name }, picture(photo, "small", photo.name));
    button.addEventListener("click", (event) => {
      if (event.shiftKey) this.select(at, true);
      else if (event.ctrlKey || event.metaKey || this.selecting) this.select(at, false);
      else enlarge(this.studio, photo, button);
    });
    button.addEventListener("dragstart", (event) => event.dataTransfer?.setData(kPhotoType, JSON.stringify(this.meant(photo))));
    button.addEventListener("keydown", (event) => {
      const done = this.key(event, photo, at);
      if (!done) return;
      event.preventDefault();
      event.stopPropagation();
    });
    return el("li", {}, button);
  }

  /** Whether the key means something here. */
  private key(event: KeyboardEvent, photo: Photo, at: number): boolean {
    const columns = getComputedStyle(this.element).gridTemplateColumns.split(" ").length;
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key];
    if (step !== undefined) {
      this.focus(at + step);
      if (event.shiftKey) this.select(Math.min(Math.max(at + step, 0), this.photos.length - 1), true);
      return true;
    }
    const leave = (done: Promise<boolean>): boolean => {
      void done.then((gone) => gone && this.focus(at));
      return true;
    };
    if ((event.ctrlKey || event.metaKey) && event.key === "a") {
      this.selectAll();
      return true;
    }
    const to = this.studio.classOfKey(event);
    if (to !== undefined) return leave(this.studio.moveAll(this.meant(photo), to));
    if (event.key === "Delete") return leave(this.studio.removeAll(this.meant(photo)));
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "m") return leave(this.studio.chooseClass("Move to which class?", photo.class).then((name) => name !== null && this.studio.moveAll(this.meant(photo), name)));
    if (event.key === "x") this.select(at, false);
    else if (event.key === "Escape") this.clear();
    else return false;
    return true;
  }
}
