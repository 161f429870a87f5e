// SPDX-License-Identifier: Apache-2.0
// Photos by their features: a point each, its photo on hover, and the classes to choose from.
import type { FeatureMap } from "../data";
import { el } from "../dom";
import { featureMap, pointOf } from "../figures";
import { muted, type Context, type Section } from "../section";
import { figureBox, icon } from "../svg";
import { counted } from "../text";

const kIcon = 14; // pixels
const kMostKeys = 40; // classes in the key

export function mapSection(context: Context, map: FeatureMap): Section {
  const { report, photos } = context;
  const chart = figureBox(`${map.method}: photos with similar features are close together`, featureMap(map, report.classes), 760);
  const shown = el("div", { class: "map-photo", "aria-live": "polite" }, muted("Point at a photo, or choose it, to see it here."));
  const byFile = new Map(report.photos.items.map((photo, i) => [photo.file, i]));
  const small = new Map((map.pictures ?? []).map((point, i) => [point, report.photos.items.length + i]));
  const show = (event: Event, open: boolean): void => {
    const index = Number((event.target as Element).getAttribute("data-point") ?? -1);
    const point = map.points[index];
    if (point === undefined) return;
    const photo = byFile.get(point.file);
    const picture = photo ?? small.get(index);
    shown.replaceChildren(
      ...(picture === undefined ? [] : [photos.picture(picture, point.file)]),
      el("p", {}, el("strong", {}, point.class)),
      el("p", { class: "path" }, point.file),
    );
    if (open && photo !== undefined) photos.open(photo, [photo]);
  };
  chart.box.addEventListener("pointerover", (event) => show(event, false));
  chart.box.addEventListener("click", (event) => show(event, true));
  const notes = map.points.length < map.photos ? [muted(`${map.points.length} of ${counted(map.photos, "photo", "photos")} are drawn.`)] : [];
  return {
    id: "map",
    title: "Map of the features",
    short: "Map",
    content: [el("div", { class: "map-columns" }, chart.box, el("div", {}, key(report.classes, map, chart.box), shown)), ...notes],
  };
}

/** The classes that are drawn, as buttons: a chosen one stands out. */
function key(classes: string[], map: FeatureMap, box: HTMLElement): HTMLElement {
  const drawn = new Set(map.points.map((point) => point.class));
  const list = el("ul", { class: "map-key", "aria-label": "Classes: choose one to see its photos only" });
  let chosen = -1;
  const style = (): void => {
    for (const point of box.querySelectorAll("[data-class]")) point.classList.toggle("faded", chosen >= 0 && Number(point.getAttribute("data-class")) !== chosen);
    for (const button of list.querySelectorAll("button")) button.setAttribute("aria-pressed", String(Number(button.dataset["key"]) === chosen));
  };
  classes.forEach((name, k) => {
    if (!drawn.has(name) || list.childElementCount >= kMostKeys) return;
    const choose = (): void => {
      chosen = chosen === k ? -1 : k;
      style();
    };
    list.append(el("li", {}, el("button", { type: "button", class: "key-button", "data-key": String(k), "aria-pressed": "false", click: choose }, icon(pointOf(k, kIcon / 2, kIcon / 2), kIcon), el("span", {}, name))));
  });
  // A drawing at another width has new points.
  new MutationObserver(style).observe(box, { childList: true, subtree: true });
  return list;
}
