// SPDX-License-Identifier: Apache-2.0
// Photos on their way to the project: a few at a time, with a line that says how far.
import { el } from "../src/dom";
import * as api from "./api";
import type { Dropped } from "./drop";
import { counted, type Studio } from "./studio";

const kAtOnce = 4;

/** Adds photos: to one class, or each to the class of its folder. */
export async function addPhotos(studio: Studio, files: Dropped[], className: string | null, status: HTMLElement): Promise<void> {
  if (files.length === 0) return studio.say("There is no picture among these files.");
  const loose = files.filter((one) => className === null && one.folder === "");
  if (loose.length > 0) return studio.fail(new Error("Drop single photos on a class; folders may be dropped anywhere: each becomes a class."));
  const classes = new Set(files.map((one) => className ?? one.folder));
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
  const bar = el("progress", { max: String(files.length), value: "0", "aria-label": "Photos added" });
  const text = el("span", {}, "");
  status.replaceChildren(bar, text);
  const leave = (event: BeforeUnloadEvent): void => event.preventDefault();
  window.addEventListener("beforeunload", leave);
  const queue = [...files];
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      try {
        if ((await api.addPhoto(className ?? one.folder, one.file, one.file.name)).known) ++twice;
      } catch (error) {
        failed.push(`${one.file.name}: ${(error as Error).message}`);
      }
      ++done;
      bar.value = done;
      text.textContent = `${done} of ${counted(files.length, "photo", "photos")}`;
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
  window.removeEventListener("beforeunload", leave);
  const added = files.length - failed.length - twice;
  const parts = [`${counted(added, "photo", "photos")} added.`];
  if (twice > 0) parts.push(`${twice} were there already.`);
  status.replaceChildren(el("span", {}, parts.join(" ")));
  if (failed.length > 0) {
    const list = el("ul", {}, ...failed.slice(0, 20).map((line) => el("li", {}, line)));
    status.append(el("details", { class: "error", open: true }, el("summary", {}, `${counted(failed.length, "file", "files")} left out`), list));
  }
  await studio.refresh();
}
