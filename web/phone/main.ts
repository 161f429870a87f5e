// SPDX-License-Identifier: Apache-2.0
// The page of graft serve: choose or take photos, see the answers and where they come from, correct them.
import { el } from "../src/dom";
import * as api from "./api";
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
    if (model !== undefined) sentence.textContent = `${model.name}: ${model.classes.length} ${{ class: "classes", labels: "labels", numbers: "numbers" }[model.kind]}`;
  };
  const list = el("div", { "aria-live": "polite" });
  const add = (photos: File[]): void => {
    for (const photo of photos) if (model !== undefined) list.prepend(photoCard(photo, model, found.collects));
  };
  main.append(
    ...modelChoice(found.models, (chosen) => {
      model = chosen;
      describe();
    }),
    el("div", { class: "actions" }, chooser("Take a photo", true, true, add), chooser("Choose photos", false, false, add), ...liveView(() => model, (photo) => add([photo]))),
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

api.models().then(start, (error: Error) => main.append(el("p", { class: "error", role: "alert" }, error.message)));
