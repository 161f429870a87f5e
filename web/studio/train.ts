// SPDX-License-Identifier: Apache-2.0
// Train, watch, stop.
import { el } from "../src/dom";
import * as api from "./api";
import { curves } from "./curves";
import { progressPanel } from "./progress";
import { counted, duration, latest, percent, type Studio, type View } from "./studio";

/** Whether the classes can be trained, and what to know about them. */
function readiness(classes: api.PhotoClass[]): { ready: boolean; text: string } {
  const filled = classes.filter((one) => one.photos > 0), few = filled.filter((one) => one.photos < 10);
  const empty = classes.filter((one) => one.photos === 0).map((one) => one.name);
  if (filled.length < 2) return { ready: false, text: "Two classes with photos are needed." };
  const text =
    few.length > 0
      ? `${few.map((one) => one.name).join(", ")}: fewer than 10 photos. It works better with 30 and more.`
      : `${counted(filled.length, "class", "classes")}, ${counted(filled.reduce((sum, one) => sum + one.photos, 0), "photo", "photos")}.`;
  return { ready: true, text: empty.length === 0 ? text : `${text} Left out, because there is no photo: ${empty.join(", ")}.` };
}

function labelReadiness(tags: api.Tags): { ready: boolean; text: string } {
  if (tags.labels.length < 2) return { ready: false, text: tags.trouble === "" ? "Photos with at least two different labels are needed." : tags.trouble };
  const few = tags.labels.filter((one) => one.photos < 10).map((one) => one.name);
  const left = tags.open > 0 ? ` ${counted(tags.open, "photo was", "photos were")} not looked at and ${tags.open === 1 ? "is" : "are"} left out.` : "";
  const text = few.length > 0 ? `${few.join(", ")}: fewer than 10 photos. It works better with 30 and more.` : `${counted(tags.labels.length, "label", "labels")}, ${counted(tags.photos - tags.open, "photo", "photos")}.`;
  return { ready: true, text: text + left };
}

/** What has joined or left since the last round. */
function sinceLast(state: api.State): string {
  const round = latest(state);
  if (round === undefined) return "";
  const then = (round.photos.train ?? 0) + (round.photos.validation ?? 0) + (round.photos.test ?? 0);
  const now = state.tags === null ? state.classes.reduce((sum, one) => sum + one.photos, 0) : state.tags.photos - state.tags.open;
  if (now === then) return "";
  return ` ${counted(Math.abs(now - then), "photo", "photos")} ${now > then ? "more" : "fewer"} than round ${round.number} used.`;
}

export function trainView(studio: Studio): View {
  let how: "fast" | "thorough" = "fast";
  const start = el("button", { type: "button", class: "first large" }, "Train");
  const why = el("p", { class: "note" });
  const ended = el("div", { "aria-live": "polite" }); // what runs is not read aloud twice a second
  const running = progressPanel(studio), drawn = el("div", {});
  const panel = el("section", { class: "panel" }, running.element, drawn);
  let shown = "";
  const lines = el("ol", { class: "lines" });
  const log = el("details", {}, el("summary", {}, "What was done"), lines);
  const again = el("input", { type: "checkbox", id: "again" });
  const againField = el("label", { class: "check", for: "again" }, again, "choose the network again");

  const option = (value: "fast" | "thorough", title: string, text: string): HTMLElement => {
    const input = el("input", { type: "radio", name: "how", value });
    input.checked = value === how;
    input.addEventListener("change", () => (how = value));
    return el("label", { class: "choice" }, input, el("span", {}, el("b", {}, title), el("br", {}), text));
  };

  start.addEventListener("click", () => {
    start.disabled = true;
    api.train(how, again.checked).then(
      () => studio.refresh(),
      (error) => studio.fail(error),
    );
  });

  function result(state: api.State, job: api.Job): HTMLElement {
    const round = state.rounds.find((one) => one.name === job.target);
    if (job.failed !== "" || round === undefined)
      return el("p", { class: job.failed === "stopped" ? "note" : "error", role: "alert" }, job.failed === "stopped" ? "Stopped. Nothing was changed." : `The training did not end well: ${job.failed === "" ? "it left no round" : job.failed.replace(/[.\s]+$/, "")}. What the command said stands below; the photos are as they were, so it can be tried again.`);
    const photos = round.photos.test ?? 0;
    const levels = round.levels.map((one) => `level ${one.level} (${one.names.slice(0, 4).join(", ")}${one.names.length > 4 ? ", ..." : ""}): ${percent(one.accuracy)}`);
    return el(
      "section",
      { class: "panel result" },
      el("p", { class: "figure" }, percent(round.accuracy)),
      el("p", {}, `of ${counted(photos, "photo", "photos")} that it had never seen ${round.kind === "labels" ? "have all their labels right" : "are recognised"}. For new photos expect ${percent(round.interval[0] ?? null)} to ${percent(round.interval[1] ?? null)}.`),
      ...(levels.length > 0 ? [el("p", {}, `By groups of classes: ${levels.join("; ")}.`)] : []),
      el("p", { class: "note" }, `Round ${round.number}, ${round.network}, ${duration(job.seconds)}.`),
      el(
        "div",
        { class: "row" },
        el("button", { type: "button", class: "first", click: () => studio.open("try") }, "Try it"),
        el("button", { type: "button", click: () => studio.open("mistakes") }, "See its mistakes"),
        el("button", { type: "button", click: () => studio.open("check") }, "Check the photos"),
      ),
    );
  }

  return {
    id: "train",
    title: "Train",
    show(root) {
      shown = "";
      ended.replaceChildren();
      root.append(
        el("h2", {}, "Train"),
        el(
          "fieldset",
          {},
          el("legend", {}, "How"),
          option("fast", "Fast", "Learns the classes on what a trained network sees. Seconds to a minute."),
          option("thorough", "Thorough", "Adapts the network too, and keeps that where it helps. Some minutes."),
        ),
        againField,
        el("div", { class: "row" }, start),
        why,
        panel,
        ended,
        log,
      );
    },
    update(state) {
      const job = state.job?.kind === "train" ? state.job : null;
      const isRunning = job?.running ?? false;
      const { ready, text } = state.tags === null ? readiness(state.classes) : labelReadiness(state.tags);
      start.disabled = state.job?.running === true || !ready;
      againField.hidden = latest(state) === undefined;
      start.textContent = state.rounds.length > 0 ? "Train again" : "Train";
      const waits = state.job?.running === true && !isRunning;
      why.textContent = waits ? "Another command runs; a training can begin when it has ended." : text + sinceLast(state);
      log.hidden = job === null;
      panel.hidden = !isRunning;
      if (job !== null && isRunning) {
        running.update(job);
        drawn.replaceChildren(...curves(job.epochs));
      }
      lines.replaceChildren(...(job?.lines ?? []).map((line) => el("li", {}, line)));
      // Made once: a result that is made again each time cannot be clicked.
      const round = state.rounds.find((one) => one.name === job?.target);
      const key = job === null || isRunning ? "" : JSON.stringify([job.target, job.failed, round?.finished_at]);
      if (key === shown) return;
      shown = key;
      log.open = job !== null && !isRunning && job.failed !== "" && job.failed !== "stopped";
      ended.replaceChildren(...(job === null || isRunning ? [] : [result(state, job)]));
    },
  };
}
