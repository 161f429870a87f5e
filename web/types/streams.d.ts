// SPDX-License-Identifier: Apache-2.0
// The Compression Streams standard, which the compiler's own declarations do not have yet.
declare class DecompressionStream {
  constructor(format: "deflate-raw");
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}
