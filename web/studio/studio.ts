// SPDX-License-Identifier: Apache-2.0
// What the parts of the page share: the state, messages, undo, keys.
import { el } from "../src/dom";
import * as api from "./api";
import { chooseName } from "./choose";

/** One part of the page. update() is called with every new state while it is shown. */
export interface View {
  readonly id: string;
  readonly title: string;
  show(root: HTMLElement): void;
  update(state: api.State): void;
  /** Something was undone: what was taken from the page may be there again. */
  undone?(): void;
}

/** The round to begin with: the latest that ended by itself. */
export const latest = (state: api.State): api.Round | undefined =>
  [...state.rounds].reverse().find((one) => !one.stopped) ?? state.rounds[state.rounds.length - 1];

export const percent = (share: number | null): string => (share === null ? "–" : `${(100 * share).toFixed(1)}\u00a0%`);
export const duration = (seconds: number): string => (seconds < 59.5 ? `${Math.round(seconds)} s` : `${Math.floor(Math.round(seconds) / 60)} min ${Math.round(seconds) % 60} s`);
export const counted = (count: number, one: string, many: string): string => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const kMostUndos = 100;

/** Does work for each, one after the other; the errors. */
async function each<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<Error[]> {
  const failed: Error[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      failed.push(error as Error);
    }
  }
  return failed;
}

/** The page's common tools. */
export class Studio {
  state: api.State | null = null;
  private readonly undos: { text: string; undo: () => Promise<void> }[] = [];
  private readonly message = el("div", { id: "message", role: "status" });

  constructor(
    private readonly look: () => Promise<void>,
    readonly open: (view: string) => void,
    private readonly undone: () => void,
  ) {
    document.body.append(this.message);
  }

  refresh(): Promise<void> {
    return this.look();
  }

  /** Says something for some seconds; with undo() there is a button, and the key u, also after later changes. */
  say(text: string, undo?: () => Promise<void>): void {
    if (undo !== undefined) this.undos.push({ text, undo });
    if (this.undos.length > kMostUndos) this.undos.shift();
    this.show(text, undo !== undefined);
  }

  fail(error: unknown): void {
    this.message.className = "error";
    this.message.replaceChildren(el("span", {}, error instanceof Error ? error.message : String(error)));
    this.hideLater(12000);
    void this.refresh();
  }

  async undoLast(): Promise<void> {
    const last = this.undos.pop();
    if (last === undefined) return this.show("There is nothing to undo.", false);
    try {
      await last.undo();
      this.show(`Undone: ${last.text}`, this.undos.length > 0);
    } catch (error) {
      this.fail(error);
    }
    await this.refresh();
    this.undone();
  }

  /** Moves a photo; true where it worked. */
  move(photo: api.NamedPhoto, to: string): Promise<boolean> {
    return this.moveAll([photo], to);
  }
  remove(photo: api.NamedPhoto): Promise<boolean> {
    return this.removeAll([photo]);
  }

  /** Moves photos, and undoes that at once; true where all were moved. */
  async moveAll(photos: api.NamedPhoto[], to: string): Promise<boolean> {
    const others = photos.filter((photo) => photo.class !== to);
    if (others.length === 0) return false;
    const moved: (() => Promise<unknown>)[] = [];
    const failed = await each(others, async (photo) => {
      const now = await api.movePhoto(photo, to);
      moved.push(() => api.movePhoto(now, photo.class));
    });
    return this.changed(moved, failed, (count) => (count === 1 ? `Moved to ${to}.` : `${counted(count, "photo", "photos")} moved to ${to}.`));
  }

  async removeAll(photos: api.NamedPhoto[]): Promise<boolean> {
    const removed: (() => Promise<unknown>)[] = [];
    const failed = await each(photos, async (photo) => {
      const kept = await api.removePhoto(photo);
      removed.push(async () => {
        const { name } = await api.restore(kept);
        if (kept.labels !== null) await api.changeLabels([{ name, from: null, to: kept.labels }]);
      });
    });
    return this.changed(removed, failed, (count) => (count === 1 ? "Removed." : `${counted(count, "photo", "photos")} removed.`));
  }

  /** Sets labels of photos, all or none; true where it worked. */
  async changeLabels(changes: api.LabelChange[]): Promise<boolean> {
    const real = changes.filter((one) => JSON.stringify(one.from) !== JSON.stringify(one.to));
    if (real.length === 0) return true;
    try {
      await api.changeLabels(real);
    } catch (error) {
      this.fail(error);
      return false;
    }
    this.say(real.length === 1 ? "Labels changed." : `Labels of ${counted(real.length, "photo", "photos")} changed.`, () => this.changeBack(real));
    await this.refresh();
    return true;
  }
  async changeBack(changes: api.LabelChange[]): Promise<void> {
    await api.changeLabels(changes.map((one) => ({ name: one.name, from: one.to, to: one.from })));
  }

  /** Calls a finding right, so that it is not shown again. */
  async accept(one: api.Finding): Promise<boolean> {
    try {
      await api.accept(one, true);
    } catch (error) {
      this.fail(error);
      return false;
    }
    this.say("Called right.", async () => void (await api.accept(one, false)));
    return true;
  }

  async giveLabel(names: string[], label: string): Promise<void> {
    try {
      const { changes } = await api.addLabel(names, label);
      if (changes.length > 0) this.say(`${counted(changes.length, "photo has", "photos have")} the label ${label} now.`, () => this.changeBack(changes));
    } catch (error) {
      this.fail(error);
    }
    await this.refresh();
  }

  /** Asks for a class by a part of its name. */
  chooseClass(title: string, but = ""): Promise<string | null> {
    return chooseName(title, (this.state?.classes ?? []).map((one) => one.name).filter((name) => name !== but));
  }

  /** The class that a key from 1 to 9 means. */
  classOfKey(event: KeyboardEvent): string | undefined {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return undefined;
    return this.state?.classes[Number(event.key) - 1]?.name;
  }

  /** After a change of several photos: says what was done and how to undo it, or what failed first. */
  private async changed(undos: (() => Promise<unknown>)[], failed: Error[], text: (count: number) => string): Promise<boolean> {
    const undo = async (): Promise<void> => {
      const wrong = await each([...undos].reverse(), async (one) => void (await one()));
      if (wrong[0] !== undefined) throw wrong[0];
    };
    if (undos.length > 0) this.say(text(undos.length), undo);
    const first = failed[0];
    if (first !== undefined) this.fail(failed.length === 1 ? first : new Error(`${failed.length} photos were left as they are: ${first.message}`));
    else await this.refresh();
    return first === undefined;
  }

  private show(text: string, undoes: boolean): void {
    this.message.className = "";
    this.message.replaceChildren(el("span", {}, text));
    if (undoes) this.message.append(el("button", { type: "button", click: () => void this.undoLast() }, "Undo (u)"));
    this.hideLater(undoes ? 15000 : 6000);
  }

  private timer = 0;
  private hideLater(milliseconds: number): void {
    this.message.classList.add("shown");
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.message.classList.remove("shown"), milliseconds);
  }
}

/** What stands where there is no round yet. */
export function trainFirst(studio: Studio, text: string): HTMLElement {
  return el("div", { class: "welcome" }, el("p", {}, `${text} Train first: that makes a round.`), el("div", { class: "row" }, el("button", { type: "button", class: "first", click: () => studio.open("train") }, "Go to Train")));
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
