// SPDX-License-Identifier: Apache-2.0
// How far to believe the probabilities, and when to answer "I don't know".
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
  charts.append(coverageChart(set));
  content.push(charts);
  const rows = set.reliability
    .filter((bin) => bin.photos > 0)
    .map((bin) => [`${percent(bin.low, 0)} to ${percent(bin.high, 0)}`, String(bin.photos), percent(bin.probability ?? 0), percent(bin.accuracy ?? 0)]);
  content.push(details("The reliability as a table", table("Reliability", ["probability", "photos", "mean probability", "accuracy"], rows, [1, 2, 3])));
  return { id: "trust", title: "How far to believe it", content };
}

function coverageChart(set: SetContext["set"]): HTMLElement {
  let at = Math.max(0, set.coverage.findIndex(([threshold]) => threshold >= 0.5));
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
