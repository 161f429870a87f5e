// SPDX-License-Identifier: Apache-2.0
// Try a round with photos or the camera.
import { el } from "../src/dom";
import type { Model, Photo as Answer } from "../phone/api";
import { labelForm, opened } from "../phone/correction";
import { liveView } from "../phone/live";
import { photoCard } from "../phone/photo";
import * as api from "./api";
import { chosenFiles, type Dropped, droppedFiles } from "./drop";
import { roundChoice, type Studio, trainFirst, type View } from "./studio";

const kMost = 50;

export function tryView(studio: Studio): View {
  const list = el("div", { class: "tried", "aria-live": "polite" });
  const none = trainFirst(studio, "There is nothing to try yet.");
  const work = el("div", {});
  const clear = el("button", { type: "button", class: "quiet" }, "Clear the answers");
  clear.hidden = true;
  clear.addEventListener("click", () => {
    list.replaceChildren();
    clear.hidden = true;
  });
  const rounds = roundChoice("Which round", () => undefined);
  const model = (): Model | undefined => {
    const round = studio.state?.rounds.find((one) => one.name === rounds.value());
    return round === undefined ? undefined : { name: round.name, version: "", kind: round.kind, classes: round.classes, ready: true };
  };

  /** The photo joins the class `to`, or with labels the project. said: what was done. */
  async function teachPhoto(photo: File, to: string, said: string, labels: api.Labels, box: HTMLElement): Promise<void> {
    const { name, known } = await api.addPhoto(to, photo, photo.name);
    if (known) {
      box.replaceChildren(el("p", { class: "note", role: "status" }, to === "" ? "It is in the project already: change its labels under Photos." : `It is in ${to} already.`));
      return;
    }
    if (labels !== null) await api.changeLabels([{ name, from: null, to: labels }]);
    box.replaceChildren(el("p", { class: "note", role: "status" }, `${said} The next training learns it.`));
    studio.say(said, async () => {
      await api.removePhoto({ class: to, name });
      box.replaceChildren(el("p", { class: "note", role: "status" }, "Taken out of the project again."));
    });
    await studio.refresh();
  }

  function teachClass(photo: File, found: Answer): HTMLElement {
    const box = el("div", { class: "correction" });
    // Classes that the model thought of are the first.
    const all = (studio.state?.classes ?? []).map((one) => one.name);
    const likely = (found.predictions ?? []).map((one) => one.name).filter((name) => all.includes(name));
    const select = el("select", {}, el("option", { value: "" }, "add it to a class"), ...[...new Set([...likely, ...all])].map((name) => el("option", { value: name }, name)));
    select.addEventListener("change", () => {
      const to = select.value;
      if (to === "") return;
      select.disabled = true;
      teachPhoto(photo, to, `Added to ${to}.`, null, box).catch((error) => {
        select.disabled = false;
        select.value = "";
        studio.fail(error);
      });
    });
    box.append(el("label", { class: "field" }, "Wrong? Teach it", select));
    return box;
  }

  function teachLabels(photo: File, found: Answer): HTMLElement {
    const box = el("div", { class: "correction" });
    const names = (studio.state?.tags?.labels ?? []).map((one) => one.name);
    opened(box, "Wrong? Teach it", (cancel) =>
      labelForm(names, found.labels ?? [], {
        keep: (labels) => teachPhoto(photo, "", `Added with ${labels.length === 0 ? "none of the labels" : labels.join(", ")}.`, labels, box),
        cancel,
      }),
    );
    return box;
  }

  const add = (files: File[]): void => {
    const chosen = model(), round = studio.state?.rounds.find((one) => one.name === chosen?.name);
    if (chosen === undefined || round === undefined) return;
    // What a round of another grouping answers is no class or label of the project now.
    const below = (photo: File, found: Answer): HTMLElement[] => {
      const byLabel = studio.state?.tags != null;
      const said = el("p", { class: "note" }, `Round ${round.number} answered.`);
      if (chosen.kind !== (byLabel ? "labels" : "class")) return [said];
      return [byLabel ? teachLabels(photo, found) : teachClass(photo, found), said];
    };
    for (const photo of files) list.prepend(photoCard(photo, chosen, (found) => below(photo, found)));
    clear.hidden = false;
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
  work.append(rounds.field, area, el("div", { class: "row" }, clear), list);

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
