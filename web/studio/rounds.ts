// SPDX-License-Identifier: Apache-2.0
// Rounds side by side; save, export, use on a phone.
import { el } from "../src/dom";
import * as api from "./api";
import { exportPanel } from "./exports";
import { saveBlob } from "./save";
import { photosAsZip } from "./save_photos";
import { counted, percent, type Studio, trainFirst, type View } from "./studio";

/** A QR code as a picture that scales. */
function qrCode(rows: string[]): SVGElement {
  const kMargin = 3, size = rows.length + 2 * kMargin;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "QR code of the address");
  svg.setAttribute("class", "qr");
  const part = (name: string, values: Record<string, string>): SVGElement => {
    const one = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(values)) one.setAttribute(key, value);
    return one;
  };
  let path = "";
  rows.forEach((row, y) => Array.from(row).forEach((dark, x) => (path += dark === "1" ? `M${x + kMargin} ${y + kMargin}h1v1h-1z` : "")));
  svg.append(part("rect", { width: String(size), height: String(size), fill: "#fff" }), part("path", { d: path, fill: "#000" }));
  return svg;
}

const photosIn = (state: api.State): number => (state.tags === null ? state.classes.reduce((sum, one) => sum + one.photos, 0) : state.tags.photos);

/** How many classes, labels or numbers a round has. */
function sizeOf(one: api.Round): string {
  if (one.kind === "numbers") return "numbers";
  return one.kind === "labels" ? counted(one.classes.length, "label", "labels") : counted(one.classes.length, "class", "classes");
}

export function roundsView(studio: Studio): View {
  const none = trainFirst(studio, "There is no round yet.");
  const box = el("div", {});
  const compared = el("div", { role: "status" });
  const phone = el("div", {});
  let known = "", phoneKnown = "";
  const panels = new Map<string, HTMLElement>(); // of rounds: what was written stays there when the list is drawn again
  const panelOf = (one: api.Round): HTMLElement => {
    const key = `${one.name} ${one.finished_at}`, panel = panels.get(key) ?? exportPanel(studio, one.name);
    panels.set(key, panel);
    return panel;
  };

  const save = (round: string, file: string, as: string): void => {
    studio.say(`Saving ${as} …`);
    api.download(round, file).then(
      (blob) => saveBlob(blob, as),
      (error) => studio.fail(error),
    );
  };
  const zipped = el("span", { role: "status" });
  const zip = el("button", { type: "button" }, "Save the photos as a zip file");
  zip.addEventListener("click", () => {
    const state = studio.state;
    if (state === null) return;
    zip.disabled = true;
    const all = photosIn(state).toLocaleString("en");
    photosAsZip(state, (done) => (zipped.textContent = `${done.toLocaleString("en")} of ${all} photos`))
      .then(
        (blob) => saveBlob(blob, `${state.project}.zip`),
        (error) => studio.fail(error),
      )
      .finally(() => {
        zip.disabled = false;
        zipped.textContent = "";
      });
  });

  function compare(a: api.Round, b: api.Round): void {
    compared.replaceChildren(el("p", { class: "note" }, "Comparing …"));
    api.compare(a.name, b.name).then(
      (found) => {
        const pair = found.pairs[0];
        if (pair === undefined) return;
        const { photos: all, both_right, first_only, second_only, both_wrong } = pair;
        const verdict =
          all === 0
            ? "They have no photo in common that both had not seen."
            : `On ${counted(all, "photo", "photos")} that neither had learnt: both right ${both_right}, only round ${a.number} right ${first_only}, only round ${b.number} right ${second_only}, both wrong ${both_wrong}. ` +
              (first_only === second_only
                ? "There is no difference."
                : pair.p < 0.05
                  ? `Round ${first_only > second_only ? a.number : b.number} is better (p = ${pair.p.toFixed(3)}).`
                  : `The difference may be chance (p = ${pair.p.toFixed(2)}).`);
        compared.replaceChildren(el("p", { class: "panel" }, verdict));
      },
      (error) => {
        compared.replaceChildren();
        studio.fail(error);
      },
    );
  }

  function card(state: api.State, one: api.Round, index: number): HTMLElement {
    const before = state.rounds[index - 1];
    const photos = (one.photos.train ?? 0) + (one.photos.validation ?? 0) + (one.photos.test ?? 0);
    const served = state.phone?.round === one.name;
    const others = state.rounds.filter((other) => other !== one && other !== before && other.kind === "class");
    const choice = el("select", { "aria-label": `Compare round ${one.number} with another round` }, el("option", { value: "" }, "Compare with …"), ...others.map((other) => el("option", { value: other.name }, `Round ${other.number}`)));
    choice.addEventListener("change", () => {
      const other = others.find((found) => found.name === choice.value);
      if (other !== undefined) compare(other, one);
      choice.value = "";
    });
    const said = { class: `of ${counted(one.photos.test ?? 0, "unseen photo", "unseen photos")} recognised`, labels: `of ${counted(one.photos.test ?? 0, "unseen photo", "unseen photos")} with all labels right`, numbers: "A model of numbers: its errors stand in the report" }[one.kind];
    const levels = one.levels.map((level) => `level ${level.level}: ${percent(level.accuracy)}`).join(", ");
    const expected = one.interval.length === 2 ? `; expect ${percent(one.interval[0] ?? null)} to ${percent(one.interval[1] ?? null)} of new photos` : "";
    return el(
      "article",
      { class: "round" },
      el("div", {}, el("h3", {}, `Round ${one.number}`), el("p", { class: "figure" }, percent(one.accuracy))),
      el(
        "div",
        {},
        el("p", {}, `${said}${expected}.${levels === "" ? "" : ` By groups of classes: ${levels}.`}${one.stopped ? " It was stopped early." : ""}`),
        el("p", { class: "note" }, `${counted(photos, "photo", "photos")}, ${sizeOf(one)}, ${one.network}, ${new Date(1000 * one.finished_at).toLocaleString()}`),
        el(
          "div",
          { class: "row" },
          el("button", { type: "button", class: "first", click: () => save(one.name, "model.keras", `${one.name}.keras`) }, "Save model"),
          ...(one.has_report ? [el("button", { type: "button", click: () => save(one.name, "report.html", `${one.name}.html`) }, "Report")] : []),
          el("button", { type: "button", click: () => void api.phone(served ? "" : one.name).then(() => studio.refresh(), (error) => studio.fail(error)) }, served ? "Stop phone" : "On a phone"),
          ...(before !== undefined && before.kind === "class" && one.kind === "class" ? [el("button", { type: "button", click: () => compare(before, one) }, `Compare with ${before.number}`)] : []),
          ...(others.length > 0 && one.kind === "class" ? [choice] : []),
        ),
        panelOf(one),
      ),
    );
  }

  function showPhone(state: api.State): void {
    const key = JSON.stringify(state.phone);
    if (key === phoneKnown) return;
    phoneKnown = key;
    const one = state.phone;
    if (one === null) return phone.replaceChildren();
    if (one.failed !== "") return phone.replaceChildren(el("p", { class: "error", role: "alert" }, `The phone's page cannot be served: ${one.failed}`));
    if (one.qr === undefined) return phone.replaceChildren(el("p", { class: "note" }, "Starting …"));
    phone.replaceChildren(
      el(
        "section",
        { class: "panel phone" },
        qrCode(one.qr),
        el("div", {}, el("h3", {}, "On your phone"), el("p", {}, "Point the phone's camera at the code. The phone must be in the same network."), el("p", { class: "address" }, one.url), el("p", { class: "note" }, one.collects ? "Photos that are corrected there join the project." : "Photos that are corrected there are not kept: this round answers in another way than the photos of the project are grouped.")),
      ),
    );
  }

  return {
    id: "rounds",
    title: "Rounds",
    show(root) {
      known = phoneKnown = "";
      compared.replaceChildren();
      root.append(el("h2", {}, "Rounds"), none, phone, compared, box, el("div", { class: "row" }, zip, zipped));
    },
    update(state) {
      none.hidden = state.rounds.length > 0;
      showPhone(state);
      zip.hidden = photosIn(state) === 0;
      const key = JSON.stringify([state.rounds, state.phone?.round]);
      if (key === known) return;
      known = key;
      box.replaceChildren();
      if (state.rounds.length === 0) return;
      box.append(
        ...state.rounds.map((one, i) => card(state, one, i)).reverse(),
        el("p", { class: "note" }, `The models are folders beside the project (${state.folder}-graft ...); Keras opens model.keras, and graft predict, serve and edit work with it. To take all to another computer, copy ${state.folder} and these folders; graft studio opens the copy.`),
      );
    },
  };
}
