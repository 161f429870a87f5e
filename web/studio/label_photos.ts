// SPDX-License-Identifier: Apache-2.0
// What can be done with photos that have labels: give and take labels, look at them, remove them.
import { el } from "../src/dom";
import type { Labels, TaggedPhoto } from "./api";
import { chooseName } from "./choose";
import type { GridUse } from "./grid";
import { LargePhoto } from "./large";
import { counted, type Studio } from "./studio";

export const labelText = (labels: Labels): string => (labels === null ? "not looked at" : labels.length === 0 ? "none of the labels" : labels.join(", "));

const labelsOf = (studio: Studio): string[] => (studio.state?.tags?.labels ?? []).map((one) => one.name);
/** The label that a key from 1 to 9 means. */
const labelOfKey = (studio: Studio, event: KeyboardEvent): string | undefined => (/^[1-9]$/.test(event.key) ? labelsOf(studio)[Number(event.key) - 1] : undefined);

/** A photo in full size with its labels. */
function enlarge(studio: Studio, photo: TaggedPhoto, from: HTMLElement): void {
  const large = new LargePhoto(photo, photo.name, from);
  let now: Labels = photo.labels;
  const box = el("div", { class: "row" });
  const set = async (to: Labels): Promise<void> => {
    if (await studio.changeLabels([{ name: photo.name, from: now, to }])) now = to;
    show();
  };
  const toggle = (label: string): void => {
    const has = now ?? [];
    void set((has.includes(label) ? has.filter((one) => one !== label) : [...has, label]).sort());
  };
  const show = (): void => {
    const has = new Set(now ?? []);
    const names = [...new Set([...labelsOf(studio), ...has])].sort();
    box.replaceChildren(
      ...names.map((name) => el("button", { type: "button", "aria-pressed": String(has.has(name)), click: () => toggle(name) }, name)),
      el("button", { type: "button", "aria-pressed": String(now !== null && now.length === 0), click: () => void set([]) }, "None of the labels"),
    );
  };
  const input = el("input", { type: "text", "aria-label": "Another label", placeholder: "Another label", maxlength: "60", autocomplete: "off" });
  const form = el("form", { class: "row" }, input, el("button", { type: "submit" }, "Give"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const label = input.value.trim();
    input.value = "";
    if (label !== "" && !(now ?? []).includes(label)) void set([...(now ?? []), label].sort());
  });
  const remove = async (): Promise<void> => {
    if (await studio.remove(photo)) large.close();
  };
  show();
  large.open([box, form], [el("button", { type: "button", click: () => void remove() }, "Remove the photo")], (event) => {
    const label = labelOfKey(studio, event);
    if (label !== undefined) toggle(label);
    else if (event.key === "0") void set([]);
    else if (event.key === "Backspace") void set(null);
    else if (event.key === "Delete") void remove();
    else return false;
    return true;
  });
}

export function labelPhotos(studio: Studio): GridUse<TaggedPhoto> {
  const set = async (photos: TaggedPhoto[], to: (labels: Labels) => Labels): Promise<boolean> => {
    await studio.changeLabels(photos.map((photo) => ({ name: photo.name, from: photo.labels, to: to(photo.labels) })));
    return false; // they stay in the grid where their group is the same
  };
  /** Gives the label to all; takes it where all have it. */
  const toggle = (photos: TaggedPhoto[], label: string): Promise<boolean> => {
    const all = photos.every((photo) => photo.labels?.includes(label) === true);
    return set(photos, (labels) => (all ? (labels ?? []).filter((one) => one !== label) : [...new Set([...(labels ?? []), label])].sort()));
  };
  const any = async (photos: TaggedPhoto[]): Promise<boolean> => {
    const label = await chooseName(photos.length === 1 ? "Which label?" : `Which label for ${counted(photos.length, "photo", "photos")}?`, labelsOf(studio), "A label, also a new one");
    return label !== null && toggle(photos, label);
  };
  return {
    caption: (photo) => labelText(photo.labels),
    open: (photo, from) => enlarge(studio, photo, from),
    key(event, photos) {
      const label = labelOfKey(studio, event);
      if (label !== undefined) return toggle(photos, label);
      if (event.key === "0") return set(photos, () => []);
      if (event.key === "Backspace") return set(photos, () => null);
      if (event.key === "Delete") return studio.removeAll(photos);
      return event.key === "l" ? any(photos) : null;
    },
    actions: [
      { text: "Label …", act: any },
      { text: "None of the labels", act: (photos) => set(photos, () => []) },
      { text: "Remove", act: (photos) => studio.removeAll(photos) },
    ],
  };
}
