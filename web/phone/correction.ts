// SPDX-License-Identifier: Apache-2.0
// What is right of a photo, as a person says it: a class, any number of labels, or numbers.
import { el } from "../src/dom";
import * as api from "./api";

const kFiltered = 12; // more labels than this are found by a part of their name

export const labelsText = (labels: string[]): string => (labels.length === 0 ? "none of the labels" : labels.join(", "));
/** With as many digits as are worth reading. */
export const numberText = (value: number): string => String(Number(value.toPrecision(4)));

/** What a form does: keep() is waited for, and where it fails the form stays with the reason. */
interface FormUse<Choice> {
  keep(choice: Choice): Promise<void>;
  cancel(): void;
}

/** A form with Keep and Cancel around some fields. */
function keepForm<Choice>(label: string, fields: HTMLElement[], choice: () => Choice, use: FormUse<Choice>): HTMLFormElement {
  const keep = el("button", { type: "submit", class: "first" }, "Keep");
  const trouble = el("p", { class: "error", role: "alert" });
  trouble.hidden = true;
  const form = el("form", { class: "right", "aria-label": label }, ...fields, trouble, el("div", { class: "row" }, keep, el("button", { type: "button", click: () => use.cancel() }, "Cancel")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep.disabled = true;
    trouble.hidden = true;
    use.keep(choice()).catch((error: Error) => {
      keep.disabled = false;
      trouble.hidden = false;
      trouble.textContent = error.message;
    });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    use.cancel();
  });
  return form;
}

/** Labels to tick; `given` are ticked already. */
export function labelForm(names: string[], given: string[], use: FormUse<string[]>): HTMLFormElement {
  const chosen = new Set(given);
  const all = [...new Set([...names, ...given])];
  const checks = el("div", { class: "checks", role: "group", "aria-label": "Labels of this photo" });
  const result = el("p", { class: "note", role: "status" });
  const labels = (): string[] => [...chosen].sort();
  const describe = (): void => {
    result.textContent = `It has: ${labelsText(labels())}.`;
  };
  const check = (name: string): HTMLElement => {
    const input = el("input", { type: "checkbox" });
    input.checked = chosen.has(name);
    input.addEventListener("change", () => {
      if (input.checked) chosen.add(name);
      else chosen.delete(name);
      describe();
    });
    return el("label", { class: "check" }, input, el("span", {}, name));
  };
  const filter = el("input", { type: "text", "aria-label": "Part of a label's name", placeholder: "Part of the name", autocomplete: "off" });
  filter.hidden = all.length <= kFiltered;
  const show = (): void => {
    const part = filter.value.trim().toLowerCase();
    checks.replaceChildren(...all.filter((name) => name.toLowerCase().includes(part)).map(check));
  };
  filter.addEventListener("input", show);
  // Enter in the field for a part of a name is not meant to keep anything.
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  show();
  describe();
  return keepForm("Right labels", [filter, checks, result], labels, use);
}

/** Numbers to type; those of the answer stand there already. */
function numberForm(names: string[], values: string[], use: FormUse<string[]>): HTMLFormElement {
  const inputs = names.map((_, i) => el("input", { type: "number", step: "any", required: true, inputmode: "decimal", value: values[i] ?? "" }));
  const fields = inputs.map((input, i) => el("label", { class: "field" }, names[i] ?? "", input));
  return keepForm("Right numbers", fields, () => inputs.map((input) => input.value), use);
}

/** Says what was kept, with a button to think again. */
function showKept(box: HTMLElement, text: string, again: () => void): void {
  const change = el("button", { type: "button", click: again }, "Change");
  box.replaceChildren(el("p", { class: "note", role: "status" }, `Kept as ${text} for the next training.`), change);
  change.focus();
}

function chooseClass(box: HTMLElement, photo: Blob, model: api.Model, found: api.Photo, before = ""): void {
  // Those that the model thought of are the first.
  const likely = (found.predictions ?? []).map((one) => one.name).filter((name) => model.classes.includes(name));
  const names = [...new Set([...likely, ...model.classes])].filter((name) => name !== before);
  const select = el("select", {}, el("option", { value: "" }, "choose the right class"), ...names.map((name) => el("option", { value: name }, name)));
  select.addEventListener("change", () => {
    const right = select.value;
    if (right === "") return;
    select.disabled = true;
    api
      .collect(model.name, { class: right, instead: before }, photo)
      .then(() => showKept(box, right, () => chooseClass(box, photo, model, found, right)))
      .catch((error: Error) => {
        select.disabled = false;
        select.value = "";
        box.querySelector(".error")?.remove();
        box.append(el("p", { class: "error", role: "alert" }, error.message));
      });
  });
  box.replaceChildren(el("label", { class: "field" }, before === "" ? "Wrong?" : `Not ${before}?`, select));
  if (before !== "") select.focus();
}

/** A button that opens a form. open: makes it; its use is completed here. */
export function opened(box: HTMLElement, question: string, form: (cancel: () => void) => HTMLElement): void {
  const button = el("button", { type: "button" }, question);
  const cancel = (): void => {
    box.replaceChildren(button);
    button.focus();
  };
  button.addEventListener("click", () => {
    box.replaceChildren(form(cancel));
    box.querySelector<HTMLElement>("input:not([hidden])")?.focus();
  });
  box.replaceChildren(button);
}

function chooseLabels(box: HTMLElement, photo: Blob, model: api.Model, given: string[]): void {
  const ask = (labels: string[], cancel: () => void): HTMLElement =>
    labelForm(model.classes, labels, {
      async keep(right) {
        await api.collect(model.name, { labels: right }, photo);
        showKept(box, labelsText(right), () => again(right));
      },
      cancel,
    });
  const again = (labels: string[]): void => {
    const back = (): void => showKept(box, labelsText(labels), () => again(labels));
    box.replaceChildren(ask(labels, back));
    box.querySelector<HTMLElement>("input:not([hidden])")?.focus();
  };
  opened(box, "Wrong? Choose the right labels", (cancel) => ask(given, cancel));
}

function chooseNumbers(box: HTMLElement, photo: Blob, model: api.Model, answers: api.NumberAnswer[]): void {
  const text = (numbers: string[]): string => numbers.map((number, i) => `${model.classes[i] ?? ""} ${number}`).join(", ");
  const ask = (numbers: string[], cancel: () => void): HTMLElement =>
    numberForm(model.classes, numbers, {
      async keep(right) {
        await api.collect(model.name, { numbers: right }, photo);
        showKept(box, text(right), () => again(right));
      },
      cancel,
    });
  const again = (numbers: string[]): void => {
    const back = (): void => showKept(box, text(numbers), () => again(numbers));
    box.replaceChildren(ask(numbers, back));
    box.querySelector<HTMLElement>("input:not([hidden])")?.focus();
  };
  const given = answers.map((one) => numberText(one.value));
  opened(box, given.length === 1 ? "Wrong? Enter the right number" : "Wrong? Enter the right numbers", (cancel) => ask(given, cancel));
}

/** "Wrong?": what a person says is right, kept on the server's computer; it can be changed as long as the card is there. */
export function correction(photo: Blob, model: api.Model, found: api.Photo): HTMLElement {
  const box = el("div", { class: "correction" });
  if (model.kind === "class") chooseClass(box, photo, model, found);
  else if (model.kind === "labels") chooseLabels(box, photo, model, found.labels ?? []);
  else chooseNumbers(box, photo, model, found.numbers ?? []);
  return box;
}
