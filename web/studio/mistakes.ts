// SPDX-License-Identifier: Apache-2.0
// What a round got wrong, and why.
import { el, scrollable } from "../src/dom";
import * as api from "./api";
import { labelText } from "./label_photos";
import { picture } from "./picture";
import { counted, percent, roundChoice, type Studio, trainFirst, type View } from "./studio";

const kMost = 60;

export function mistakesView(studio: Studio): View {
  const none = trainFirst(studio, "There are no mistakes to look at yet.");
  const onward = el("button", { type: "button", class: "first", click: () => studio.open("train") }, "Train again with the corrected photos");
  const lead = el("p", { role: "status" });
  const cards = el("div", { class: "cards" });
  const matrix = el("div", {});
  const work = el("div", {});
  const rounds = roundChoice("Which round", () => void load().catch((error) => studio.fail(error)));

  function card(round: string, one: api.Mistake): HTMLElement {
    const image = picture(one, "small", one.class === "" ? one.name : `${one.class} / ${one.name}`);
    const answers = one.answers, labels = one.labels ?? null;
    const element = el("article", { class: "finding", tabindex: "0" });
    const gone = (done: Promise<boolean>): void =>
      void done.then((yes) => {
        if (!yes) return;
        onward.hidden = false;
        const next = (element.nextElementSibling ?? element.previousElementSibling) as HTMLElement | null;
        element.remove();
        next?.focus();
      });
    const why = el("button", { type: "button", "aria-pressed": "false" }, "Where did it look?");
    let plain = "", heat = "";
    const look = (): void => {
      const show = (): void => {
        const on = why.getAttribute("aria-pressed") !== "true";
        if (on) plain = image.src;
        why.setAttribute("aria-pressed", String(on));
        image.src = on ? heat : plain;
      };
      if (heat !== "") return show();
      why.disabled = true;
      // The small picture is kept as data, because its own address is no longer valid.
      const canvas = el("canvas", {});
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      if (canvas.width > 0) {
        canvas.getContext("2d")?.drawImage(image, 0, 0);
        image.src = canvas.toDataURL("image/webp");
      }
      api
        .explain(round, one)
        .then((found) => {
          heat = found.image;
          show();
          image.alt += `; the parts that speak for ${found.name} are coloured`;
        })
        .catch((error) => studio.fail(error))
        .finally(() => (why.disabled = false));
    };
    why.addEventListener("click", look);
    element.append(
      el("figure", {}, image, el("figcaption", {}, one.name)),
      answers === undefined
        ? el("p", {}, "Is ", el("b", {}, one.truth), ` (${percent(one.own_probability)}), answered `, el("b", {}, one.answer), ` (${percent(one.probability)}).`)
        : el("p", {}, "Has ", el("b", {}, labelText(one.truths ?? [])), ", answered ", el("b", {}, labelText(answers)), ` (${percent(one.probability)} sure where it is wrong).`),
      el(
        "div",
        { class: "row" },
        ...(answers === undefined
          ? one.class === "" // grouped by labels now: there is no folder to move it to
            ? []
            : [el("button", { type: "button", click: () => gone(studio.move(one, one.answer)) }, `It is ${one.answer}`)]
          : labels === null
            ? []
            : [el("button", { type: "button", click: () => gone(studio.changeLabels([{ name: one.name, from: labels, to: [...answers].sort() }])) }, "The answer is right")]),
        why,
        el("button", { type: "button", class: "quiet", click: () => gone(studio.remove(one)) }, "Remove"),
      ),
    );
    element.addEventListener("keydown", (event) => {
      if (event.target !== element) return;
      const to = studio.classOfKey(event);
      if (to !== undefined && answers === undefined) gone(studio.move(one, to));
      else if (event.key === "Delete") gone(studio.remove(one));
      else if (event.key === "w") look();
      else if (event.key === "m" && answers === undefined) void studio.chooseClass("Move to which class?", one.class).then((name) => name !== null && gone(studio.move(one, name)));
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return element;
  }

  function confusion(details: api.Details): HTMLElement[] {
    if (details.classes.length > 20 || details.confusion === undefined || details.confusion.length === 0) return [];
    const rows = details.confusion.map((row, i) =>
      el("tr", {}, el("th", { scope: "row" }, details.classes[i] ?? ""), ...row.map((count, j) => el("td", { class: count === 0 ? "none" : i === j ? "right" : "wrong" }, String(count)))),
    );
    return [
      el("h3", {}, "Test photos: what each class was answered as"),
      scrollable("Confusion", el("table", { class: "confusion" }, el("thead", {}, el("tr", {}, el("td", {}), ...details.classes.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, ...rows))),
    ];
  }

  async function load(): Promise<void> {
    const round = rounds.value();
    if (round === "") return;
    const kind = studio.state?.rounds.find((one) => one.name === round)?.kind ?? "class";
    if (kind === "numbers") {
      onward.hidden = true;
      lead.textContent = "This round has numbers in place of classes: its errors stand in its report (Rounds, Report).";
      cards.replaceChildren();
      matrix.replaceChildren();
      return;
    }
    const details = await api.details(round, kMost);
    if (round !== rounds.value()) return;
    const handled = details.mistakes_handled > 0 ? ` ${details.mistakes_handled} are corrected already.` : "";
    lead.textContent =
      details.mistakes_total === 0
        ? "No photo that it had not seen was answered wrongly."
        : `${counted(details.mistakes_total, "photo", "photos")} it had not seen ${details.mistakes_total === 1 ? "was" : "were"} answered wrongly; the surest first.${handled}${details.mistakes.length === kMost ? ` The first ${kMost} are shown.` : ""}`;
    const all = studio.state?.rounds ?? [];
    onward.hidden = details.mistakes_handled === 0 || round !== all[all.length - 1]?.name;
    cards.replaceChildren(...details.mistakes.map((one) => card(round, one)));
    matrix.replaceChildren(...confusion(details));
  }

  work.append(rounds.field, lead, el("p", { class: "note keys" }, "Keys on a photo: 1 to 9 move it to that class, m to any class, w shows where it looked, Delete removes it, u undoes."), cards, el("div", { class: "row" }, onward), matrix);
  return {
    id: "mistakes",
    title: "Mistakes",
    show(root) {
      root.append(el("h2", {}, "Mistakes"), none, work);
      void load().catch((error) => studio.fail(error));
    },
    update(state) {
      none.hidden = state.rounds.length > 0;
      work.hidden = !none.hidden;
      rounds.update(state);
    },
    undone: () => void load().catch((error) => studio.fail(error)),
  };
}
