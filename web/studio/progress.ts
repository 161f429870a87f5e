// SPDX-License-Identifier: Apache-2.0
// A command that runs: what it does, how far it is, and a button that stops it.
import { el } from "../src/dom";
import * as api from "./api";
import { duration, type Studio } from "./studio";

const kKinds: Record<api.Job["kind"], string> = { train: "Training", inspect: "Checking the photos", export: "Writing the model for other programs" };
const kStages: Record<string, string> = {
  listing: "looking for photos",
  photos: "reading photos",
  networks: "choosing a network",
  model: "loading the network",
  features: "looking at the photos with the network",
  head: "learning the classes",
  calibration: "measuring how sure it is",
  test: "testing",
  "heat maps": "explaining",
};

/** A panel that is updated in place: a button that is made again twice a second cannot be clicked. */
export function progressPanel(studio: Studio): { element: HTMLElement; update(job: api.Job): void } {
  const title = el("b", {});
  const bar = el("progress", { "aria-label": "Progress of this step" });
  const stage = el("p", {}), time = el("p", { class: "note" });
  const stop = el("button", { type: "button" }, "Stop");
  stop.addEventListener("click", () => {
    api.cancel().then(
      () => studio.refresh(),
      (error) => studio.fail(error),
    );
  });
  return {
    element: el("div", { class: "progress" }, el("div", {}, title, bar, stage, time), stop),
    update(job) {
      title.textContent = `${kKinds[job.kind]} …`;
      if (job.total > 0) {
        bar.max = job.total;
        bar.value = job.done;
      } else {
        bar.removeAttribute("value"); // the browser shows that something runs
      }
      const count = job.total > 0 ? ` ${job.done.toLocaleString("en")} of ${job.total.toLocaleString("en")} ${job.unit}` : "";
      stage.textContent = (kStages[job.stage] ?? (job.stage === "" ? "starting" : job.stage)) + count;
      time.textContent = `${duration(job.seconds)}${job.left === null ? "" : `, about ${duration(job.left)} left of this step`}`;
      stop.textContent = job.cancelled ? "End at once" : "Stop";
      stop.title = job.kind === "train" && !job.cancelled ? "Keeps the best model so far" : "";
    },
  };
}
