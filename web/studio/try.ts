// SPDX-License-Identifier: Apache-2.0
// Try a round with photos or the camera.
import { el } from "../src/dom";
import type { Model } from "../phone/api";
import { liveView } from "../phone/live";
import { photoCard } from "../phone/photo";
import * as api from "./api";
import { chosenFiles, type Dropped, droppedFiles } from "./drop";
import { roundChoice, type Studio, type View } from "./studio";

const kMost = 50;

export function tryView(studio: Studio): View {
  const list = el("div", { class: "tried", "aria-live": "polite" });
  const none = el("p", { class: "note" }, "There is nothing to try yet: train first.");
  const work = el("div", {});
  const rounds = roundChoice("Which round", () => undefined);
  const model = (): Model | undefined => {
    const round = studio.state?.rounds.find((one) => one.name === rounds.value());
    return round === undefined ? undefined : { name: round.name, version: "", kind: round.kind, classes: round.classes, ready: true };
  };

  /** "Wrong?": the photo joins its right class, or gets a label. */
  function teach(photo: File, byLabel: boolean, names: string[]): HTMLElement {
    const select = el("select", {}, el("option", { value: "" }, byLabel ? "add it with a label" : "add it to a class"), ...names.map((name) => el("option", { value: name }, name)));
    const field = el("label", { class: "field" }, "Wrong? Teach it", select);
    const keep = async (to: string): Promise<void> => {
      const { name } = await api.addPhoto(byLabel ? "" : to, photo, photo.name);
      if (byLabel) await api.addLabel([name], to);
      field.replaceWith(el("p", { class: "note", role: "status" }, byLabel ? `Added with the label ${to}; give it others under Photos.` : `Added to ${to}; the next training learns it.`));
      await studio.refresh();
    };
    select.addEventListener("change", () => {
      if (select.value !== "") keep(select.value).catch((error) => studio.fail(error));
    });
    return field;
  }

  const add = (files: File[]): void => {
    const chosen = model();
    if (chosen === undefined) return;
    for (const photo of files) {
      const card = photoCard(photo, chosen, false);
      const state = studio.state, tags = state?.tags ?? null;
      // What a round of another grouping answers is no class or label of the project now.
      if (state !== null && chosen.kind === (tags === null ? "class" : "labels"))
        card.append(teach(photo, tags !== null, (tags?.labels ?? state.classes).map((one) => one.name)));
      list.prepend(card);
    }
  };
  const take = (files: Dropped[]): void =>
    void Promise.all(files.slice(0, kMost).map((one) => one.read())).then(
      (photos) => {
        add(photos);
        if (files.length > kMost) studio.say(`The first ${kMost} of ${files.length} photos are shown; graft predict answers for any number.`);
      },
      (error) => studio.fail(error),
    );
  const input = el("input", { type: "file", accept: "image/*", multiple: true });
  input.addEventListener("change", () => {
    chosenFiles(input)
      .then(take, (error) => studio.fail(error))
      .finally(() => (input.value = ""));
  });
  const area = el("div", { class: "dropzone" }, el("p", {}, "Drop photos here"), el("div", { class: "row" }, el("label", { class: "button first" }, "Choose photos", input), ...liveView(model, (photo) => add([photo]))));
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("drop");
  });
  area.addEventListener("dragleave", () => area.classList.remove("drop"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("drop");
    droppedFiles(event).then(take, (error) => studio.fail(error));
  });
  work.append(rounds.field, area, list);

  return {
    id: "try",
    title: "Try",
    show(root) {
      root.append(el("h2", {}, "Try it"), none, work);
    },
    update(state) {
      none.hidden = state.rounds.length > 0;
      work.hidden = !none.hidden;
      rounds.update(state);
    },
  };
}
