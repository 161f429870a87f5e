// SPDX-License-Identifier: Apache-2.0
// The page of graft studio: parts in tabs; the server's state is the only one, so a reload or a second window shows the same.
import { el } from "../src/dom";
import * as api from "./api";
import { checkView } from "./check";
import { mistakesView } from "./mistakes";
import { photosView } from "./photos";
import { roundsView } from "./rounds";
import { progressPanel } from "./progress";
import { percent, Studio, type View } from "./studio";
import { trainView } from "./train";
import { tagsView } from "./tags";
import { tryView } from "./try";

const main = document.getElementById("main") as HTMLElement;
const nav = document.getElementById("nav") as HTMLElement;
const title = document.getElementById("project") as HTMLElement;
const running = document.getElementById("running") as HTMLElement;
const offline = document.getElementById("offline") as HTMLElement;

let current: View | null = null;
let seen: api.Job | null = null; // at the last look
let timer = 0;

async function look(): Promise<void> {
  clearTimeout(timer);
  try {
    const state = await api.state();
    studio.state = state;
    offline.hidden = true;
    title.textContent = state.project;
    const job = state.job?.running === true ? state.job : null;
    running.hidden = job === null || (job.kind === "train" && current?.id === "train");
    if (job !== null) bar.update(job);
    if (job === null && seen?.running === true && state.job !== null) sayEnded(state, state.job);
    seen = state.job;
    current?.update(state);
  } catch (error) {
    offline.hidden = false;
    offline.textContent = (error as Error).message;
  }
  const busy = studio.state?.job?.running === true || (studio.state?.phone != null && studio.state.phone.qr === undefined);
  timer = window.setTimeout(() => void look(), busy ? 500 : 3000);
}

/** Says that a command has ended, where the part that is shown does not. */
function sayEnded(state: api.State, job: api.Job): void {
  if (job.kind === "export" || current?.id === { train: "train", inspect: "check" }[job.kind]) return;
  const what = job.kind === "train" ? "The training" : "The check of the photos";
  if (job.failed !== "") return job.failed === "stopped" ? studio.say(`${what} was stopped.`) : studio.fail(new Error(`${what} did not end well: ${job.failed}`));
  const round = state.rounds.find((one) => one.name === job.target);
  studio.say(round === undefined ? `${what} has ended.` : `${what} has ended: round ${round.number}, ${percent(round.accuracy)}.`);
}

const open = (id: string): void => {
  location.hash = id;
};
const studio: Studio = new Studio(look, open, () => current?.undone?.());
const bar = progressPanel(studio);
running.append(bar.element);
/** Photos by class or by label, as the project has them. */
function photosPart(): View {
  const byClass = photosView(studio), byLabel = tagsView(studio);
  let shown: View | null = null, place: HTMLElement = main;
  return {
    id: "photos",
    title: "Photos",
    show(root) {
      place = root;
      shown = null;
    },
    update(state) {
      const view = state.grouping === "labels" ? byLabel : byClass;
      if (view !== shown) {
        shown = view;
        place.replaceChildren();
        view.show(place);
      }
      view.update(state);
    },
    undone: () => shown?.undone?.(),
  };
}
const views = [photosPart(), checkView(studio), trainView(studio), tryView(studio), mistakesView(studio), roundsView(studio)];

function show(): void {
  const view = views.find((one) => `#${one.id}` === location.hash) ?? views[0];
  if (view === undefined || view === current) return;
  current = view;
  main.replaceChildren();
  view.show(main);
  for (const link of Array.from(nav.querySelectorAll("a"))) link.setAttribute("aria-current", link.hash === `#${view.id}` ? "page" : "false");
  document.title = `${view.title} · graft studio`;
  if (studio.state !== null) view.update(studio.state);
  void look();
}

nav.append(...views.map((view) => el("a", { href: `#${view.id}` }, view.title)));
window.addEventListener("hashchange", show);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void look();
});
document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  if (event.key === "u" && !event.ctrlKey && !event.metaKey && !["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName)) void studio.undoLast();
});
// A file that is dropped beside its place must not open in the browser.
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());
show();
