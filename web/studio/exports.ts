// SPDX-License-Identifier: Apache-2.0
// A round's model in the forms of other programs. Each file is compared with graft's own answers before it is there.
import { el } from "../src/dom";
import * as api from "./api";
import { saveBlob } from "./save";
import { ZipWriter } from "./save_photos";
import { counted, percent, type Studio } from "./studio";

const kForms: { format: api.ExportFormat; title: string; use: string }[] = [
  { format: "onnx", title: "ONNX", use: "ONNX Runtime, OpenVINO and most other programs" },
  { format: "tflite", title: "TensorFlow Lite", use: "Android, iOS and small computers" },
  { format: "tfjs", title: "TensorFlow.js", use: "web pages; several files in a zip file" },
  { format: "cpp", title: "C++ source", use: "programs without any library; two files in a zip file" },
  { format: "onnx-int8", title: "ONNX, 8 bits", use: "faster on processors, a quarter of the size; answers differ a little" },
  { format: "tflite-int8", title: "TensorFlow Lite, 8 bits", use: "phones and small computers, a quarter of the size; answers differ a little" },
];

const short = (difference: number): string => String(Number(difference.toPrecision(2)));

function samplesOf(check: api.Check): string {
  if (check.photos !== undefined) return counted(check.photos, "photo", "photos");
  if (check.drawn_pictures !== undefined) return counted(check.drawn_pictures, "drawn picture", "drawn pictures");
  return counted(check.random_images ?? 0, "image", "images") + " of random pixels";
}

/** The greatest difference, in a sentence or two. */
export function proofText(format: api.ExportFormat, checks: api.Check[] | null): string {
  if (checks === null) return "It was written by another program; how far its answers differ from graft's is not known here.";
  const rounding = checks.find((one) => one.compared_with === "float32");
  const sentences = checks
    .filter((one) => one !== rounding)
    .map((one) => `Its answers differ from graft's${rounding === undefined ? "" : " in 8 bits"} by ${short(one.difference)} at most on ${samplesOf(one)} (${one.engine.replace(/,$/, "")}).`);
  if (rounding !== undefined) {
    const accuracy =
      rounding.accuracy === undefined || rounding.expected_accuracy === undefined
        ? ""
        : `, with ${percent(rounding.accuracy)} of them right in place of ${percent(rounding.expected_accuracy)}`;
    sentences.push(`The 8 bits themselves change answers by ${short(rounding.difference)} at most${accuracy}.`);
  }
  if (sentences.length === 0)
    sentences.push(format === "cpp" ? "It was not compared: there is no C++ compiler (c++) on this computer." : "It was not compared: graft cannot read this file back.");
  return sentences.join(" ");
}

/** Waits for the command that was started. Errors: its own. */
async function ended(studio: Studio): Promise<void> {
  for (;;) {
    await studio.refresh();
    const job = studio.state?.job ?? null;
    if (job === null || job.kind !== "export") throw new Error("The file was not written.");
    if (!job.running && job.failed !== "") throw new Error(job.failed === "stopped" ? "Stopped. No file was written." : job.failed);
    if (!job.running) return;
    await new Promise((wake) => setTimeout(wake, 300));
  }
}

async function saveFiles(round: string, format: api.ExportFormat, files: string[]): Promise<string> {
  const first = files[0] ?? "", ending = first.slice(first.lastIndexOf("."));
  const bits = format.endsWith("-int8") ? "-int8" : "";
  if (files.length === 1) {
    const name = `${round}${bits}${ending}`;
    saveBlob(await api.download(round, first), name);
    return name;
  }
  const zip = new ZipWriter(), name = `${round}-${format}.zip`;
  for (const file of files) await zip.add(file.split("/").pop() ?? file, await api.download(round, file));
  saveBlob(zip.end(), name);
  return name;
}

/** Writes the files where they are not there yet, and saves them. said: called with what is done now. Returns what to say at the end. */
async function exported(studio: Studio, round: string, format: api.ExportFormat, said: (text: string) => void): Promise<string> {
  const kSteps = 3; // rounding to 8 bits, writing, and asking for the files
  for (let step = 0; step < kSteps; ++step) {
    const answer = await api.exportModel(round, format);
    if (answer.ready) {
      said("Saving …");
      const name = await saveFiles(round, format, answer.files ?? []);
      return `${name} is saved. ${proofText(format, answer.checks ?? null)}`;
    }
    said(answer.step === "quantize" ? "Finding 8-bit numbers for it on the photos …" : "Writing and comparing it …");
    await ended(studio);
  }
  throw new Error("The file was not written.");
}

/** What a round can be saved as, closed at first. */
export function exportPanel(studio: Studio, round: string): HTMLElement {
  const status = el("p", { class: "note", role: "status" });
  const buttons: HTMLButtonElement[] = [];
  const run = async (format: api.ExportFormat): Promise<void> => {
    for (const button of buttons) button.disabled = true;
    status.className = "note";
    try {
      status.textContent = await exported(studio, round, format, (text) => (status.textContent = text));
    } catch (error) {
      status.className = "error";
      status.textContent = (error as Error).message;
    }
    for (const button of buttons) button.disabled = false;
  };
  const rows = kForms.map((form) => {
    const button = el("button", { type: "button", click: () => void run(form.format) }, form.title);
    buttons.push(button);
    return el("li", {}, button, el("span", { class: "note" }, form.use));
  });
  return el("details", { class: "exports" }, el("summary", {}, "For other programs"), el("ul", {}, ...rows), status);
}
