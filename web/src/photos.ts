// SPDX-License-Identifier: Apache-2.0
// Photos of the page: cards, and a dialog that shows one of them larger.
import { answerOf, isAnswered, type Photo, type Report } from "./data";
import { el, table } from "./dom";
import { percent, short } from "./text";

/** Sets the picture of an image when it comes near the screen, so that a large page opens quickly. */
class LazyPictures {
  private readonly waiting = new Map<Element, string>();
  private readonly observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) if (entry.isIntersecting) this.show(entry.target);
    },
    { rootMargin: "600px" },
  );

  constructor() {
    // Paper has no scrolling: what is in the page is shown before it is printed.
    window.addEventListener("beforeprint", () => {
      for (const image of [...this.waiting.keys()]) if (image.isConnected) this.show(image);
    });
  }

  add(image: HTMLImageElement, url: string): void {
    this.waiting.set(image, url);
    this.observer.observe(image);
  }

  private show(image: Element): void {
    const url = this.waiting.get(image);
    if (url === undefined) return;
    this.waiting.delete(image);
    this.observer.unobserve(image);
    (image as HTMLImageElement).decoding = "sync";
    (image as HTMLImageElement).src = url;
  }
}

const kLabelLines = 4; // on a card

export class PhotoViews {
  private readonly lazy = new LazyPictures();
  private readonly dialog = el("dialog", { class: "photo-dialog", "aria-label": "Photo" });
  private listed: number[] = [];

  constructor(
    private readonly report: Report,
    private readonly urls: string[],
  ) {
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowRight") this.turn(1);
      if (event.key === "ArrowLeft") this.turn(-1);
    });
    document.body.append(this.dialog);
  }

  /** Cards of photos (positions in the report); a click opens one, from which one can turn to those in `among`. */
  grid(photos: number[], among = photos): HTMLElement {
    return el("ul", { class: "grid" }, ...photos.map((index) => el("li", {}, this.card(index, among))));
  }

  card(index: number, among: number[]): HTMLElement {
    const photo = this.report.photos.items[index];
    if (photo === undefined) return el("span");
    return el(
      "button",
      { class: "card", type: "button", "data-photo": String(index), click: () => this.open(index, among) },
      this.picture(index, ""),
      ...this.captionOf(photo),
    );
  }

  /** The picture, or a place that says that the file could not be read. */
  picture(index: number, alt: string): HTMLElement {
    const url = this.urls[index] ?? "";
    if (url === "") return el("span", { class: "no-picture" }, "the file cannot be read");
    const image = el("img", { alt, class: "picture" });
    this.lazy.add(image, url);
    return el("span", { class: "frame" }, image);
  }

  private captionOf(photo: Photo): HTMLElement[] {
    if (photo.numbers !== undefined) {
      const lines = photo.numbers.map(([truth, answer], k) =>
        el("span", { class: "truth" }, el("bdi", {}, this.numberName(k)), ` ${short(answer)}, true: ${short(truth)}`),
      );
      return [el("span", { class: "caption" }, ...lines)];
    }
    if (photo.labels !== undefined) return [el("span", { class: "caption" }, ...this.labelLines(photo.labels))];
    if (!isAnswered(photo)) return [el("span", { class: "caption" }, fileName(photo.file))];
    const right = answerOf(photo) === photo.truth;
    const [, probability] = photo.top[0] ?? [0, 0];
    const lines = [
      el(
        "span",
        { class: right ? "verdict right" : "verdict wrong" },
        el("span", { "aria-hidden": "true" }, right ? "✓ " : "✗ "),
        el("span", { class: "hidden" }, right ? "right: " : "wrong: "),
        el("bdi", {}, this.nameOf(answerOf(photo))),
        ` · ${percent(probability, 0)}`,
      ),
    ];
    lines.push(el("span", { class: "truth" }, `true: ${this.nameOf(photo.truth)}`));
    return [el("span", { class: "caption" }, ...lines)];
  }

  /** The mistakes first, then the labels that are right. */
  private labelLines(labels: NonNullable<Photo["labels"]>): HTMLElement[] {
    const rows = labels.filter(([, , has, given]) => has + given > 0).sort((a, b) => Math.abs(b[2] - b[3]) - Math.abs(a[2] - a[3]));
    if (rows.length === 0) return [el("span", { class: "truth" }, "no label, none given")];
    const lines = rows.slice(0, kLabelLines).map(([k, probability, has, given]) => {
      const right = has === given;
      return el(
        "span",
        { class: right ? "verdict right" : "verdict wrong" },
        el("span", { "aria-hidden": "true" }, right ? "✓ " : "✗ "),
        right ? "" : has === 1 ? "missed: " : "wrong: ",
        el("bdi", {}, this.nameOf(k)),
        ` · ${percent(probability, 0)}`,
      );
    });
    if (rows.length > kLabelLines) lines.push(el("span", { class: "truth" }, `and ${rows.length - kLabelLines} more`));
    return lines;
  }

  open(index: number, among: number[]): void {
    this.listed = among;
    this.fill(index);
    if (!this.dialog.open) this.dialog.showModal();
  }

  private turn(by: number): void {
    const at = this.listed.indexOf(Number(this.dialog.dataset["photo"]));
    const next = this.listed[(at + by + this.listed.length) % this.listed.length];
    if (next !== undefined) this.fill(next);
  }

  private fill(index: number): void {
    const photo = this.report.photos.items[index];
    if (photo === undefined) return;
    this.dialog.dataset["photo"] = String(index);
    const several = this.listed.length > 1;
    this.dialog.replaceChildren(
      el(
        "div",
        { class: "dialog-bar" },
        ...(several ? [el("button", { type: "button", class: "plain", click: () => this.turn(-1) }, "← Previous")] : []),
        ...(several ? [el("button", { type: "button", class: "plain", click: () => this.turn(1) }, "Next →")] : []),
        el("button", { type: "button", class: "plain", autofocus: true, click: () => this.dialog.close() }, "Close"),
      ),
      this.large(index),
    );
  }

  /** A photo with its classes and their probabilities. */
  large(index: number): HTMLElement {
    const photo = this.report.photos.items[index];
    if (photo === undefined) return el("div");
    const name = fileName(photo.file);
    if (photo.numbers !== undefined) return this.largeNumbers(index, photo, photo.numbers);
    if (photo.labels !== undefined) return this.largeLabels(index, photo, photo.labels);
    if (!isAnswered(photo)) return el("div", { class: "large" }, this.picture(index, name), el("p", { class: "path" }, photo.file));
    const right = answerOf(photo) === photo.truth;
    const bars = photo.top.map(([k, probability]) => {
      const bar = el("span", { class: k === photo.truth ? "bar true" : "bar" });
      bar.style.width = `${100 * probability}%`;
      return el(
        "tr",
        {},
        el("th", { scope: "row" }, this.nameOf(k)),
        el("td", { class: "bar-cell" }, bar),
        el("td", { class: "number" }, percent(probability)),
      );
    });
    return this.beside(
      index,
      photo,
      `Photo ${name}, true class ${this.nameOf(photo.truth)}`,
      el(
        "p",
        { class: right ? "verdict right" : "verdict wrong" },
        right ? "✓ right: " : "✗ wrong: ",
        `answered ${this.nameOf(answerOf(photo))}, true ${this.nameOf(photo.truth)}`,
      ),
      el("table", { class: "bars" }, el("caption", { class: "hidden" }, "Most probable classes"), el("tbody", {}, ...bars)),
    );
  }

  /** A photo with its labels, true and given. */
  private largeLabels(index: number, photo: Photo, labels: NonNullable<Photo["labels"]>): HTMLElement {
    const rows = labels.map(([k, probability, has, given]) => [this.nameOf(k), percent(probability), given === 1 ? "given" : "", has === 1 ? "has it" : "", has === given ? "✓" : "✗"]);
    const caption = `Photo ${fileName(photo.file)}`;
    return this.beside(index, photo, caption, table("Labels of the photo", ["label", "probability", "answer", "true", "right"], rows, [1]));
  }

  /** A photo with its numbers, true and answered. */
  private largeNumbers(index: number, photo: Photo, numbers: [truth: number, answer: number][]): HTMLElement {
    const rows = numbers.map(([truth, answer], k) => [this.numberName(k), short(answer), short(truth), short(answer - truth)]);
    const caption = `Photo ${fileName(photo.file)}`;
    return this.beside(index, photo, caption, table("Numbers of the photo", ["number", "answer", "true", "error"], rows, [1, 2, 3]));
  }

  /** The picture, and beside it what is said of the photo, its file and its part. */
  private beside(index: number, photo: Photo, caption: string, ...said: HTMLElement[]): HTMLElement {
    return el(
      "div",
      { class: "large" },
      this.picture(index, caption),
      el("div", {}, ...said, el("p", { class: "path" }, photo.file), el("p", { class: "muted" }, partText(photo))),
    );
  }

  private numberName(k: number): string {
    return this.report.numbers?.[k]?.name ?? "";
  }

  private nameOf(k: number): string {
    return this.report.classes[k] ?? "";
  }
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function partText(photo: Photo): string {
  if (photo.fold !== undefined) return `${photo.part ?? ""} photo, answered by a head that had not seen it (fold ${photo.fold})`;
  const byHead = photo.numbers !== undefined || (photo.labels !== undefined && photo.by_model !== true);
  if (byHead && photo.part !== "test") return `${photo.part ?? ""} photo, answered by a head that had not seen it`;
  return `${photo.part ?? ""} photo, answered by the model`;
}
