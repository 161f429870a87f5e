// SPDX-License-Identifier: Apache-2.0
// The model's layers, the settings, and what is needed to do it again.
import { details, el, table, type Content } from "../dom";
import type { Context, Section } from "../section";
import { grouped } from "../text";

function shapeText(shape: unknown): string {
  return Array.isArray(shape) ? `(${shape.map((size) => (size === null ? "N" : String(size))).join(", ")})` : JSON.stringify(shape);
}

/** Nested settings as rows "tuning.augment". */
function flat(settings: Record<string, unknown>, prefix = ""): Content[][] {
  return Object.entries(settings).flatMap(([name, value]): Content[][] => {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return flat(value as Record<string, unknown>, `${prefix}${name}.`);
    return [[prefix + name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

export function modelSection({ report }: Context): Section {
  const content: HTMLElement[] = [];
  const used = (report.settings["used"] ?? {}) as Record<string, unknown>;
  const facts: [string, unknown][] = [
    ["Command", report.command],
    ["Model file", report.model_file],
    ["Network", used["architecture"]],
    ["Seed", report.settings["seed"]],
    ["Precision", used["precision"]],
    ["Threads", used["threads"]],
    ["graft", used["graft_version"] ?? report.graft_version],
  ];
  const list = el("dl", { class: "facts" });
  for (const [name, value] of facts) {
    if (value === undefined || value === "" || value === null) continue;
    list.append(el("dt", {}, name), el("dd", name === "Command" ? { class: "path" } : {}, String(value)));
  }
  content.push(list);
  if (report.model !== null) {
    const { layers, total_params, trainable_params } = report.model;
    const rows = layers.map((layer) => [layer.name, layer.class, shapeText(layer.output_shape), grouped(layer.params), layer.trainable ? "yes" : "no"]);
    content.push(
      el("p", {}, `${grouped(total_params)} parameters, ${grouped(trainable_params)} of them trainable.`),
      details(`The layers (${layers.length})`, table("Layers", ["layer", "class", "output", "parameters", "trainable"], rows, [3])),
    );
  }
  const settings = flat(report.settings).filter(([name]) => !String(name).startsWith("used."));
  if (settings.length > 0) content.push(details("All settings", table("Settings", ["setting", "value"], settings)));
  return { id: "model", title: "Model and settings", short: "Model", content };
}
