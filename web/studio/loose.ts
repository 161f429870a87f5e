// SPDX-License-Identifier: Apache-2.0
// What to do with photos that lie in the project's own folder, and with lists of labels.
import { el } from "../src/dom";
import * as api from "./api";
import { counted, type Studio } from "./studio";

/** Fills `box`; empty where there is nothing to say. */
export function looseNotes(studio: Studio, state: api.State, box: HTMLElement): void {
  const { photos, lists } = state.loose;
  const key = JSON.stringify([photos, lists, state.classes.length > 0]);
  if (box.dataset.of === key) return;
  box.dataset.of = key;
  box.replaceChildren();
  if (photos === 0 && lists.length === 0) return;
  const panel = el("section", { class: "panel loose", "aria-label": "Files without a class" });
  if (photos > 0) {
    const move = async (): Promise<void> => {
      const to = await studio.chooseClass(`Which class do the ${counted(photos, "photo", "photos")} belong to?`);
      if (to === null) return;
      const { moved } = await api.moveLoose(to);
      studio.say(`${counted(moved, "photo", "photos")} moved to ${to}.`);
      await studio.refresh();
    };
    const button = el("button", { type: "button", click: () => void move().catch((error) => studio.fail(error)) }, "Move them to a class");
    panel.append(
      el("p", {}, `${counted(photos, "photo lies", "photos lie")} in the project's own folder and belong to no class, so a training leaves them out.`),
      el("div", { class: "row" }, state.classes.length > 0 ? button : el("span", { class: "note" }, "Make a class, then move them to it.")),
    );
  }
  for (const list of lists.slice(0, 3)) {
    const command = `graft train ${state.project} --labels ${state.project}/${list}`;
    panel.append(
      el("p", {}, `${list} may be a list of labels. ${list === "labels.csv" ? "Choose that photos have several labels (on the left) to work with it here. Or in" : "With classes by folder the studio does not read it. In"} a terminal, in the folder that holds ${state.project}:`),
      el("p", { class: "address" }, command),
      el("p", { class: "note" }, "With --multi-label a photo may have several labels, with --target-column NAME it has a number. The model appears under Rounds, and can be tried here."),
    );
  }
  box.append(panel);
}
