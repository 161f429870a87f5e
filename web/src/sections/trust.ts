// SPDX-License-Identifier: Apache-2.0
// How far to believe the probabilities, and when to answer "I don't know".
import type { Decisions, Facts } from "../data";
import { details, el, table } from "../dom";
import { coverage, reliability } from "../figures";
import { muted, type Section, type SetContext } from "../section";
import { figureBox } from "../svg";
import { counted, percent, short } from "../text";

export function trustSection({ report, set }: SetContext): Section {
  const calibration = report.facts.calibration;
  const content: HTMLElement[] = [
    el("p", {}, `Expected calibration error ${percent(set.ece)}: by so much the probability of an answer misses its accuracy on average.` +
      (calibration !== undefined
        ? ` The temperature ${short(calibration.temperature)} was fitted on ${counted(calibration.photos, "photo", "photos")}: error ${percent(calibration.ece_before)} before, ${percent(calibration.ece_after)} after.`
        : "")),
  ];
  const charts = el("div", { class: "charts" });
  charts.append(figureBox("Reliability: on the diagonal, probabilities are what they say", reliability(set.reliability), 640).box);
  charts.append(coverageChart(set, report.facts.decisions?.test?.reject?.threshold));
  content.push(charts, ...decisions(report.facts.decisions));
  const rows = set.reliability
    .filter((bin) => bin.photos > 0)
    .map((bin) => [`${percent(bin.low, 0)} to ${percent(bin.high, 0)}`, String(bin.photos), percent(bin.probability ?? 0), percent(bin.accuracy ?? 0)]);
  content.push(details("The reliability as a table", table("Reliability", ["probability", "photos", "mean probability", "accuracy"], rows, [1, 2, 3])));
  return { id: "trust", title: "How far to believe it", short: "Reliability", content };
}

/** The thresholds that are saved in the model, and what they do. */
export function decisions(found: Facts["decisions"]): HTMLElement[] {
  const parts: [string, Decisions | undefined][] = [["The photos that chose it", found?.chosen_on], ["Test photos", found?.test]];
  const recall = new Map<string, HTMLElement[]>();
  const reject: HTMLElement[] = [];
  for (const [name, part] of parts) {
    for (const kept of part?.min_recall ?? []) {
      const lines = recall.get(kept.class) ?? [];
      recall.set(kept.class, lines);
      if (kept.photos === 0) continue;
      lines.push(
        el("p", {}, `${name}: ${kept.found} of ${kept.photos} found (${share(kept.recall, kept.recall_interval)}), by the most probable class alone ${kept.found_without}. ` +
          `${kept.false_alarms} false alarms in ${kept.other_photos} other photos (${share(kept.false_alarm_rate, kept.false_alarm_interval)}), alone ${kept.false_alarms_without}.`),
      );
    }
    const careful = part?.reject;
    if (careful !== undefined && careful.photos > 0)
      reject.push(
        el("p", {}, `${name}: ${careful.answered} of ${careful.photos} answered (${percent(careful.coverage)}), ${careful.right} of them right (${share(careful.accuracy, careful.accuracy_interval)}). ` +
          `Without it ${careful.right_without} of ${careful.photos} are right (${percent(careful.right_without / careful.photos)}).`),
      );
  }
  const items: HTMLElement[] = [];
  for (const rule of found?.test?.min_recall ?? found?.chosen_on?.min_recall ?? [])
    items.push(el("li", {}, el("strong", {}, `${rule.class} from ${percent(rule.threshold)} on`), `Wanted: at least ${percent(rule.wanted)} of its photos are found.`, ...(recall.get(rule.class) ?? [])));
  const unknown = found?.test?.reject ?? found?.chosen_on?.reject;
  if (unknown !== undefined) items.push(el("li", {}, el("strong", {}, `“Unknown” below ${percent(unknown.threshold)}`), "Used by graft predict --reject.", ...reject));
  if (items.length === 0) return [];
  return [
    el("h3", {}, "Thresholds saved in the model"),
    el("ul", { class: "rules" }, ...items),
    muted("In brackets intervals of 95 %. The photos that chose a threshold flatter it a little, the test photos do not."),
  ];
}

function share(value: number, interval: [number, number]): string {
  return `${percent(value)}; ${percent(interval[0])} to ${percent(interval[1])}`;
}

function coverageChart(set: SetContext["set"], saved = 0.5): HTMLElement {
  let at = Math.max(0, set.coverage.findIndex(([threshold]) => threshold >= saved));
  const chart = figureBox("Accuracy when the less certain answers become “I don’t know”", coverage(set, () => at), 640);
  const text = el("output", { for: "threshold", class: "threshold-text" });
  const slider = el("input", {
    type: "range",
    id: "threshold",
    min: "0",
    max: String(set.coverage.length - 1),
    value: String(at),
    input: () => {
      at = Number(slider.value);
      update();
      chart.draw();
    },
  });
  const update = (): void => {
    const [threshold, answered, right] = set.coverage[at] ?? [0, 0, 0];
    const unknown = set.photos - answered;
    const accuracy = answered > 0 ? `, ${percent(right / answered)} of them right` : "";
    slider.setAttribute("aria-valuetext", percent(threshold, 2));
    text.textContent = `Answering only from ${percent(threshold, threshold > 0.99 ? 2 : 0)} on: ${answered} of ${set.photos} photos answered (${percent(answered / Math.max(1, set.photos))})${accuracy}; ${unknown} times “I don’t know”.`;
  };
  update();
  chart.box.append(el("div", { class: "threshold" }, el("label", { for: "threshold" }, "Least probability"), slider), text);
  if (set.photos === 0) chart.box.append(muted("No photos."));
  return chart.box;
}
