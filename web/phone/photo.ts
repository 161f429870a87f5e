// SPDX-License-Identifier: Apache-2.0
// One photo: its answer, and where that comes from.
import { el } from "../src/dom";
import * as api from "./api";
import { labelsText, numberText } from "./correction";

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
  return el(
    "ul",
    { "aria-label": "Numbers" },
    ...numbers.map((one) => {
      const between = one.interval === undefined ? "" : `, ${percent(one.level ?? 0)}: ${numberText(one.interval[0])} to ${numberText(one.interval[1])}`;
      return el("li", {}, el("span", { class: "name" }, one.name), el("span", { class: "share" }, numberText(one.value) + between));
    }),
  );
}

/** What an answer says first. */
export function headline(found: api.Photo): string {
  if (found.unknown === true) return "Don't know";
  if (found.numbers !== undefined) return found.numbers.map((one) => `${one.name} ${numberText(one.value)}`).join(", ");
  if (found.labels !== undefined) return labelsText(found.labels);
  const best = found.answer ?? found.predictions?.[0]?.name;
  if (best === undefined) throw new Error("the server sent no answer");
  return best;
}

/** What to know of an answer, a sentence each. */
function notesOf(found: api.Photo): string[] {
  const also = found.answer_also ?? [];
  return [
    found.note ?? "",
    found.answer_reason ?? "",
    also.length > 0 ? `may also be ${also.join(", ")}, which must not be missed` : "",
    // That is the reason already where the answer is unknown.
    found.unlike_training_photos === true && found.unknown !== true ? "unlike the training photos: do not rely on it" : "",
  ].filter((note) => note !== "");
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

/** What stands below an answer. */
export type Below = (found: api.Photo) => HTMLElement[];

/** A card that fills itself when the answer comes. */
export function photoCard(photo: File, model: api.Model, below: Below): HTMLElement {
  const card = el("article", {});
  fill(card, photo, model, below);
  return card;
}

function fill(card: HTMLElement, photo: File, model: api.Model, below: Below): void {
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
      waiting.replaceWith(
        el("h2", {}, headline(found)),
        ...notesOf(found).map((note) => el("p", { class: "note" }, note)),
        answerList(found),
        el("div", { class: "row" }, ...(model.kind === "numbers" ? [] : [explanation(photo, model, image, plain)]), ...below(found)),
      );
    })
    .catch((error: Error) => {
      const parts = [el("h2", {}, photo.name), failure(error)];
      const again = el("button", { type: "button" }, "Try again");
      again.addEventListener("click", () => {
        for (const part of [image, again, ...parts]) part.remove();
        URL.revokeObjectURL(plain);
        fill(card, photo, model, below);
      });
      waiting.replaceWith(...parts, again);
    })
    .finally(() => card.setAttribute("aria-busy", "false"));
}
