// SPDX-License-Identifier: Apache-2.0
// One photo: its answer, where that comes from, and the right class where it is wrong.
import { el } from "../src/dom";
import * as api from "./api";

const percent = (share: number): string => `${(100 * share).toFixed(1)}\u00a0%`;

/** The most probable classes with bars; labels that are given are marked. Or numbers. */
export function answerList(found: api.Photo): HTMLElement {
  if (found.numbers !== undefined) return numberList(found.numbers);
  const given = new Set(found.labels ?? []);
  return el(
    "ol",
    { "aria-label": found.labels === undefined ? "Most probable classes" : "Most probable labels, those that are given marked", class: found.labels === undefined ? "" : "labels" },
    ...(found.predictions ?? []).map((one) =>
      el(
        "li",
        { class: given.has(one.name) ? "given" : "" },
        el("span", { class: "name" }, one.name),
        el("span", { class: "share" }, percent(one.probability)),
        el("meter", { min: "0", max: "1", value: String(one.probability), "aria-hidden": "true" }),
      ),
    ),
  );
}

function numberList(numbers: api.NumberAnswer[]): HTMLElement {
  const text = (value: number): string => String(Number(value.toPrecision(4)));
  return el(
    "ul",
    { "aria-label": "Numbers" },
    ...numbers.map((one) => {
      const between = one.interval === undefined ? "" : `, ${percent(one.level ?? 0)}: ${text(one.interval[0])} to ${text(one.interval[1])}`;
      return el("li", {}, el("span", { class: "name" }, one.name), el("span", { class: "share" }, text(one.value) + between));
    }),
  );
}

/** What a card says first. */
function headline(found: api.Photo): string {
  if (found.numbers !== undefined) return found.numbers.map((one) => `${one.name} ${Number(one.value.toPrecision(4))}`).join(", ");
  if (found.labels !== undefined) return found.labels.length === 0 ? "none of the labels" : found.labels.join(", ");
  const best = found.predictions?.[0];
  if (best === undefined) throw new Error("the server sent no answer");
  return best.name;
}

const failure = (error: Error): HTMLElement => el("p", { class: "error", role: "alert" }, error.message);

/** A button that shows and hides the heat map. */
function explanation(photo: Blob, model: api.Model, image: HTMLImageElement, plain: string): HTMLElement {
  let heat = "";
  const button = el("button", { type: "button", "aria-pressed": "false" }, "Where did it look?");
  button.addEventListener("click", () => {
    const show = (): void => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      image.src = on ? heat : plain;
    };
    if (heat !== "") return show();
    button.disabled = true;
    api
      .explain(model.name, photo)
      .then((found) => {
        heat = found.image;
        image.alt += `; with the parts that speak for ${found.name} coloured`;
        show();
      })
      .catch((error: Error) => button.after(failure(error)))
      .finally(() => (button.disabled = false));
  });
  return button;
}

/** "Wrong?": the class that a person chooses, kept on the server's computer; it can be changed as long as the card is there. */
function correction(photo: Blob, model: api.Model): HTMLElement {
  const box = el("div", { class: "correction" });
  const choose = (before: string): void => {
    const names = model.classes.filter((name) => name !== before);
    const select = el("select", {}, el("option", { value: "" }, "choose the right class"), ...names.map((name) => el("option", { value: name }, name)));
    select.addEventListener("change", () => {
      const right = select.value;
      if (right === "") return;
      select.disabled = true;
      api
        .collect(model.name, right, photo, before)
        .then(() => box.replaceChildren(el("p", { class: "note", role: "status" }, `Kept as ${right} for the next training.`), el("button", { type: "button", click: () => choose(right) }, "Change")))
        .catch((error: Error) => {
          select.disabled = false;
          select.value = "";
          box.append(failure(error));
        });
    });
    box.replaceChildren(el("label", { class: "field" }, before === "" ? "Wrong?" : `Not ${before}?`, select));
    if (before !== "") select.focus();
  };
  choose("");
  return box;
}

/** A card that fills itself when the answer comes. */
export function photoCard(photo: File, model: api.Model, collects: boolean): HTMLElement {
  const card = el("article", {});
  fill(card, photo, model, collects);
  return card;
}

function fill(card: HTMLElement, photo: File, model: api.Model, collects: boolean): void {
  const plain = URL.createObjectURL(photo);
  const image = el("img", { src: plain, alt: photo.name === "" ? "The photo" : photo.name });
  // Browsers do not show every format that the server reads.
  image.addEventListener("error", () => (image.hidden = true));
  const waiting = el("p", { class: "note" }, "Waiting for the answer …");
  card.setAttribute("aria-busy", "true");
  card.prepend(image, waiting);
  api
    .predict(model.name, photo)
    .then((answers) => {
      const found = answers.photos[0];
      if (found === undefined) throw new Error("the server sent no answer");
      const notes = [found.note ?? "", found.unlike_training_photos === true ? "unlike the training photos: do not rely on it" : ""].filter((note) => note !== "");
      waiting.replaceWith(
        el("h2", {}, headline(found)),
        ...notes.map((note) => el("p", { class: "note" }, note)),
        answerList(found),
        el(
          "div",
          { class: "row" },
          ...(model.kind === "numbers" ? [] : [explanation(photo, model, image, plain)]),
          ...(collects && model.kind === "class" ? [correction(photo, model)] : []),
        ),
      );
    })
    .catch((error: Error) => {
      const parts = [el("h2", {}, photo.name), failure(error)];
      const again = el("button", { type: "button" }, "Try again");
      again.addEventListener("click", () => {
        for (const part of [image, again, ...parts]) part.remove();
        URL.revokeObjectURL(plain);
        fill(card, photo, model, collects);
      });
      waiting.replaceWith(...parts, again);
    })
    .finally(() => card.setAttribute("aria-busy", "false"));
}
