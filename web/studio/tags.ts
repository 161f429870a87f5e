// SPDX-License-Identifier: Apache-2.0
// Photos that may have several labels: look at them by label, give and take labels.
import { el } from "../src/dom";
import * as api from "./api";
import { cameraPanel, hasCamera } from "./camera";
import { chooseName } from "./choose";
import { type Dropped, takeDrops } from "./drop";
import { PhotoGrid } from "./grid";
import { groupingChoice } from "./grouping";
import { labelPhotos } from "./label_photos";
import { chooser } from "./photos";
import { counted, type Studio, type View } from "./studio";
import { addPhotos } from "./upload";

const kOnAPage = 60;

interface Group {
  kind: "all" | "open" | "none" | "label";
  label: string;
}
const same = (a: Group, b: Group): boolean => a.kind === b.kind && a.label === b.label;

export function tagsView(studio: Studio): View {
  let chosen: Group = { kind: "all", label: "" }, offset = 0, shown = "", listed = "";
  const list = el("ul", { class: "classes", "aria-label": "Labels" });
  const head = el("div", { class: "class-head" });
  const trouble = el("p", { class: "error", role: "alert" });
  const grid = new PhotoGrid(labelPhotos(studio));
  const pages = el("div", { class: "row pages" });
  const camera = el("div", {});
  const status = el("div", { class: "status", role: "status" });
  const grouping = groupingChoice(studio);
  const onward = el("button", { type: "button", class: "first", click: () => studio.open("train") }, "Train these labels");
  const keys = el("p", { class: "note keys" });
  const empty = el("div", { class: "welcome" }, el("p", {}, "There are no photos yet. Add photos, drop them here, or drop folders whose names are labels; then give each photo the labels of what is in it."));

  const title = (group: Group): string => ({ all: "All photos", open: "Not looked at yet", none: "None of the labels", label: group.label })[group.kind];
  /** The label that photos get which are added here; null: that of their folder. */
  const given = (group: Group): string | null => (group.kind === "label" ? group.label : null);
  const failed = (error: unknown): void => studio.fail(error);
  const add = (files: Dropped[], label: string | null): void => void addPhotos(studio, files, label, status).catch((error) => studio.fail(error));
  const redraw = (): void => {
    if (studio.state !== null) view.update(studio.state);
  };

  async function showPhotos(revision: string): Promise<void> {
    const key = JSON.stringify([chosen, offset, revision]);
    if (key === shown) return;
    shown = key;
    try {
      const page = await api.tagged(chosen.kind, chosen.label, offset, kOnAPage);
      if (key !== shown) return;
      if (offset > 0 && page.photos.length === 0) {
        offset = 0;
        return redraw();
      }
      grid.show(page.photos.map((photo) => ({ ...photo, class: "" })));
      const last = Math.min(offset + kOnAPage, page.total);
      const turn = (to: number): void => {
        offset = Math.max(0, to);
        grid.clear();
        redraw();
        head.scrollIntoView({ block: "start" });
      };
      pages.replaceChildren();
      if (page.total <= kOnAPage) return;
      const back = el("button", { type: "button", click: () => turn(offset - kOnAPage) }, "Earlier");
      const on = el("button", { type: "button", click: () => turn(offset + kOnAPage) }, "More");
      back.disabled = offset === 0;
      on.disabled = last >= page.total;
      pages.append(back, el("span", {}, `${offset + 1} to ${last} of ${page.total.toLocaleString("en")}`), on);
    } catch (error) {
      shown = "";
      studio.fail(error);
    }
  }

  async function rename(label: string): Promise<void> {
    const to = await chooseName(`Rename ${label}`, [], "New name");
    if (to === null || to === label) return;
    const { changes } = await api.renameLabel(label, to);
    chosen = { kind: "label", label: to };
    studio.say(`${label} is called ${to} now.`, () => studio.changeBack(changes));
    await studio.refresh();
  }

  async function takeAway(label: string): Promise<void> {
    const { changes } = await api.renameLabel(label, "");
    chosen = { kind: "all", label: "" };
    studio.say(`${counted(changes.length, "photo has", "photos have")} no longer the label ${label}.`, () => studio.changeBack(changes));
    await studio.refresh();
  }

  function showHead(count: number): void {
    const group = chosen;
    const guarded = (work: Promise<void>): void => void work.catch((error) => studio.fail(error));
    const takePhoto = async (photo: Blob, called: string): Promise<api.NamedPhoto> => {
      const { name } = await api.addPhoto("", photo, called);
      if (group.kind === "label") await api.addLabel([name], group.label);
      return { class: "", name };
    };
    head.replaceChildren(
      el("h2", {}, title(group), " ", el("small", {}, counted(count, "photo", "photos"))),
      el(
        "div",
        { class: "row" },
        chooser({ label: "Add photos", kind: "photos", add: (files) => add(files, given(group)), failed, first: true }),
        ...(hasCamera() ? [el("button", { type: "button", click: () => void cameraPanel(studio, title(group), takePhoto, camera) }, "Camera")] : []),
        ...(count > 1 ? [el("button", { type: "button", class: "quiet", click: () => grid.startSelecting() }, "Select")] : []),
        ...(group.kind === "label"
          ? [
              el("button", { type: "button", class: "quiet", click: () => guarded(rename(group.label)) }, "Rename"),
              el("button", { type: "button", class: "quiet", click: () => guarded(takeAway(group.label)) }, "Take away from all"),
            ]
          : []),
      ),
    );
  }

  function item(group: Group, count: number, key: string): HTMLElement {
    const button = el("button", { type: "button", class: "class", "aria-current": String(same(group, chosen)) });
    button.append(...(key === "" ? [] : [el("kbd", { "aria-hidden": "true" }, key)]), el("span", { class: "name" }, title(group)), el("span", { class: "count" }, count.toLocaleString("en")));
    button.addEventListener("click", () => {
      if (!same(group, chosen)) {
        offset = 0;
        grid.clear();
      }
      chosen = group;
      camera.replaceChildren();
      redraw();
    });
    takeDrops(button, {
      files: (files) => add(files, given(group)),
      photos: (photos) => {
        if (group.kind === "label") void studio.giveLabel(photos.map((photo) => photo.name), group.label);
      },
      failed: (error) => studio.fail(error),
    });
    return el("li", {}, button);
  }

  const view: View = {
    id: "photos",
    title: "Photos",
    show(root) {
      shown = listed = "";
      const area = el("div", { class: "photos" }, trouble, head, camera, empty, keys, grid.bar, grid.element, pages);
      takeDrops(area, { files: (files) => add(files, given(chosen)), photos: () => undefined, failed: (error) => studio.fail(error) });
      root.append(
        el("div", { class: "columns" }, el("aside", {}, list, el("div", { class: "row" }, chooser({ label: "Add a folder", kind: "folder", add: (files) => add(files, null), failed }), chooser({ label: "Add a zip file", kind: "zip", add: (files) => add(files, null), failed })), grouping.element, status, el("div", { class: "row" }, onward)), area),
      );
    },
    update(state) {
      const tags = state.tags;
      if (tags === null) return;
      grouping.update(state);
      trouble.textContent = tags.trouble;
      trouble.hidden = tags.trouble === "";
      if (chosen.kind === "label" && !tags.labels.some((one) => one.name === chosen.label)) chosen = { kind: "all", label: "" };
      const groups: [Group, number, string][] = [
        [{ kind: "all", label: "" }, tags.photos, ""],
        [{ kind: "open", label: "" }, tags.open, ""],
        [{ kind: "none", label: "" }, tags.none, "0"],
        ...tags.labels.map((one, i): [Group, number, string] => [{ kind: "label", label: one.name }, one.photos, i < 9 ? String(i + 1) : ""]),
      ];
      const now = JSON.stringify([groups, chosen]);
      if (now !== listed) {
        listed = now;
        const focused = list.contains(document.activeElement);
        list.replaceChildren(...groups.map(([group, count, key]) => item(group, count, key)));
        if (focused) list.querySelector<HTMLElement>("[aria-current=true]")?.focus();
        showHead(groups.find(([group]) => same(group, chosen))?.[1] ?? 0);
      }
      onward.hidden = tags.labels.length < 2;
      keys.textContent =
        tags.photos > 0
          ? "Keys on a photo: 1 to 9 give and take that label, l any label, 0 none of the labels, Backspace not looked at, Delete removes it, x selects, u undoes, Enter shows it large. Photos that were not looked at are left out of a training."
          : "";
      empty.hidden = tags.photos > 0 || tags.trouble !== "";
      void showPhotos(tags.revision);
    },
  };
  return view;
}
