// SPDX-License-Identifier: Apache-2.0
// Pictures of photos: fetched when they come into view, a few at a time.
import { el } from "../src/dom";
import * as api from "./api";

interface Wanted {
  image: HTMLImageElement;
  photo: { class: string; name: string; stamp?: string };
  size: "small" | "large";
}
const kAtOnce = 6;
const waiting: Wanted[] = [];
let running = 0;

function next(): void {
  while (running < kAtOnce && waiting.length > 0) {
    const wanted = waiting.shift();
    // What has left the page meanwhile is not fetched.
    if (wanted === undefined || !wanted.image.isConnected) continue;
    ++running;
    api
      .picture(wanted.photo, wanted.size)
      .then((blob) => {
        const address = URL.createObjectURL(blob);
        const done = (): void => URL.revokeObjectURL(address);
        wanted.image.addEventListener("load", done, { once: true });
        wanted.image.addEventListener("error", done, { once: true });
        wanted.image.src = address;
      })
      .catch(() => wanted.image.classList.add("missing"))
      .finally(() => {
        --running;
        next();
      });
  }
}

const wantedBy = new WeakMap<Element, Wanted>();
const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      const wanted = wantedBy.get(entry.target);
      if (wanted !== undefined) waiting.push(wanted);
    }
    next();
  },
  { rootMargin: "300px" },
);

/** An image that fills itself. */
export function picture(photo: { class: string; name: string; stamp?: string }, size: "small" | "large", alt: string): HTMLImageElement {
  const image = el("img", { alt });
  wantedBy.set(image, { image, photo, size });
  seen.observe(image);
  return image;
}
