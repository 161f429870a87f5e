// SPDX-License-Identifier: Apache-2.0
// A choice among many classes by typing: for more classes than there are keys.
import { el } from "../src/dom";

const kShown = 12;

/** Asks for one of these names, or with `fresh` (what the field is for) also for a new one; null: none was chosen. Enter takes the first that fits. */
export function chooseName(title: string, names: string[], fresh = ""): Promise<string | null> {
  return new Promise((done) => {
    const dialog = el("dialog", { class: "choose", "aria-label": title });
    const hint = fresh === "" ? "Part of the name" : fresh;
    const list = el("div", { class: "choices" });
    const input = el("input", { type: "text", "aria-label": hint, placeholder: hint, maxlength: "60", autocomplete: "off" });
    const before = document.activeElement as HTMLElement | null;
    let shown: string[] = [];
    const close = (name: string | null): void => {
      dialog.close();
      dialog.remove();
      before?.focus();
      done(name);
    };
    const show = (): void => {
      const part = input.value.trim().toLowerCase();
      const fitting = names.filter((name) => name.toLowerCase().includes(part));
      shown = fitting.slice(0, kShown);
      list.replaceChildren(
        ...shown.map((name) => el("button", { type: "button", click: () => close(name) }, name)),
        ...(fitting.length > kShown ? [el("p", { class: "note" }, `and ${fitting.length - kShown} more: type more of the name`)] : []),
        ...(fresh !== "" && input.value.trim() !== "" && !names.includes(input.value.trim()) ? [el("button", { type: "button", class: "first", click: () => close(input.value.trim()) }, `New: ${input.value.trim()}`)] : []),
        ...(fresh === "" && fitting.length === 0 ? [el("p", { class: "note" }, "No class has this in its name.")] : []),
      );
    };
    input.addEventListener("input", show);
    const form = el("form", {}, el("h3", {}, title), input, list, el("div", { class: "row" }, el("button", { type: "button", class: "quiet", click: () => close(null) }, "Cancel")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = input.value.trim();
      const exact = names.find((name) => name === typed);
      // A new name is meant where it is not the beginning of a known one.
      const known = exact ?? shown.find((name) => fresh === "" || name.toLowerCase().startsWith(typed.toLowerCase()));
      if (known !== undefined && (typed !== "" || fresh === "")) close(known);
      else if (fresh !== "" && typed !== "") close(typed);
    });
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(null);
    });
    dialog.append(form);
    show();
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}

/** Asks for one of a few answers; null: none was chosen. */
export function askOne(title: string, answers: string[]): Promise<string | null> {
  return new Promise((done) => {
    const dialog = el("dialog", { class: "choose", "aria-label": title });
    const before = document.activeElement as HTMLElement | null;
    const close = (answer: string | null): void => {
      dialog.close();
      dialog.remove();
      before?.focus();
      done(answer);
    };
    dialog.append(
      el("h3", {}, title),
      el("div", { class: "choices" }, ...answers.map((answer) => el("button", { type: "button", click: () => close(answer) }, answer))),
      el("div", { class: "row" }, el("button", { type: "button", class: "quiet", click: () => close(null) }, "Cancel")),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
