// SPDX-License-Identifier: Apache-2.0
// Numbers that the model estimates: figures, true against answered, the photos that it missed most.
import type { NumberResult } from "../data";
import { el, growing, table } from "../dom";
import { scatter } from "../figures";
import { muted, type Context, type Section } from "../section";
import { figureBox } from "../svg";
import { counted, percent, short } from "../text";

const kFirstPhotos = 14; // of a list before the others are asked for

export function numberSections(context: Context): Section[] {
  return (context.report.numbers ?? []).map((one, k) => numberSection(context, one, k));
}

function numberSection({ report, photos }: Context, one: NumberResult, k: number): Section {
  const between = (interval: [number, number] | null): string => (interval === null ? "" : ` (${short(interval[0])} to ${short(interval[1])})`);
  const all = [
    { title: report.kind === "training" ? "Test photos" : "All photos", of: one.test },
    ...(one.unseen === null ? [] : [{ title: "All unseen training and validation photos", of: one.unseen }]),
  ];
  const rows = all.map(({ title, of }) => [
    title,
    String(of.photos),
    short(of.mean_absolute_error) + between(of.mean_absolute_error_interval),
    short(of.root_mean_squared_error),
    of.r2 === null ? "-" : short(of.r2) + between(of.r2_interval),
    of.in_interval === null ? "-" : percent(of.in_interval),
  ]);
  const answer =
    one.half_width === null
      ? "There were too few photos for an interval of the answers."
      : `The true number of ${percent(one.level, 0)} of all photos like these is expected within ${short(one.half_width)} of the answer.`;
  const content: HTMLElement[] = [
    table(`Figures of ${one.name}`, ["answers for", "photos", "mean absolute error", "RMSE", "R²", "in their interval"], rows, [1, 2, 3, 4, 5]),
    muted(
      `${answer} In brackets intervals of 95 %. R² is 1 for right answers and 0 for always answering with the mean.` +
        (one.unseen === null ? "" : " Other than test photos are answered by heads that had not seen them."),
    ),
    figureBox(`${one.name}: true against answered`, scatter(one), 560).box,
    ...(one.unseen === null ? [] : [el("p", { class: "key" }, el("span", { class: "swatch part0" }), "test ", el("span", { class: "swatch part1" }), "other unseen photos")]),
    el("h3", {}, "The worst photos"),
    muted(`The largest errors first, of ${counted(report.photos.total, "photo", "photos")}. Look at the number in the list too: it may be the one that is wrong.`),
    growing(one.worst.length, kFirstPhotos, (count) => photos.grid(one.worst.slice(0, count), one.worst)),
  ];
  return { id: `number-${k}`, title: one.name, content };
}
