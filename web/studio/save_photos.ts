// SPDX-License-Identifier: Apache-2.0
// The photos of a project as one zip file: folders as in the project, and the list of labels where there is one.
import * as api from "./api";

const kPage = 200, kMostBytes = 0xffffffff, kMostFiles = 0xffff;

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; ++k) c = (c & 1) !== 0 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers of 2 or 4 bytes, the lowest first. */
function record(...fields: [number, 2 | 4][]): Uint8Array {
  const made = new DataView(new ArrayBuffer(fields.reduce((sum, [, size]) => sum + size, 0)));
  let at = 0;
  for (const [value, size] of fields) {
    if (size === 2) made.setUint16(at, value, true);
    else made.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(made.buffer);
}

/** A zip file whose files are not packed: photos are already. Browsers keep large Blobs on the disk. */
export class ZipWriter {
  private readonly parts: BlobPart[] = [];
  private readonly list: BlobPart[] = [];
  private files = 0;
  private offset = 0;
  private listBytes = 0;

  async add(path: string, content: Blob): Promise<void> {
    const name = new TextEncoder().encode(path), crc = crc32(new Uint8Array(await content.arrayBuffer())), size = content.size;
    const kUtf8 = 0x800, kDate = 0x21; // 1 January 1980
    const common: [number, 2 | 4][] = [[20, 2], [kUtf8, 2], [0, 2], [0, 2], [kDate, 2], [crc, 4], [size, 4], [size, 4], [name.length, 2], [0, 2]];
    const head = record([0x04034b50, 4], ...common);
    const entry = record([0x02014b50, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [this.offset, 4]);
    this.parts.push(head, name, content);
    this.list.push(entry, name);
    this.offset += head.length + name.length + size;
    this.listBytes += entry.length + name.length;
    if (++this.files > kMostFiles || this.offset + this.listBytes > kMostBytes) throw new Error("These photos are more than a zip file of a browser holds (4 GiB, 65,535 files). Copy the project's folder instead.");
  }

  end(): Blob {
    const end = record([0x06054b50, 4], [0, 2], [0, 2], [this.files, 2], [this.files, 2], [this.listBytes, 4], [this.offset, 4], [0, 2]);
    return new Blob([...this.parts, ...this.list, end], { type: "application/zip" });
  }
}

async function* everyPhoto(state: api.State): AsyncGenerator<api.Photo> {
  const groups = state.tags === null ? state.classes.map((one) => one.name) : [""];
  for (const group of groups) {
    for (let offset = 0; ; offset += kPage) {
      const page = state.tags === null ? await api.photos(group, offset, kPage) : await api.tagged("all", "", offset, kPage);
      for (const photo of page.photos) yield { class: group, name: photo.name, stamp: photo.stamp };
      if (offset + kPage >= page.total) break;
    }
  }
}

/** said: called with the number of photos so far. */
export async function photosAsZip(state: api.State, said: (done: number) => void): Promise<Blob> {
  const zip = new ZipWriter();
  let done = 0;
  if (state.tags !== null) await zip.add(`${state.project}/labels.csv`, await api.labelList());
  for await (const photo of everyPhoto(state)) {
    const path = [state.project, photo.class, photo.name].filter((part) => part !== "").join("/");
    await zip.add(path, await api.original(photo));
    said(++done);
  }
  return zip.end();
}
