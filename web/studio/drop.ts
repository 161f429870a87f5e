// SPDX-License-Identifier: Apache-2.0
// Files from a drop or a choice, each with the folders that it lies in. A zip file counts as a folder.
import type { Photo } from "./api";
import type { Placed } from "./drop_rule";
import { kPhotoType } from "./grid";
import { zipPhotos } from "./zip";

export interface Dropped extends Placed {
  name: string;
  read(): Promise<File>;
}

const isPicture = (name: string): boolean => /\.(jpe?g|png|gif|bmp|webp|tiff?|hei[cf]|avif|p[pgnb]m)$/i.test(name) && !name.startsWith(".");

const isZip = (name: string): boolean => /\.zip$/i.test(name) && !name.startsWith(".");

const dropped = (file: File, folders: string[]): Dropped => ({ name: file.name, read: () => Promise.resolve(file), folders });

/** What is in a zip file, as if it were a folder; photos in no folder belong to one with the file's name. */
async function inZip(file: File, folders: string[]): Promise<Dropped[]> {
  const photos = await zipPhotos(file, isPicture);
  return photos.map(({ path, read }) => {
    const inside = path.split("/").slice(0, -1);
    return { name: path.split("/").pop() ?? "", read, folders: inside.length > 0 ? [...folders, ...inside] : [...folders, file.name.replace(/\.zip$/i, "")] };
  });
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function walk(entry: FileSystemEntry, folders: string[], into: Dropped[]): Promise<void> {
  if (entry.isFile) {
    const file = (): Promise<File> => new Promise((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    if (isZip(entry.name)) into.push(...(await inZip(await file(), folders)));
    else if (isPicture(entry.name)) into.push({ name: entry.name, read: file, folders });
  } else if (entry.isDirectory && !entry.name.startsWith(".")) {
    for (const one of await entriesOf(entry as FileSystemDirectoryEntry)) await walk(one, [...folders, entry.name], into);
  }
}

/** What was dropped, folders included. */
export async function droppedFiles(event: DragEvent): Promise<Dropped[]> {
  const items = Array.from(event.dataTransfer?.items ?? []);
  // Entries must be taken before the first await.
  const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry): entry is FileSystemEntry => entry !== null);
  if (entries.length === 0) return withZips(Array.from(event.dataTransfer?.files ?? []).map((file) => dropped(file, [])));
  const all: Dropped[] = [];
  for (const entry of entries) await walk(entry, [], all);
  return all;
}

async function withZips(files: Dropped[]): Promise<Dropped[]> {
  const all: Dropped[] = [];
  for (const one of files) all.push(...(isZip(one.name) ? await inZip(await one.read(), one.folders) : [one]));
  return all;
}

/** What an <input type=file>, perhaps of a folder, holds. */
export const chosenFiles = (input: HTMLInputElement): Promise<Dropped[]> =>
  withZips(
    Array.from(input.files ?? [])
      .filter((file) => file.webkitRelativePath === "" || isPicture(file.name) || isZip(file.name))
      .map((file) => dropped(file, file.webkitRelativePath.split("/").slice(0, -1))),
  );

/** Lets files, or photos of the page itself, be dropped on an element. */
export function takeDrops(element: HTMLElement, use: { files(files: Dropped[]): void; photos(photos: Photo[]): void; failed(error: unknown): void }): void {
  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    event.stopPropagation();
    element.classList.add("drop");
  });
  element.addEventListener("dragleave", () => element.classList.remove("drop"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    document.querySelectorAll(".drop").forEach((one) => one.classList.remove("drop"));
    const photos = event.dataTransfer?.getData(kPhotoType) ?? "";
    if (photos !== "") use.photos(JSON.parse(photos) as Photo[]);
    else droppedFiles(event).then(use.files, use.failed);
  });
}
