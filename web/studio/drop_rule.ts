// SPDX-License-Identifier: Apache-2.0
// Which class a dropped file belongs to. Nothing here needs a page.

/** A file by the folders that it lies in: from the one that was dropped or chosen to the innermost; empty: none. */
export interface Placed {
  folders: string[];
}

/**
 * The class of a file by its folders: the innermost one's name. Nested classes have a path such as animal/dog; the outermost folder
 * belongs to it unless it is the project's own, or holds nothing but folders of folders.
 */
export function classOf(one: Placed, all: Placed[], nested: boolean, project: string): string {
  if (!nested) return one.folders[one.folders.length - 1] ?? "";
  const beside = all.filter((other) => other.folders[0] === one.folders[0]);
  const outer = one.folders.length > 1 && (one.folders[0] === project || beside.every((other) => other.folders.length > 2));
  return one.folders.slice(outer ? 1 : 0).join("/");
}
