// SPDX-License-Identifier: Apache-2.0
// What the photos of a project are grouped by.
import { el } from "../src/dom";
import * as api from "./api";
import type { Studio } from "./studio";

const kTexts: Record<api.Grouping, string> = {
  classes: "one class each, by folder",
  nested: "one class each, by folders within folders",
  labels: "several labels each",
};

/** A choice, and what it means for these photos. */
export function groupingChoice(studio: Studio): { element: HTMLElement; update(state: api.State): void } {
  const select = el("select", {}, ...Object.entries(kTexts).map(([value, text]) => el("option", { value }, text)));
  const note = el("p", { class: "note" });
  select.addEventListener("change", () => {
    api.group(select.value as api.Grouping).then(
      () => studio.refresh(),
      (error) => studio.fail(error),
    );
  });
  const explain = (state: api.State): string => {
    if (state.grouping === "nested") return "Each folder with photos is a class; name a new one such as animal/dog.";
    if (state.grouping === "labels") return `The labels stand in ${state.project}/labels.csv; photos may lie in any folder.`;
    const holds = state.classes.filter((one) => one.has_folders).map((one) => one.name);
    if (holds.length === 0) return "";
    return `${holds.slice(0, 3).join(", ")}${holds.length > 3 ? " and others" : ""}: with folders in it, whose photos all count as this class.`;
  };
  return {
    element: el("div", { class: "grouping" }, el("label", { class: "field" }, "Photos have", select), note),
    update(state) {
      if (document.activeElement !== select) select.value = state.grouping;
      note.textContent = explain(state);
      note.hidden = note.textContent === "";
    },
  };
}
