// SPDX-License-Identifier: Apache-2.0
#include "graft/base/atomic_file.hpp"
#include "graft/formats/weights_h5.hpp"

#include "formats/hdf5/writer.hpp"

namespace graft::formats {
namespace {

void fill(hdf5::Writer& writer, const NamedTensors& weights, const GroupNames& group_names) {
  for (const auto& [path, name] : group_names) {
    writer.add_group(path);
    if (!name.empty()) writer.set_text(path, "name", name);
  }
  for (const NamedTensor& weight : weights) writer.add_dataset(weight.path, weight.tensor);
}

}  // namespace

std::string write_weights_h5(const NamedTensors& weights, const GroupNames& group_names) {
  std::size_t bytes = 0;
  for (const NamedTensor& weight : weights) bytes += weight.tensor.size_bytes();
  const hdf5::Session session;
  hdf5::Writer writer(bytes);
  fill(writer, weights, group_names);
  return writer.bytes();
}

void write_weights_h5(const std::filesystem::path& path, const NamedTensors& weights,
                      const GroupNames& group_names) {
  AtomicFile file(path);
  {
    const hdf5::Session session;
    hdf5::Writer writer(file.temporary_path());
    fill(writer, weights, group_names);
    writer.close();
  }
  file.commit();
}

}  // namespace graft::formats
