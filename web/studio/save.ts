// SPDX-License-Identifier: Apache-2.0
// Files that leave the page.
import { el } from "../src/dom";

export function saveBlob(blob: Blob, as: string): void {
  const link = el("a", { href: URL.createObjectURL(blob), download: as });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
