// SPDX-License-Identifier: Apache-2.0
// report.json as the page reads it: see docs/report.md.

export type Cell = readonly [truth: number, answer: number, photos: number];

export interface ClassRow {
  name: string;
  photos: number;
  precision: number;
  recall: number | null;
  f1: number | null;
}

export interface Bin {
  low: number;
  high: number;
  photos: number;
  probability: number | null;
  accuracy: number | null;
}

export interface AnswerSet {
  name: string;
  title: string;
  note: string;
  photos: number;
  right: number;
  accuracy: number;
  interval: [number, number];
  loss: number;
  ece: number;
  balanced_accuracy: number;
  most_frequent_class: number;
  most_frequent_class_accuracy: number;
  classes: ClassRow[];
  confusion: Cell[];
  reliability: Bin[];
  coverage: [threshold: number, answered: number, right: number][];
  worst: number[];
  least_certain: number[];
  /** Of class names such as animal/dog. */
  levels?: LevelFigures[];
}

/** Figures where classes with the same first names count as one. */
export interface LevelFigures {
  level: number;
  names: string[];
  accuracy: number;
  accuracy_interval: [number, number];
  photos: number;
  confusion: number[][];
}

/** Figures of one label. */
export interface LabelRow {
  name: string;
  photos: number;
  answers: number;
  average_precision: number;
  precision: number;
  recall: number;
  f1: number;
  threshold: number;
  /** Photos of the page that have it and are not given it, and the other way round. */
  missed: number[];
  mistaken: number[];
}

/** Answers with several labels a photo. */
export interface LabelSet {
  name: string;
  title: string;
  note: string;
  photos: number;
  mean_average_precision: number;
  f1_micro: number;
  f1_macro: number;
  exact_match: number;
  exact_match_interval: [number, number];
  hamming_loss: number;
  classes: LabelRow[];
  /** Of labels such as animal/dog. */
  levels?: { level: number; names: string[]; mean_average_precision: number; f1_micro: number; f1_macro: number; exact_match: number }[];
  /** Of the most frequent labels: how many photos have two of them, and how many are given both. */
  together: { labels: number[]; have: number[][]; given: number[][] };
  worst: number[];
}

export interface Photo {
  file: string;
  labels?: [classIndex: number, probability: number, has: number, given: number][];
  by_model?: boolean;
  set?: number;
  part?: string;
  fold?: number;
  numbers?: [truth: number, answer: number][];
  truth?: number;
  top?: [classIndex: number, probability: number][];
}

/** A photo that has an answer. */
export type AnsweredPhoto = Photo & Required<Pick<Photo, "set" | "truth" | "top">>;

/** Figures of one number on some photos. */
export interface NumberFigures {
  photos: number;
  mean_absolute_error: number;
  mean_absolute_error_interval: [number, number];
  root_mean_squared_error: number;
  r2: number | null;
  r2_interval: [number, number] | null;
  in_interval: number | null;
}

/** A number that the model estimates. */
export interface NumberResult {
  name: string;
  test: NumberFigures;
  unseen: NumberFigures | null;
  level: number;
  half_width: number | null;
  points: [truth: number, answer: number, isTest: number][];
  worst: number[];
}

export type Epoch = { epoch?: number; phase?: string } & Record<string, number | string | null | undefined>;

export interface Finding {
  kind: string;
  files: string[];
  text: string;
  score: number;
  suggested_class?: string;
}

export interface HeatMap {
  text?: string;
  file: string;
  method: string;
  layer: string;
  class: string;
  picture: string;
}

export interface FeatureMap {
  method: string;
  photos: number;
  points: { x: number; y: number; file: string; class: string }[];
  /** Points with a small picture in the page, behind those of the photos. */
  pictures?: number[];
}

export interface Drift {
  fits: boolean;
  score: number;
  threshold: number;
  text: string;
}

export interface TriedStrength {
  l2: number;
  loss: number;
  near_old_head?: boolean;
}

/** What the threshold for "unknown" does on some photos. */
export interface RejectFigures {
  threshold: number;
  photos: number;
  right_without: number;
  answered: number;
  right: number;
  coverage: number;
  accuracy: number;
  accuracy_interval: [number, number];
}

/** What the threshold of a class that must not be missed does on some photos. */
export interface RecallFigures {
  class: string;
  wanted: number;
  threshold: number;
  photos: number;
  found: number;
  found_without: number;
  recall: number;
  recall_interval: [number, number];
  other_photos: number;
  false_alarms: number;
  false_alarms_without: number;
  false_alarm_rate: number;
  false_alarm_interval: [number, number];
}

export interface Decisions {
  reject?: RejectFigures;
  min_recall?: RecallFigures[];
}

export interface Facts {
  decisions?: { chosen_on?: Decisions; test?: Decisions };
  head?: { l2?: number; tried?: TriedStrength[]; kind?: string };
  fine_tuning?: { from_layer: string; kept: boolean; validation_accuracy: number };
  calibration?: {
    temperature: number;
    photos: number;
    ece_before: number;
    ece_after: number;
    loss_before: number;
    loss_after: number;
  };
  stopped?: boolean;
  broke_down?: string;
}

export interface Layer {
  name: string;
  class: string;
  output_shape: unknown;
  params: number;
  trainable: boolean;
}

export interface Report {
  schema: number;
  graft_version: string;
  kind: "training" | "evaluation";
  name: string;
  command: string;
  classes: string[];
  headline: { sentence: string; accuracy?: number; interval?: [number, number]; photos?: number };
  done: string[];
  next: { what: string; why: string }[];
  data: {
    folder: string;
    counts: [train: number, validation: number, test: number][];
    /** Of several labels a photo: counts of photos, which have more labels than one. */
    photos?: [train: number, validation: number, test: number];
    left_out: { file: string; reason: string }[];
    left_out_files: number;
    duplicates?: { exact: number; near: number; of_different_classes: number; examples: { files: string[]; exact: boolean }[] };
  };
  sets: AnswerSet[];
  numbers?: NumberResult[];
  labels?: LabelSet[];
  photos: { total: number; shown: number; items: Photo[] };
  history: Epoch[];
  epoch_seconds?: (number | null)[];
  facts: Facts;
  seconds?: Record<string, number>;
  settings: Record<string, unknown>;
  model: { name: string; total_params: number; trainable_params: number; layers: Layer[] } | null;
  model_file?: string;
  inspection?: { findings: Finding[]; counts?: Record<string, number> };
  heat_maps?: HeatMap[];
  augmented?: string[];
  map?: FeatureMap;
  drift?: Drift;
}

/** The report that stands in the page. */
export function readReport(): Report {
  return JSON.parse(textOf("report-data")) as Report;
}

/** A data URL for each photo of the report; empty where the file could not be read. */
export function readThumbnails(): string[] {
  return textOf("report-thumbnails").replace(/^\n/, "").split("\n");
}

export function isAnswered(photo: Photo): photo is AnsweredPhoto {
  return photo.truth !== undefined && photo.top !== undefined && photo.set !== undefined;
}

export function answerOf(photo: AnsweredPhoto): number {
  return photo.top[0]?.[0] ?? -1;
}

function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}
