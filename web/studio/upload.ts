// SPDX-License-Identifier: Apache-2.0
// Photos on their way to the project: a few at a time, with a line that says how far.
import { el } from "../src/dom";
import * as api from "./api";
import { askOne } from "./choose";
import type { Dropped } from "./drop";
import { classOf } from "./drop_rule";
import { counted, duration, type Studio } from "./studio";

const kAtOnce = 4;

interface Planned {
  name: string;
  read(): Promise<File>;
  class: string;
  label: string; // of photos that are grouped by labels; empty: none yet
}

/** Where each file goes: to one class or label, or to that of its folder. Errors: Error. */
function planned(studio: Studio, files: Dropped[], to: string | null): Planned[] {
  const state = studio.state;
  const of = (one: Dropped): string => to ?? classOf(one, files, state?.grouping === "nested", state?.project ?? "");
  if (state?.grouping === "labels") return files.map((one) => ({ name: one.name, read: one.read, class: "", label: of(one) }));
  if (to === null && files.some((one) => one.folders.length === 0))
    throw new Error("Drop single photos on a class; folders may be dropped anywhere: each becomes a class.");
  return files.map((one) => ({ name: one.name, read: one.read, class: of(one), label: "" }));
}

async function makeClasses(studio: Studio, names: Set<string>): Promise<void> {
  const known = new Set(studio.state?.classes.map((one) => one.name) ?? []);
  for (const name of names) {
    // The folder of a class within makes the folders that lead to it.
    const leads = [...names, ...known].some((other) => other.startsWith(`${name}/`));
    if (name !== "" && !known.has(name) && !leads) await api.addClass(name);
  }
}

/** Labels are given when all photos are there: each change writes the whole list. */
async function giveLabels(added: { name: string; label: string }[]): Promise<void> {
  for (const label of new Set(added.map((one) => one.label))) {
    if (label !== "") await api.addLabel(added.filter((one) => one.label === label).map((one) => one.name), label);
  }
}

/** Where files go that were dropped on one class or label: folders may be meant as classes themselves. null: each to that of its folder. */
async function meantFor(studio: Studio, files: Dropped[], to: string | null): Promise<{ to: string | null } | null> {
  const folders = new Set(files.map((one) => one.folders.join("/")));
  if (to === null || folders.size < 2 || folders.has("")) return { to };
  const byLabel = studio.state?.grouping === "labels";
  const each = byLabel ? "Each folder's name is a label" : "Each folder is a class", all = byLabel ? `All of them have ${to}` : `All of them are ${to}`;
  const answer = await askOne(`These photos lie in ${folders.size} folders. What are they?`, [each, all]);
  return answer === null ? null : { to: answer === each ? null : to };
}

/** Adds photos: to one class or label, or each to that of its folder. */
export async function addPhotos(studio: Studio, files: Dropped[], on: string | null, status: HTMLElement): Promise<void> {
  if (files.length === 0) return studio.say("There is no picture among these files.");
  const meant = await meantFor(studio, files, on);
  if (meant === null) return;
  let queue: Planned[];
  try {
    queue = planned(studio, files, meant.to);
    await makeClasses(studio, new Set(queue.map((one) => one.class)));
  } catch (error) {
    return studio.fail(error);
  }
  let done = 0, twice = 0;
  const failed: string[] = [];
  const kept: { class: string; name: string }[] = [];
  const labelled: { name: string; label: string }[] = [];
  const begin = Date.now();
  const bar = el("progress", { max: String(files.length), value: "0", "aria-label": "Photos added" });
  const text = el("span", {}, "");
  const stop = el("button", { type: "button", click: () => (queue = []) }, "Stop");
  const line = el("div", { class: "adding" }, bar, text, stop);
  // Several may run at once; what an earlier one said at its end makes room.
  status.querySelectorAll(".added").forEach((one) => one.remove());
  status.append(line);
  const leave = (event: BeforeUnloadEvent): void => event.preventDefault();
  window.addEventListener("beforeunload", leave);
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      try {
        const answer = await api.addPhoto(one.class, await one.read(), one.name);
        if (answer.known) ++twice;
        else kept.push({ class: one.class, name: answer.name });
        labelled.push({ name: answer.name, label: one.label });
      } catch (error) {
        failed.push(`${one.name}: ${(error as Error).message}`);
      }
      ++done;
      bar.value = done;
      const seconds = (Date.now() - begin) / 1000;
      const left = seconds > 2 && done < files.length ? `, ${duration((seconds / done) * (files.length - done))} left` : "";
      text.textContent = `${done.toLocaleString("en")} of ${counted(files.length, "photo", "photos")}${left}`;
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
  try {
    await giveLabels(labelled);
  } catch (error) {
    studio.fail(error);
  }
  window.removeEventListener("beforeunload", leave);
  const parts = [`${counted(kept.length, "photo", "photos")} added.`];
  if (kept.length > 0) {
    studio.say(parts.join(""), async () => {
      for (const photo of kept) await api.removePhoto(photo);
    });
  }
  if (twice > 0) parts.push(`${twice.toLocaleString("en")} ${twice === 1 ? "was" : "were"} there already.`);
  if (done < files.length) parts.push(`Stopped: ${(files.length - done).toLocaleString("en")} were not added.`);
  line.className = "added";
  line.replaceChildren(el("span", {}, parts.join(" ")));
  if (failed.length > 0) {
    const shown = failed.slice(0, 20).map((one) => el("li", {}, one));
    if (failed.length > shown.length) shown.push(el("li", {}, `and ${counted(failed.length - shown.length, "other", "others")}`));
    line.append(el("details", { class: "error", open: true }, el("summary", {}, `${counted(failed.length, "file", "files")} left out`), el("ul", {}, ...shown)));
  }
  await studio.refresh();
}
