// SPDX-License-Identifier: Apache-2.0
// The page of graft serve: choose or take photos, see the answers and where they come from, correct them.
import { el } from "../src/dom";
import * as api from "./api";
import { correction } from "./correction";
import { liveView } from "./live";
import { photoCard } from "./photo";

const main = document.getElementById("main") as HTMLElement;
const sentence = document.getElementById("model") as HTMLElement;

function chooser(label: string, first: boolean, camera: boolean, add: (photos: File[]) => void): HTMLElement {
  const input = el("input", { type: "file", accept: "image/*", multiple: !camera });
  if (camera) input.setAttribute("capture", "environment");
  input.addEventListener("change", () => {
    add(Array.from(input.files ?? []));
    input.value = "";
  });
  return el("label", { class: first ? "button first" : "button" }, label, input);
}

function modelChoice(all: api.Model[], changed: (model: api.Model) => void): HTMLElement[] {
  if (all.length < 2) return [];
  const select = el("select", {}, ...all.map((model) => el("option", { value: model.name }, model.name)));
  select.addEventListener("change", () => {
    const model = all.find((one) => one.name === select.value);
    if (model !== undefined) changed(model);
  });
  return [el("label", { class: "field" }, "Model", select)];
}

function start(found: api.Models): void {
  let model = found.models[0];
  if (model === undefined) return;
  const describe = (): void => {
    if (model === undefined) return;
    const what = { class: `${model.classes.length} classes`, labels: `${model.classes.length} labels`, numbers: model.classes.join(", ") }[model.kind];
    sentence.textContent = `${model.name}: ${what}`;
  };
  const hint = el("p", { class: "note" }, found.collects ? "Where an answer is wrong, say what is right: the photo is kept on the computer for the next training." : "");
  hint.hidden = !found.collects;
  const list = el("div", { "aria-live": "polite" });
  const add = (photos: File[]): void => {
    const chosen = model;
    if (chosen === undefined) return;
    for (const photo of photos) list.prepend(photoCard(photo, chosen, (answer) => (found.collects ? [correction(photo, chosen, answer)] : [])));
  };
  main.append(
    ...modelChoice(found.models, (chosen) => {
      model = chosen;
      describe();
    }),
    el("div", { class: "actions" }, chooser("Take a photo", true, true, add), chooser("Choose photos", false, false, add), ...liveView(() => model, (photo) => add([photo]))),
    hint,
    list,
  );
  describe();
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("drop");
  });
  document.addEventListener("dragleave", () => document.body.classList.remove("drop"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("drop");
    add(Array.from(event.dataTransfer?.files ?? []));
  });
}

function load(): void {
  api.models().then(start, (error: Error) => {
    const said = el("p", { class: "error", role: "alert" }, error.message);
    const again = el("button", { type: "button" }, "Try again");
    again.addEventListener("click", () => {
      said.remove();
      again.remove();
      load();
    });
    main.append(said, again);
  });
}
load();
