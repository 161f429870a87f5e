// SPDX-License-Identifier: Apache-2.0
// Files from a drop or a choice, each with the folder that it lies in.

export interface Dropped {
  file: File;
  folder: string; // the innermost folder's name; empty: none
}

const isPicture = (name: string): boolean => /\.(jpe?g|png|gif|bmp|webp|tiff?|hei[cf]|avif|p[pgnb]m)$/i.test(name) && !name.startsWith(".");

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function walk(entry: FileSystemEntry, folder: string, into: Dropped[]): Promise<void> {
  if (entry.isFile) {
    if (!isPicture(entry.name)) return;
    into.push({ file: await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed)), folder });
  } else if (entry.isDirectory && !entry.name.startsWith(".")) {
    for (const one of await entriesOf(entry as FileSystemDirectoryEntry)) await walk(one, entry.name, into);
  }
}

/** What was dropped, folders included. */
export async function droppedFiles(event: DragEvent): Promise<Dropped[]> {
  const items = Array.from(event.dataTransfer?.items ?? []);
  // Entries must be taken before the first await.
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry): entry is FileSystemEntry => entry !== null);
  if (entries.length === 0) return Array.from(event.dataTransfer?.files ?? []).map((file) => ({ file, folder: "" }));
  const all: Dropped[] = [];
  for (const entry of entries) await walk(entry, "", all);
  return all;
}

/** What an <input type=file>, perhaps of a folder, holds. */
export const chosenFiles = (input: HTMLInputElement): Dropped[] =>
  Array.from(input.files ?? [])
    .filter((file) => file.webkitRelativePath === "" || isPicture(file.name))
    .map((file) => ({ file, folder: file.webkitRelativePath.split("/").slice(-2, -1)[0] ?? "" }));
