// SPDX-License-Identifier: Apache-2.0
// What the parts of the page share: the state, messages, undo, keys.
import { el } from "../src/dom";
import * as api from "./api";

/** One part of the page. update() is called with every new state while it is shown. */
export interface View {
  readonly id: string;
  readonly title: string;
  show(root: HTMLElement): void;
  update(state: api.State): void;
  key?(event: KeyboardEvent): void;
}

/** The round to begin with: the latest that ended by itself. */
export const latest = (state: api.State): api.Round | undefined =>
  [...state.rounds].reverse().find((one) => !one.stopped) ?? state.rounds[state.rounds.length - 1];

export const percent = (share: number | null): string => (share === null ? "–" : `${(100 * share).toFixed(1)}\u00a0%`);
export const counted = (count: number, one: string, many: string): string => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** The page's common tools. */
export class Studio {
  state: api.State | null = null;
  private undo: (() => Promise<void>) | null = null;
  private readonly message = el("div", { id: "message", role: "status" });

  constructor(
    private readonly look: () => Promise<void>,
    readonly open: (view: string) => void,
  ) {
    document.body.append(this.message);
  }

  refresh(): Promise<void> {
    return this.look();
  }

  /** Says something for some seconds; with undo() there is a button, and the key u. */
  say(text: string, undo?: () => Promise<void>): void {
    this.undo = undo ?? null;
    this.message.className = "";
    this.message.replaceChildren(el("span", {}, text));
    if (undo !== undefined) this.message.append(el("button", { type: "button", click: () => void this.undoLast() }, "Undo (u)"));
    this.hideLater(undo === undefined ? 6000 : 15000);
  }

  fail(error: unknown): void {
    this.undo = null;
    this.message.className = "error";
    this.message.replaceChildren(el("span", {}, error instanceof Error ? error.message : String(error)));
    this.hideLater(12000);
    void this.refresh();
  }

  async undoLast(): Promise<void> {
    const undo = this.undo;
    this.undo = null;
    if (undo === null) return;
    try {
      await undo();
      this.say("Undone.");
    } catch (error) {
      this.fail(error);
    }
    await this.refresh();
  }

  /** Moves a photo; true where it worked. */
  async move(photo: { class: string; name: string; stamp?: string }, to: string): Promise<boolean> {
    if (photo.class === to) return false;
    try {
      const now = await api.movePhoto(photo, to);
      this.say(`Moved to ${to}.`, async () => void (await api.movePhoto(now, photo.class)));
    } catch (error) {
      this.fail(error);
      return false;
    }
    await this.refresh();
    return true;
  }

  async remove(photo: { class: string; name: string; stamp?: string }): Promise<boolean> {
    try {
      const kept = await api.removePhoto(photo);
      this.say("Removed.", async () => void (await api.restore(kept)));
    } catch (error) {
      this.fail(error);
      return false;
    }
    await this.refresh();
    return true;
  }

  /** The class that a key from 1 to 9 means. */
  classOfKey(event: KeyboardEvent): string | undefined {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return undefined;
    return this.state?.classes[Number(event.key) - 1]?.name;
  }

  private timer = 0;
  private hideLater(milliseconds: number): void {
    this.message.classList.add("shown");
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.message.classList.remove("shown"), milliseconds);
  }
}

/** A choice of rounds, the latest first; keeps what was chosen. */
export function roundChoice(label: string, changed: () => void): { field: HTMLElement; value(): string; update(state: api.State): void } {
  const select = el("select", {});
  select.addEventListener("change", changed);
  let known = "";
  return {
    field: el("label", { class: "field" }, label, select),
    value: () => select.value,
    update(state) {
      const names = state.rounds.map((one) => one.name).join("\n");
      if (names === known) return;
      known = names;
      select.replaceChildren(
        ...[...state.rounds].reverse().map((one) => el("option", { value: one.name }, `Round ${one.number}: ${percent(one.accuracy)}${one.stopped ? ", stopped early" : ""}`)),
      );
      const first = latest(state);
      if (first !== undefined) select.value = first.name;
      changed();
    },
  };
}
