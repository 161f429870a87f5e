// SPDX-License-Identifier: Apache-2.0
// What the inspection found about the photos.
import { el } from "../src/dom";
import * as api from "./api";
import { picture } from "./picture";
import { counted, type Studio, type View } from "./studio";

const kMostOfAKind = 100; // that the studio sends
const kTitles: Record<string, string> = {
  labels: "Perhaps in the wrong class",
  duplicates: "Twice",
  unreadable: "Cannot be read",
  outliers: "Unlike the others",
  dark: "Very dark",
  bright: "Very bright",
  flat: "Hardly any contrast",
  blurred: "Blurred",
  odd_size: "Of an unusual size",
  odd_aspect: "Unusually long or narrow",
};

/** What was found, and what is not shown of it. failed: why the last check did not end. */
function leadText(found: api.Findings, failed: string): string {
  if (failed === "stopped") return "The check was stopped.";
  if (failed !== "") return `The check did not end well: ${failed}`;
  if (found.source === "") return "Nothing has been checked yet. A training checks its photos too.";
  const count = found.findings.length, right = found.accepted;
  const accepted = right === 0 ? "" : ` ${counted(right, "is", "are")} left out, because you called ${right === 1 ? "it" : "them"} right.`;
  if (count === 0) return right === 0 ? "Nothing was found: the photos look fine." : `Nothing else was found.${accepted}`;
  const isMany = Object.keys(kTitles).some((kind) => found.findings.filter((one) => one.kind === kind).length >= kMostOfAKind);
  const more = isMany ? ` The first ${kMostOfAKind} of a kind are shown.` : "";
  const by = found.source === "inspection" ? "the last check" : `the training ${found.source}`;
  return `${counted(count, "thing", "things")} to look at, found by ${by}.${more}${accepted}`;
}

export function checkView(studio: Studio): View {
  const box = el("div", {});
  const lead = el("p", { class: "note", role: "status" });
  const button = el("button", { type: "button", class: "first" }, "Check the photos now");
  const onward = el("button", { type: "button", click: () => studio.open("train") }, "Go to Train");
  let known = "";

  button.addEventListener("click", () => {
    api.inspect().then(
      () => studio.refresh(),
      (error) => studio.fail(error),
    );
  });

  function card(one: api.Finding): HTMLElement {
    const last = one.photos[one.photos.length - 1];
    const element = el("article", { class: "finding", tabindex: "0" });
    if (last === undefined) return element;
    const gone = (done: Promise<boolean>): void =>
      void done.then((yes) => {
        if (!yes) return;
        const next = (element.nextElementSibling ?? element.previousElementSibling) as HTMLElement | null;
        element.remove();
        next?.focus();
      });
    const right = (): void => gone(studio.accept(one));
    const remove = (): void => gone(studio.remove(last));
    const move = (to: string): void => gone(studio.move(last, to));
    element.append(
      el("div", { class: "pair" }, ...one.photos.map((photo) => el("figure", {}, picture(photo, "small", photo.name), el("figcaption", {}, photo.class === "" ? photo.name : `${photo.class} / ${photo.name}`)))),
      el("p", {}, one.text),
      el(
        "div",
        { class: "row" },
        ...(one.suggested !== undefined ? [el("button", { type: "button", class: "first", click: () => move(one.suggested ?? "") }, `Move to ${one.suggested}`)] : []),
        el("button", { type: "button", click: remove }, one.kind === "duplicates" ? "Remove the second" : "Remove"),
        el("button", { type: "button", class: "quiet", click: right }, "It is right"),
      ),
    );
    element.addEventListener("keydown", (event) => {
      if (event.target !== element) return;
      const to = studio.classOfKey(event);
      if (to !== undefined) move(to);
      else if (event.key === "Delete") remove();
      else if (event.key === "r") right();
      else if (event.key === "m" && (studio.state?.classes.length ?? 0) > 0) void studio.chooseClass("Move to which class?", last.class).then((name) => name !== null && move(name));
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return element;
  }

  async function load(): Promise<void> {
    const found = await api.findings();
    const kinds = [...new Set(found.findings.map((one) => one.kind))];
    const job = studio.state?.job ?? null;
    const failed = job !== null && job.kind === "inspect" && !job.running ? job.failed : "";
    lead.className = failed === "" || failed === "stopped" ? "note" : "error";
    lead.textContent = leadText(found, failed);
    box.replaceChildren(
      ...kinds.map((kind) => {
        const ofKind = found.findings.filter((one) => one.kind === kind);
        return el("section", {}, el("h3", {}, `${kTitles[kind] ?? kind} `, el("small", {}, String(ofKind.length))), el("div", { class: "cards" }, ...ofKind.map(card)));
      }),
    );
  }

  return {
    id: "check",
    title: "Check",
    show(root) {
      known = "";
      root.append(el("h2", {}, "What to look at"), lead, el("div", { class: "row" }, button), el("p", { class: "note keys" }, "Keys on a finding: 1 to 9 move its photo to that class, m to any class, Delete removes it, r says that it is right, u undoes."), box, el("div", { class: "row" }, onward));
    },
    undone: () => void load().catch((error) => studio.fail(error)),
    update(state) {
      const running = state.job?.running ?? false;
      button.disabled = running || (state.tags === null ? state.classes.length === 0 : state.tags.photos === 0);
      button.textContent = running && state.job?.kind === "inspect" ? "Checking …" : "Check the photos now";
      onward.hidden = state.rounds.length === 0;
      const key = `${running} ${state.rounds.length}`;
      if (key === known) return;
      known = key;
      load().catch((error) => studio.fail(error));
    },
  };
}
