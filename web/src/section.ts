// SPDX-License-Identifier: Apache-2.0
// Sections of the page, and what they share.
import type { AnswerSet, Report } from "./data";
import { el, type Content } from "./dom";
import type { PhotoViews } from "./photos";

/** What a section is made of. */
export interface Context {
  report: Report;
  photos: PhotoViews;
}

/** What the sections about answers show: one of the sets. */
export interface SetContext extends Context {
  set: AnswerSet;
  setIndex: number;
}

export interface Section {
  id: string;
  title: string;
  /** In the list of sections; empty: the title. */
  short?: string;
  content: Content[];
}

export function sectionElement(section: Section): HTMLElement {
  const heading = `${section.id}-title`;
  return el(
    "section",
    { id: section.id, "aria-labelledby": heading },
    el("h2", { id: heading }, section.title),
    ...section.content,
  );
}

export function muted(text: string): HTMLElement {
  return el("p", { class: "muted" }, text);
}
