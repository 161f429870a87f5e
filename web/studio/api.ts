// SPDX-License-Identifier: Apache-2.0
// Requests of the studio's page.
import { token } from "../phone/api";

export interface PhotoClass {
  name: string;
  photos: number;
  revision: string;
  /** Its photos lie in folders below its own too. */
  has_folders: boolean;
}
export interface Level {
  level: number;
  accuracy: number | null;
  names: string[];
}
export interface Round {
  name: string;
  number: number;
  kind: "class" | "labels" | "numbers";
  levels: Level[];
  accuracy: number | null;
  validation_accuracy: number | null;
  interval: number[];
  photos: { train?: number; validation?: number; test?: number };
  classes: string[];
  seconds: number;
  network: string;
  stopped: boolean;
  has_report: boolean;
  finished_at: number;
}
/** Of a training: loss, accuracy, val_loss, val_accuracy and others by name. */
export interface Epoch {
  [name: string]: number | string | null;
}
export interface Job {
  kind: "train" | "inspect" | "export";
  target: string;
  running: boolean;
  cancelled: boolean;
  stage: string;
  done: number;
  total: number;
  unit: string;
  /** Seconds that this stage still needs, where that is known. */
  left: number | null;
  lines: string[];
  epochs: Epoch[];
  seconds: number;
  failed: string;
}
export interface Phone {
  round: string;
  url: string;
  /** Whether photos that are corrected there join the project. */
  collects: boolean;
  failed: string;
  qr?: string[];
}
/** A sub-folder is a class; each folder with photos is one (animal/dog); or photos have several labels, in a list. */
export type Grouping = "classes" | "nested" | "labels";
export interface Tags {
  photos: number;
  /** Not looked at yet. */
  open: number;
  /** Looked at, and with none of the labels. */
  none: number;
  labels: { name: string; photos: number }[];
  revision: string;
  /** Why the list cannot be changed here. */
  trouble: string;
}
/** null: not looked at. */
export type Labels = string[] | null;
export interface LabelChange {
  name: string;
  from: Labels;
  to: Labels;
}
export interface State {
  project: string;
  folder: string;
  grouping: Grouping;
  /** Of photos grouped by labels. */
  tags: Tags | null;
  /** Files in the project's own folder. */
  loose: { photos: number; lists: string[] };
  classes: PhotoClass[];
  rounds: Round[];
  job: Job | null;
  phone: Phone | null;
}
export interface Photo {
  class: string;
  name: string;
  stamp: string;
}
/** A photo as a finding or an earlier answer names it. */
export type NamedPhoto = Pick<Photo, "class" | "name"> & { stamp?: string };
export interface TaggedPhoto extends Photo {
  labels: Labels;
}
export interface Finding {
  kind: string;
  text: string;
  photos: { class: string; name: string }[];
  suggested?: string;
}
export interface Findings {
  source: string;
  findings: Finding[];
  /** How many are left out, because a person called them right. */
  accepted: number;
}
export interface Mistake {
  class: string;
  name: string;
  truth: string;
  answer: string;
  probability: number;
  own_probability: number;
  part: string;
  /** Of several labels: those it has by the list and by the answer, and those it has now. */
  truths?: string[];
  answers?: string[];
  labels?: Labels;
}
export interface Details {
  classes: string[];
  confusion?: number[][];
  mistakes: Mistake[];
  mistakes_total: number;
  mistakes_handled: number;
}
export type ExportFormat = "onnx" | "tflite" | "tfjs" | "cpp" | "onnx-int8" | "tflite-int8";
/** Answers of an exported file beside graft's own. difference: the greatest one. */
export interface Check {
  engine: string;
  difference: number;
  photos?: number;
  random_images?: number;
  drawn_pictures?: number;
  /** Of 8 bits: "int8" or "float32". */
  compared_with?: string;
  accuracy?: number;
  expected_accuracy?: number;
}
/** ready: the files are there, and how they were compared (null: not known). Else a command was started. */
export interface Exported {
  ready: boolean;
  step?: "quantize" | "export";
  files?: string[];
  checks?: Check[] | null;
}
export interface Comparison {
  pairs: { photos: number; both_right: number; first_only: number; second_only: number; both_wrong: number; p: number }[];
}

const headers: Record<string, string> = token === "" ? {} : { Authorization: `Bearer ${token}` };

type Query = Record<string, string | number>;
const address = (path: string, query: Query): string =>
  `${path}?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;

/** An answer of the server; a failure is an Error with its sentence. A server that is busy is asked again. */
async function response(path: string, query: Query, options: RequestInit): Promise<Response> {
  for (let attempt = 0; ; ++attempt) {
    let got: Response;
    try {
      got = await fetch(address(path, query), { ...options, headers });
    } catch {
      throw new Error("graft studio does not answer. Is it still running?");
    }
    if (got.status === 503 && attempt < 30) {
      await new Promise((wake) => setTimeout(wake, 500));
      continue;
    }
    if (got.ok) return got;
    if (got.status === 413) throw new Error("This photo has more bytes than the studio takes. Make it smaller, or start graft studio with a larger --max-photo.");
    if (got.status === 401) throw new Error("This window has no access: open the address that graft studio printed.");
    const answer = (await got.json().catch(() => ({}))) as { error?: string };
    throw new Error(answer.error ?? `the studio answered ${got.status}`);
  }
}

const get = async <Answer>(path: string, query: Query = {}): Promise<Answer> => (await response(path, query, {})).json() as Promise<Answer>;
const post = async <Answer>(path: string, query: Query = {}, body?: Blob | string): Promise<Answer> =>
  (await response(path, query, body === undefined ? { method: "POST" } : { method: "POST", body })).json() as Promise<Answer>;

export const state = (): Promise<State> => get("/studio/state");
export const photos = (name: string, offset: number, count: number): Promise<{ total: number; photos: { name: string; stamp: string }[] }> =>
  get("/studio/photos", { class: name, offset, count });
export const picture = async (photo: NamedPhoto, size: "small" | "large"): Promise<Blob> =>
  (await response("/studio/picture", { class: photo.class, name: photo.name, stamp: photo.stamp ?? "", size }, {})).blob();
/** The file itself, as it is on the disk. */
export const original = async (photo: Photo): Promise<Blob> => (await response("/studio/original", { class: photo.class, name: photo.name, stamp: photo.stamp }, {})).blob();
export const labelList = async (): Promise<Blob> => (await response("/studio/tags/list", {}, {})).blob();
export const addClass = (name: string): Promise<unknown> => post("/studio/classes", { name });
export const renameClass = (one: PhotoClass, to: string): Promise<unknown> => post("/studio/classes/rename", { name: one.name, to, revision: one.revision });
export const removeClass = (one: PhotoClass): Promise<{ kept: string }> => post("/studio/classes/remove", { name: one.name, revision: one.revision });
export const restoreClass = (name: string, kept: string): Promise<unknown> => post("/studio/classes/restore", { name, kept });
export const group = (by: Grouping): Promise<unknown> => post("/studio/grouping", { by });
export const tagged = (group: string, label: string, offset: number, count: number): Promise<{ total: number; photos: Omit<TaggedPhoto, "class">[] }> =>
  get("/studio/tagged", { group, label, offset, count });
/** All of them, or none. */
export const changeLabels = (changes: LabelChange[]): Promise<unknown> => post("/studio/tags", {}, JSON.stringify(changes));
export const addLabel = (names: string[], label: string): Promise<{ changes: LabelChange[] }> => post("/studio/tags/add", { label }, JSON.stringify(names));
/** to: empty: takes it away from all photos. */
export const renameLabel = (label: string, to: string): Promise<{ changes: LabelChange[] }> => post("/studio/tags/rename", { label, to });
export const moveLoose = (to: string): Promise<{ moved: number }> => post("/studio/loose", { to });
export const addPhoto = (name: string, file: Blob, called: string): Promise<{ name: string; known: boolean }> =>
  post("/studio/photos", { class: name, name: called }, file);
export const movePhoto = (photo: NamedPhoto, to: string): Promise<{ class: string; name: string }> =>
  post("/studio/move", { class: photo.class, name: photo.name, stamp: photo.stamp ?? "", to });
/** labels: those that it had in the list. */
export const removePhoto = (photo: NamedPhoto): Promise<{ class: string; kept: string; labels: Labels }> =>
  post("/studio/remove", { class: photo.class, name: photo.name, stamp: photo.stamp ?? "" });
export const restore = (kept: { class: string; kept: string }): Promise<{ name: string }> => post("/studio/restore", { class: kept.class, kept: kept.kept });
export const train = (how: "fast" | "thorough", newNetwork: boolean): Promise<unknown> =>
  post("/studio/train", { how, network: newNetwork ? "new" : "same" });
export const inspect = (): Promise<unknown> => post("/studio/inspect");
export const cancel = (): Promise<unknown> => post("/studio/cancel");
export const findings = (): Promise<Findings> => get("/studio/findings");
export const accept = (one: Finding, right: boolean): Promise<unknown> => post("/studio/findings/accept", { right: String(right) }, JSON.stringify({ kind: one.kind, photos: one.photos }));
export const details = (round: string, count: number): Promise<Details> => get("/studio/round", { round, count });
export const compare = (a: string, b: string): Promise<Comparison> => get("/studio/compare", { a, b });
export const explain = (round: string, photo: { class: string; name: string }): Promise<{ name: string; image: string }> =>
  post("/v1/explain", { model: round, of: photo.class, name: photo.name });
/** Writes a round's model in another form, a command at a time: to be asked again when the job has ended. */
export const exportModel = (round: string, format: ExportFormat): Promise<Exported> => post("/studio/export", { round, format });
export const phone = (round: string): Promise<unknown> => post("/studio/phone", { round });
export const download = async (round: string, file: string): Promise<Blob> => (await response("/studio/download", { round, file }, {})).blob();
