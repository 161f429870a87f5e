// SPDX-License-Identifier: Apache-2.0
// A photo in full size over the page: arrows go on to the photos beside it.
import { el } from "../src/dom";
import type { Photo } from "./api";
import { picture } from "./picture";

/** The tiles of the grid as it is now: a change of labels draws it again. */
const tiles = (): HTMLElement[] => Array.from(document.querySelectorAll<HTMLElement>(".grid button.tile"));

export class LargePhoto {
  private readonly dialog: HTMLDialogElement;
  private readonly index: number;

  /** from: the tile that was opened. */
  constructor(
    private readonly photo: Photo,
    caption: string,
    from: HTMLElement,
  ) {
    this.dialog = el("dialog", { "aria-label": photo.name }, picture(photo, "large", photo.name), el("p", {}, caption));
    this.index = tiles().indexOf(from);
  }

  close(): void {
    this.dialog.close();
    this.dialog.remove();
    this.beside(0)?.focus();
  }

  /** parts: below the photo. actions: buttons beside those of the dialog itself. key: true where a key means something. */
  open(parts: HTMLElement[], actions: HTMLElement[], key: (event: KeyboardEvent) => boolean): void {
    const go = (step: number): void => {
      const tile = this.beside(step);
      if (tile === undefined) return;
      this.close();
      tile.click();
    };
    const turn = (text: string, step: number): HTMLButtonElement => {
      const button = el("button", { type: "button", click: () => go(step) }, text);
      button.disabled = this.beside(step) === undefined;
      return button;
    };
    const done = el("button", { type: "button", class: "first", click: () => this.close() }, "Close");
    this.dialog.append(...parts, el("div", { class: "row" }, ...actions, turn("Previous", -1), turn("Next", 1), done));
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    this.dialog.addEventListener("keydown", (event) => {
      if ((event.target as HTMLElement).tagName === "INPUT") return;
      if (event.key === "ArrowLeft") go(-1);
      else if (event.key === "ArrowRight") go(1);
      else if (event.ctrlKey || event.metaKey || event.altKey || !key(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    done.focus(); // not a button that moves the photo
  }

  /** The tile some steps on from this photo's, or from its place where it has left the grid. */
  private beside(step: number): HTMLElement | undefined {
    const all = tiles(), at = all.findIndex((tile) => tile.title === this.photo.name);
    if (at >= 0) return all[at + step];
    return all[Math.min(this.index + Math.min(step, 0), all.length - 1)];
  }
}
