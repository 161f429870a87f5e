// SPDX-License-Identifier: Apache-2.0
// Photos in a zip file, read one at a time: the file may be larger than memory.

export interface ZipPhoto {
  path: string;
  read(): Promise<File>;
}

const kMostPhoto = 2 ** 30; // of a photo that is unpacked

const wrong = (name: string, what: string): Error => new Error(`${name}: ${what}. Unpack it and drop the folder instead.`);

async function bytes(file: Blob, begin: number, end: number): Promise<DataView> {
  return new DataView(await file.slice(begin, end).arrayBuffer());
}
const long = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

/** Where the list of files is: its first byte, its length. */
async function directory(file: File): Promise<[number, number]> {
  const kEnd = 22, from = Math.max(0, file.size - 0xffff - kEnd);
  const view = await bytes(file, from, file.size);
  for (let at = view.byteLength - kEnd; at >= 0; --at) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    const size = view.getUint32(at + 12, true), begin = view.getUint32(at + 16, true);
    if (begin !== 0xffffffff && size !== 0xffffffff) return [begin, size];
    // More than 4 GiB: numbers of 8 bytes stand in a record of their own.
    if (at < 20 || view.getUint32(at - 20, true) !== 0x07064b50) break;
    const record = long(view, at - 12), far = await bytes(file, record, record + 56);
    if (far.byteLength < 56 || far.getUint32(0, true) !== 0x06064b50) break;
    return [long(far, 48), long(far, 40)];
  }
  throw wrong(file.name, "this is no zip file that can be read");
}

interface Entry {
  path: string;
  method: number;
  packed: number;
  size: number;
  begin: number;
}

/** Fields of 8 bytes, where those of 4 are full. */
function widen(entry: Entry, extra: DataView): void {
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    for (const field of ["size", "packed", "begin"] as const) {
      if (entry[field] !== 0xffffffff || next + 8 > extra.byteLength) continue;
      entry[field] = long(extra, next);
      next += 8;
    }
  }
}

async function entries(file: File): Promise<Entry[]> {
  const [begin, size] = await directory(file);
  const view = await bytes(file, begin, begin + size), all: Entry[] = [];
  for (let at = 0; at + 46 <= view.byteLength; ) {
    if (view.getUint32(at, true) !== 0x02014b50) throw wrong(file.name, "its list of files is damaged");
    const name = view.getUint16(at + 28, true), extra = view.getUint16(at + 30, true), next = at + 46 + name + extra + view.getUint16(at + 32, true);
    if (next > view.byteLength) throw wrong(file.name, "its list of files is damaged");
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw wrong(file.name, "it is encrypted");
    const entry = {
      path: new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + 46, name)),
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      begin: view.getUint32(at + 42, true),
    };
    widen(entry, new DataView(view.buffer, view.byteOffset + at + 46 + name, extra));
    all.push(entry);
    at = next;
  }
  return all;
}

/** At most as many bytes as the list of files says: a bomb ends here. */
async function unpacked(packed: Blob, size: number): Promise<Blob> {
  if (typeof DecompressionStream === "undefined") throw new Error("this browser cannot unpack it: unpack the zip file and drop the folder");
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts: BlobPart[] = [];
  for (let total = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts);
    total += value.byteLength;
    if (total > size) {
      await reader.cancel();
      throw new Error("it is longer than the zip file says");
    }
    parts.push(value);
  }
}

async function photoOf(file: File, entry: Entry): Promise<File> {
  const name = entry.path.split("/").pop() ?? "";
  if (entry.size > kMostPhoto) throw new Error("it is too large");
  const head = await bytes(file, entry.begin, entry.begin + 30);
  if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) throw new Error("the zip file is damaged there");
  const begin = entry.begin + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = file.slice(begin, begin + entry.packed);
  if (entry.method === 0) return new File([packed], name);
  if (entry.method !== 8) throw new Error("it is packed in a way that browsers cannot read: unpack the zip file and drop the folder");
  return new File([await unpacked(packed, entry.size)], name);
}

/** The files of a zip file that `wanted` takes; hidden ones are passed by. */
export async function zipPhotos(file: File, wanted: (name: string) => boolean): Promise<ZipPhoto[]> {
  const hidden = (part: string): boolean => part.startsWith(".") || part === "__MACOSX";
  return (await entries(file))
    .filter((entry) => !entry.path.endsWith("/") && !entry.path.split("/").some(hidden) && wanted(entry.path.split("/").pop() ?? ""))
    .map((entry) => ({ path: entry.path, read: () => photoOf(file, entry) }));
}
