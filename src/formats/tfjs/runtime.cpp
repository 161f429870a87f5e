// SPDX-License-Identifier: Apache-2.0
#include "graft/base/fail.hpp"
#include "graft/base/read_file.hpp"
#include "graft/base/run_program.hpp"
#include "graft/formats/npy.hpp"
#include "graft/formats/tfjs_runtime.hpp"

#include "formats/last_words.hpp"

namespace graft::formats {
namespace {

namespace fs = std::filesystem;

/// Arguments: the packages, model.json, the batch (.npy), where the output goes (.npy), where the version
/// goes. The files are given to TensorFlow.js as a page's loader would give them.
constexpr const char* kScript = R"js(
const fs = require('fs'), path = require('path');
const [packages, file, input, output, versionFile] = process.argv.slice(1);
console.warn = console.log = () => {};
const tf = require(path.resolve(packages, 'node_modules/@tensorflow/tfjs'));
const npy = fs.readFileSync(input);
const header = npy.readUInt16LE(8);
const shape = /'shape': \(([^)]*)\)/.exec(npy.toString('latin1', 10, 10 + header))[1]
    .split(',').filter((size) => size.trim()).map(Number);
const values = new Float32Array(npy.buffer.slice(npy.byteOffset + 10 + header, npy.byteOffset + npy.length));
const folder = path.dirname(path.resolve(file));
const model = JSON.parse(fs.readFileSync(file, 'utf8'));
const specs = [], parts = [];
for (const group of model.weightsManifest) {
  specs.push(...group.weights);
  for (const name of group.paths) parts.push(fs.readFileSync(path.join(folder, name)));
}
const all = Buffer.concat(parts);
const weightData = all.buffer.slice(all.byteOffset, all.byteOffset + all.length);
(async () => {
  await tf.setBackend('cpu');
  const loaded = await tf.loadLayersModel(
      {load: async () => ({modelTopology: model.modelTopology, weightSpecs: specs, weightData})});
  const rows = [], size = values.length / shape[0];
  let outputShape;
  for (let i = 0; i < shape[0]; ++i) {
    const x = tf.tensor(values.slice(i * size, (i + 1) * size), [1, ...shape.slice(1)]);
    let y = loaded.predict(x);
    if (Array.isArray(y)) y = y[0];
    outputShape = y.shape;
    rows.push(Buffer.from(new Float32Array(await y.data()).buffer));
  }
  const sizes = [shape[0], ...outputShape.slice(1)].join(', ');
  let text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes},), }`;
  text += ' '.repeat(63 - (10 + text.length) % 64) + '\n';
  const start = Buffer.from('\x93NUMPY\x01\x00\x00\x00', 'latin1');
  start.writeUInt16LE(text.length, 8);
  fs.writeFileSync(output, Buffer.concat([start, Buffer.from(text, 'latin1'), ...rows]));
  fs.writeFileSync(versionFile, tf.version.tfjs || '?');
})().catch((error) => {
  process.stderr.write(String(error && error.message || error).replace(/\s+/g, ' ') + '\n');
  process.exit(1);
});
)js";

}  // namespace

void install_tfjs(const fs::path& folder, const std::string& version) {
  fs::create_directories(folder);
  const fs::path log = folder / "install.log";
  const std::string package = cat("@tensorflow/tfjs@", version);
  const std::string check =
      cat("process.exit(require(require('path').resolve(process.argv[1], "
          "'node_modules/@tensorflow/tfjs/package.json')).version === '",
          version, "' ? 0 : 1)");
  if (run_program({"node", "-e", check, folder.string()}, log) == 0) return;
  const int code = run_program({"npm", "install", "--prefix", folder.string(), "--no-save", "--no-audit",
                                "--no-fund", "--ignore-scripts", package},
                               log);
  if (code != 0) fail(ErrorKind::unsupported, "npm could not install ", package, ": ", last_words(log));
}

EngineAnswer run_tfjs(const fs::path& file, const Tensor& batch, const fs::path& packages,
                      const fs::path& folder) {
  const fs::path input = folder / "batch.npy";
  const fs::path output = folder / "output.npy";
  const fs::path version = folder / "version.txt";
  const fs::path log = folder / "engine.log";
  write_npy(input, batch);
  const int code = run_program({"node", "-e", kScript, packages.string(), file.string(), input.string(),
                                output.string(), version.string()},
                               log);
  if (code != 0)
    fail(ErrorKind::unsupported, "TensorFlow.js in Node did not run the file: ", last_words(log));
  return {read_npy(output), read_file(version, 256)};
}

}  // namespace graft::formats
