// SPDX-License-Identifier: Apache-2.0
// Classes and their photos: add, look, move, remove.
import { el } from "../src/dom";
import * as api from "./api";
import { cameraPanel, hasCamera } from "./camera";
import { chosenFiles, type Dropped, takeDrops } from "./drop";
import { classPhotos } from "./class_photos";
import { groupingChoice } from "./grouping";
import { PhotoGrid } from "./grid";
import { looseNotes } from "./loose";
import { counted, type Studio, type View } from "./studio";
import { addPhotos } from "./upload";

const kOnAPage = 60;

/** What a button for files does. */
interface Choosing {
  label: string;
  kind: "photos" | "folder" | "zip";
  add(files: Dropped[]): void;
  failed(error: unknown): void;
  first?: boolean;
}

/** A button that opens the browser's choice of files. */
export function chooser(use: Choosing): HTMLElement {
  const input = el("input", { type: "file", multiple: true });
  if (use.kind === "folder") input.setAttribute("webkitdirectory", "");
  else input.accept = use.kind === "zip" ? ".zip" : "image/*";
  input.addEventListener("change", () => {
    chosenFiles(input)
      .then(use.add, use.failed)
      .finally(() => (input.value = ""));
  });
  return el("label", { class: use.first === true ? "button first" : "button" }, use.label, input);
}

/** "animal / dog": the folders that lead to a class are weaker. */
function className(name: string): HTMLElement {
  const at = name.lastIndexOf("/") + 1;
  return el("span", { class: "name" }, ...(at > 0 ? [el("span", { class: "above" }, name.slice(0, at))] : []), name.slice(at));
}

export function photosView(studio: Studio): View {
  let chosen = "", offset = 0, shown = "";
  const list = el("ul", { class: "classes", "aria-label": "Classes" });
  const head = el("div", { class: "class-head" });
  const grid = new PhotoGrid(classPhotos(studio));
  const loose = el("div", {});
  const grouping = groupingChoice(studio);
  const pages = el("div", { class: "row pages" });
  const camera = el("div", {});
  const status = el("div", { class: "status", role: "status" });
  const welcome = el("div", {});
  const onward = el("button", { type: "button", class: "first", click: () => studio.open("train") }, "Train these classes");
  const keys = el("p", { class: "note keys" });
  const need = el("p", { class: "note" }, "A training tells classes apart: it needs two with photos.");
  const empty = el(
    "div",
    { class: "welcome" },
    el("p", {}, "There is no photo in this class yet. Add photos, drop them here, or use the camera: different views and backgrounds, about 30 to begin with."),
  );

  const failed = (error: unknown): void => studio.fail(error);
  const add = (files: Dropped[], className: string | null): void => void addPhotos(studio, files, className, status).catch((error) => studio.fail(error));

  const newName = el("input", { type: "text", id: "new-class", maxlength: "60", placeholder: "such as roses", autocomplete: "off" });
  const form = el("form", { class: "row new-class" }, el("label", { for: "new-class" }, "New class"), newName, el("button", { type: "submit" }, "Make"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // As the studio names a nested class, so that it is found again.
    const name = newName.value.split("/").map((part) => part.trim()).join("/");
    api
      .addClass(name)
      .then(() => {
        newName.value = "";
        chosen = name;
        return studio.refresh();
      })
      .catch((error) => studio.fail(error));
  });

  const dropTarget = (element: HTMLElement, of: () => string | null): void =>
    takeDrops(element, {
      files: (files) => add(files, of()),
      photos: (photos) => {
        const to = of();
        if (to !== null) void studio.moveAll(photos, to);
      },
      failed: (error) => studio.fail(error),
    });

  async function showPhotos(one: api.PhotoClass): Promise<void> {
    const key = `${one.name} ${one.revision} ${offset}`;
    if (key === shown) return;
    shown = key;
    try {
      const page = await api.photos(one.name, offset, kOnAPage);
      if (key !== shown) return;
      grid.show(page.photos.map((photo) => ({ ...photo, class: one.name })));
      const turn = (to: number): void => {
        offset = to;
        void showPhotos(one);
        head.scrollIntoView({ block: "start" });
      };
      const last = Math.min(offset + kOnAPage, page.total);
      pages.replaceChildren();
      if (page.total > kOnAPage) {
        const back = el("button", { type: "button", click: () => turn(Math.max(0, offset - kOnAPage)) }, "Earlier");
        const on = el("button", { type: "button", click: () => turn(offset + kOnAPage) }, "More");
        back.disabled = offset === 0;
        on.disabled = last >= page.total;
        pages.append(back, el("span", {}, `${offset + 1} to ${last} of ${page.total.toLocaleString("en")}`), on);
      }
      if (offset > 0 && page.photos.length === 0) turn(0);
    } catch (error) {
      shown = "";
      studio.fail(error);
    }
  }

  /** With the photos that the class has now: others may have joined it. */
  async function renameBack(name: string, to: string): Promise<void> {
    const now = (await api.state()).classes.find((other) => other.name === name);
    if (now === undefined) throw new Error(`There is no class ${name} any more.`);
    await api.renameClass(now, to);
    if (chosen === name) chosen = to;
  }

  function showHead(one: api.PhotoClass): void {
    const rename = (): void => {
      const name = el("input", { type: "text", value: one.name, "aria-label": `New name of ${one.name}`, maxlength: "60" });
      const renaming = el("form", { class: "row" }, name, el("button", { type: "submit", class: "first" }, "Rename"), el("button", { type: "button", click: () => showHead(one) }, "Cancel"));
      renaming.addEventListener("submit", (event) => {
        event.preventDefault();
        const to = name.value.trim();
        api.renameClass(one, to).then(
          () => {
            chosen = to;
            head.dataset.of = "";
            studio.say(`${one.name} is called ${to} now.`, () => renameBack(to, one.name));
            return studio.refresh();
          },
          (error) => studio.fail(error),
        );
      });
      renaming.addEventListener("keydown", (event) => {
        if (event.key === "Escape") showHead(one);
      });
      head.replaceChildren(renaming);
      name.select();
    };
    const remove = (): void => {
      const sure = el("button", { type: "button", class: "first" }, `Remove ${one.name} and ${counted(one.photos, "photo", "photos")}`);
      sure.addEventListener("click", () => {
        api.removeClass(one).then(
          ({ kept }) => {
            chosen = "";
            studio.say(`${one.name} is now in the folder .graft-studio/removed-classes of the project.`, async () => void (await api.restoreClass(one.name, kept)));
            return studio.refresh();
          },
          (error) => studio.fail(error),
        );
      });
      head.replaceChildren(el("div", { class: "row" }, sure, el("button", { type: "button", click: () => showHead(one) }, "Cancel")));
      sure.focus();
    };
    head.dataset.of = `${one.name} ${one.revision}`;
    head.replaceChildren(
      el("h2", {}, one.name, " ", el("small", {}, counted(one.photos, "photo", "photos"))),
      el(
        "div",
        { class: "row" },
        chooser({ label: "Add photos", kind: "photos", add: (files) => add(files, one.name), failed, first: true }),
        ...(hasCamera() ? [el("button", { type: "button", click: () => void cameraPanel(studio, one.name, async (photo, called) => ({ class: one.name, name: (await api.addPhoto(one.name, photo, called)).name }), camera) }, "Camera")] : []),
        ...(one.photos > 1 ? [el("button", { type: "button", class: "quiet", click: () => grid.startSelecting() }, "Select")] : []),
        el("button", { type: "button", class: "quiet", click: rename }, "Rename"),
        el("button", { type: "button", class: "quiet", click: remove }, "Remove"),
      ),
    );
  }

  function classItem(one: api.PhotoClass, index: number): HTMLElement {
    const button = el("button", { type: "button", class: "class", "aria-current": one.name === chosen ? "true" : "false" });
    button.append(
      ...(index < 9 ? [el("kbd", { "aria-hidden": "true" }, String(index + 1))] : []),
      className(one.name),
      el("span", { class: "count" }, one.photos.toLocaleString("en")),
    );
    button.addEventListener("click", () => {
      if (chosen !== one.name) {
        offset = 0;
        grid.clear();
      }
      chosen = one.name;
      camera.replaceChildren();
      if (studio.state !== null) view.update(studio.state);
    });
    dropTarget(button, () => one.name);
    return el("li", {}, button);
  }

  const view: View = {
    id: "photos",
    title: "Photos",
    show(root) {
      shown = "";
      head.dataset.of = "";
      const area = el("div", { class: "photos" }, loose, welcome, head, camera, empty, keys, grid.bar, grid.element, pages);
      dropTarget(area, () => (chosen === "" ? null : chosen));
      root.append(
        el(
          "div",
          { class: "columns" },
          el("aside", {}, list, form, el("div", { class: "row" }, chooser({ label: "Add a folder of classes", kind: "folder", add: (files) => add(files, null), failed }), chooser({ label: "Add a zip file", kind: "zip", add: (files) => add(files, null), failed })), grouping.element, status, need, el("div", { class: "row" }, onward)),
          area,
        ),
      );
    },
    update(state) {
      if (!state.classes.some((one) => one.name === chosen)) {
        chosen = state.classes[0]?.name ?? "";
        offset = 0;
      }
      const listed = JSON.stringify([state.classes, chosen]);
      if (list.dataset.of !== listed) {
        list.dataset.of = listed;
        const focused = list.contains(document.activeElement);
        list.replaceChildren(...state.classes.map(classItem));
        if (focused) list.querySelector<HTMLElement>("[aria-current=true]")?.focus();
      }
      grouping.update(state);
      looseNotes(studio, state, loose);
      const one = state.classes.find((other) => other.name === chosen);
      welcome.hidden = one !== undefined;
      empty.hidden = one === undefined || one.photos > 0;
      onward.hidden = state.classes.filter((other) => other.photos > 0).length < 2;
      need.hidden = !onward.hidden || state.classes.length === 0;
      if (one === undefined) {
        head.replaceChildren();
        grid.show([]);
        pages.replaceChildren();
        keys.textContent = "";
        welcome.replaceChildren(
          el(
            "div",
            { class: "welcome" },
            el("h2", {}, "Teach the computer to tell things apart"),
            el(
              "ol",
              {},
              el("li", {}, "Make a class for each thing, and add photos: 30 of each are enough to begin with. Or drop a folder that has a folder of photos for each class."),
              el("li", {}, "Train: some seconds to a minute."),
              el("li", {}, "Try it with your camera, correct what is wrong, and train again."),
            ),
            el("p", { class: "note" }, `Photos stay on this computer, in ${state.folder}.`),
          ),
        );
        return;
      }
      if (head.dataset.of !== `${one.name} ${one.revision}` && !head.querySelector("form")) showHead(one);
      keys.textContent = one.photos > 0 ? "Keys on a photo: 1 to 9 move it to that class, m to any class, Delete removes it, x selects, u undoes, arrows go on, Enter shows it large. Or drag it to a class." : "";
      void showPhotos(one);
    },
  };
  return view;
}
