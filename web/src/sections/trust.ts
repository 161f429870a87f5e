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
  return { id: "trust", title: "How far to believe it", content };
}

/** The thresholds that are saved in the model, and what they do. */
function decisions(found: Facts["decisions"]): HTMLElement[] {
  const rows: string[][] = [];
  const parts: [string, Decisions | undefined][] = [["photos that chose it", found?.chosen_on], ["test photos", found?.test]];
  for (const [name, part] of parts) {
    const recall = part?.min_recall;
    if (recall === undefined) continue;
    rows.push([
      `${recall.class} from ${percent(recall.threshold, 2)} on`,
      name,
      `${recall.found} of ${recall.photos} found (${share(recall.recall, recall.recall_interval)}); most probable class alone ${recall.found_without}`,
      `${recall.false_alarms} false alarms in ${recall.other_photos} (${share(recall.false_alarm_rate, recall.false_alarm_interval)}); alone ${recall.false_alarms_without}`,
    ]);
  }
  for (const [name, part] of parts) {
    const reject = part?.reject;
    if (reject === undefined) continue;
    rows.push([
      `unknown below ${percent(reject.threshold, 2)}`,
      name,
      `${reject.answered} of ${reject.photos} answered (${percent(reject.coverage)})`,
      `${reject.right} right (${share(reject.accuracy, reject.accuracy_interval)}); without it ${reject.right_without} of ${reject.photos}`,
    ]);
  }
  if (rows.length === 0) return [];
  const wanted = found?.test?.min_recall ?? found?.chosen_on?.min_recall;
  return [
    el("h3", {}, "Thresholds saved in the model"),
    ...(wanted !== undefined ? [el("p", {}, `Wanted: a recall of ${percent(wanted.wanted)} of ${wanted.class}. A photo is answered with ${wanted.class} from its threshold on, whatever the other classes have.`)] : []),
    table("Thresholds saved in the model", ["threshold", "measured on", "found or answered", "right, or false alarms"], rows),
    muted("Intervals are of 95 %. graft predict --reject answers “unknown” below the threshold; the photos that chose a threshold flatter it a little, the test photos do not."),
  ];
}

function share(value: number, interval: [number, number]): string {
  return `${percent(value)}, ${percent(interval[0])} to ${percent(interval[1])}`;
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
