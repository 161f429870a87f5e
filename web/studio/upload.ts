// SPDX-License-Identifier: Apache-2.0
// Photos on their way to the project: a few at a time, with a line that says how far.
import { el } from "../src/dom";
import * as api from "./api";
import { classOf, type Dropped } from "./drop";
import { counted, duration, type Studio } from "./studio";

const kAtOnce = 4;

/** Adds photos: to one class, or each to the class of its folder. */
export async function addPhotos(studio: Studio, files: Dropped[], className: string | null, status: HTMLElement): Promise<void> {
  if (files.length === 0) return studio.say("There is no picture among these files.");
  const loose = files.filter((one) => className === null && one.folders.length === 0);
  if (loose.length > 0) return studio.fail(new Error("Drop single photos on a class; folders may be dropped anywhere: each becomes a class."));
  const nested = studio.state?.nested ?? false;
  const classFor = (one: Dropped): string => className ?? classOf(one, files, nested, studio.state?.project ?? "");
  const queue = files.map((one) => ({ file: one.file, to: classFor(one) }));
  const classes = new Set(queue.map((one) => one.to));
  const known = new Set(studio.state?.classes.map((one) => one.name) ?? []);
  for (const name of classes) {
    if (known.has(name)) continue;
    try {
      await api.addClass(name);
    } catch (error) {
      return studio.fail(error);
    }
  }
  let done = 0, twice = 0;
  const failed: string[] = [];
  const kept: { class: string; name: string }[] = [];
  const begin = Date.now();
  const bar = el("progress", { max: String(files.length), value: "0", "aria-label": "Photos added" });
  const text = el("span", {}, "");
  status.replaceChildren(bar, text);
  const leave = (event: BeforeUnloadEvent): void => event.preventDefault();
  window.addEventListener("beforeunload", leave);
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      try {
        const answer = await api.addPhoto(one.to, one.file, one.file.name);
        if (answer.known) ++twice;
        else kept.push({ class: one.to, name: answer.name });
      } catch (error) {
        failed.push(`${one.file.name}: ${(error as Error).message}`);
      }
      ++done;
      bar.value = done;
      const seconds = (Date.now() - begin) / 1000;
      const left = seconds > 2 && done < files.length ? `, ${duration((seconds / done) * (files.length - done))} left` : "";
      text.textContent = `${done} of ${counted(files.length, "photo", "photos")}${left}`;
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
  window.removeEventListener("beforeunload", leave);
  const parts = [`${counted(kept.length, "photo", "photos")} added.`];
  if (kept.length > 0) {
    studio.say(parts.join(""), async () => {
      for (const photo of kept) await api.removePhoto(photo);
    });
  }
  if (twice > 0) parts.push(`${twice} were there already.`);
  status.replaceChildren(el("span", {}, parts.join(" ")));
  if (failed.length > 0) {
    const list = el("ul", {}, ...failed.slice(0, 20).map((line) => el("li", {}, line)));
    status.append(el("details", { class: "error", open: true }, el("summary", {}, `${counted(failed.length, "file", "files")} left out`), list));
  }
  await studio.refresh();
}
