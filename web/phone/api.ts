// SPDX-License-Identifier: Apache-2.0
// Requests to the server that sent this page.

export interface Model {
  name: string;
  version: string;
  /** What it says of a photo: its class, any number of labels, or numbers. */
  kind: "class" | "labels" | "numbers";
  classes: string[];
  ready: boolean;
}
export interface Models {
  models: Model[];
  collects: boolean;
}
export interface Prediction {
  class: string;
  name: string;
  probability: number;
}
export interface NumberAnswer {
  name: string;
  value: number;
  interval?: [number, number];
  level?: number;
}
export interface Photo {
  file: string;
  /** The class to act on, mostly the most probable one. */
  answer?: string;
  unknown?: boolean;
  answer_reason?: string;
  /** Other classes that must not be missed either. */
  answer_also?: string[];
  predictions?: Prediction[];
  labels?: string[];
  numbers?: NumberAnswer[];
  note?: string;
  unlike_training_photos?: boolean;
}
export interface Answers {
  photos: Photo[];
}
export interface Explanation {
  name: string;
  probability: number;
  method: string;
  image: string;
}

/** The token of the address that was opened, kept for this tab and taken out of the address. */
function takeToken(): string {
  const address = new URL(location.href);
  const given = address.searchParams.get("token");
  if (given !== null) {
    sessionStorage.setItem("token", given);
    address.searchParams.delete("token");
    history.replaceState(null, "", address.pathname + address.search);
  }
  return sessionStorage.getItem("token") ?? "";
}
export const token = takeToken();

/** Throws an Error with the server's sentence. A server that is busy is asked again a few times. */
async function ask<Answer>(path: string, photo?: Blob): Promise<Answer> {
  for (let attempt = 0; ; ++attempt) {
    const headers: Record<string, string> = token === "" ? {} : { Authorization: `Bearer ${token}` };
    let response: Response;
    try {
      response = await fetch(path, photo === undefined ? { headers } : { method: "POST", headers, body: photo });
    } catch {
      throw new Error("The computer does not answer. Is graft still running there, and is this device in the same network?");
    }
    if (response.status === 503 && attempt < 5) {
      await new Promise((wake) => setTimeout(wake, 1000));
      continue;
    }
    if (response.status === 401) throw new Error("This page has no access: open the address that graft serve printed, or scan its code again.");
    if (response.status === 413) throw new Error("This photo has more bytes than the server takes. Make it smaller, or start graft serve with a larger --max-body.");
    const answer = (await response.json().catch(() => ({}))) as Answer & { error?: string };
    if (!response.ok) throw new Error(answer.error ?? `the server answered ${response.status}`);
    return answer;
  }
}

const kAtOnce = 3;
const waiting: (() => void)[] = [];
let busy = 0;

async function inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  if (busy >= kAtOnce) await new Promise<void>((begin) => waiting.push(begin));
  else ++busy;
  try {
    return await work();
  } finally {
    // The place of this one goes to the next, where there is one.
    const next = waiting.shift();
    if (next !== undefined) next();
    else --busy;
  }
}

const query = (values: Record<string, string>): string => new URLSearchParams(values).toString();

export const models = (): Promise<Models> => ask<Models>("/v1/models");
/** A few at a time: many photos that are chosen at once wait here, not at the server. */
export const predict = (model: string, photo: Blob): Promise<Answers> =>
  inTurn(() => ask<Answers>(`/v1/predict?${query({ model, top: "5", reject: "auto" })}`, photo));
export const explain = (model: string, photo: Blob): Promise<Explanation> => ask<Explanation>(`/v1/explain?${query({ model })}`, photo);
/** What a person says is right of a photo. instead: the class for which it was kept before. */
export type Right = { class: string; instead: string } | { labels: string[] } | { numbers: string[] };
function rightQuery(right: Right): Record<string, string> {
  if ("labels" in right) return { labels: right.labels.join("|") };
  if ("numbers" in right) return { numbers: right.numbers.join("|") };
  return right.instead === "" ? { class: right.class } : { class: right.class, instead: right.instead };
}
export const collect = (model: string, right: Right, photo: Blob): Promise<unknown> => ask<unknown>(`/v1/collect?${query({ model, ...rightQuery(right) })}`, photo);
