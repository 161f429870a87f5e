// SPDX-License-Identifier: Apache-2.0
#include "graft/transfer/feature_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "graft/base/atomic_file.hpp"
#include "graft/base/csv.hpp"
#include "graft/base/fail.hpp"
#include "graft/formats/npy.hpp"
#include "graft/formats/npz.hpp"

namespace graft::transfer {
namespace {

namespace fs = std::filesystem;

/// Rows as text, one at a time: a table may be larger than memory has room for twice.
template <typename MakeRow>
void write_rows(const fs::path& path, const FeatureTable& table, const std::string& head,
                const MakeRow& row) {
  AtomicFile file(path);
  std::ofstream out(file.temporary_path(), std::ios::binary);
  out << head;
  const std::size_t rows = table.files.size();
  const std::size_t width = rows == 0 ? 0 : static_cast<std::size_t>(table.features.count()) / rows;
  for (std::size_t i = 0; i < rows && out; ++i)
    out << row(i, table.features.data<float>().subspan(i * width, width));
  out.close();
  if (!out) fail(ErrorKind::io, path.string(), ": cannot be written (is the disk full?)");
  file.commit();
}

void write_csv(const fs::path& path, const FeatureTable& table) {
  const auto rows = static_cast<std::int64_t>(table.files.size());
  const std::int64_t width = rows == 0 ? 0 : table.features.count() / rows;
  std::string head = "path,label";
  for (std::int64_t d = 0; d < width; ++d) head += ",f" + std::to_string(d);
  write_rows(path, table, head + "\n", [&](std::size_t i, std::span<const float> values) {
    std::string line = csv_field(table.files[i]) + ",";
    if (!table.labels.empty())
      line += csv_field(table.class_names[static_cast<std::size_t>(table.labels[i])]);
    for (const float value : values) {
      line += ',';
      append_number(line, value);
    }
    return line + "\n";
  });
}

void write_svmlight(const fs::path& path, const FeatureTable& table) {
  write_rows(path, table, "", [&](std::size_t i, std::span<const float> values) {
    std::string line = std::to_string(table.labels.empty() ? 0 : table.labels[i]);
    for (std::size_t d = 0; d < values.size(); ++d) {
      if (values[d] == 0 && d + 1 < values.size()) continue;
      line += " " + std::to_string(d + 1) + ":";
      append_number(line, values[d]);
    }
    return line + "\n";
  });
}

void write_numpy_archive(const fs::path& path, const FeatureTable& table) {
  formats::NamedTensors tensors{{"features", table.features}};
  std::vector<formats::NamedTexts> texts{{"files", table.files}};
  if (!table.labels.empty()) {
    Tensor labels(Shape{static_cast<std::int64_t>(table.labels.size())}, DType::int32);
    std::ranges::copy(table.labels, labels.data<std::int32_t>().begin());
    tensors.push_back({"labels", labels});
    texts.push_back({"class_names", table.class_names});
  }
  formats::write_npz(path, tensors, texts);
}

using Writer = void (*)(const fs::path&, const FeatureTable&);
struct Ending {
  std::string_view name;
  Writer write;
};
constexpr std::array<Ending, 5> kEndings{
    {{".npy",
      [](const fs::path& path, const FeatureTable& table) { formats::write_npy(path, table.features); }},
     {".npz", write_numpy_archive},
     {".csv", write_csv},
     {".svm", write_svmlight},
     {".libsvm", write_svmlight}}};

Writer writer_for(const fs::path& path) {
  const std::string ending = path.extension().string();
  const auto* const found = std::ranges::find(kEndings, ending, &Ending::name);
  if (found != kEndings.end()) return found->write;
  fail(ErrorKind::invalid_argument, path.string(),
       ": expected a name that ends in .npy, .npz, .csv, .svm or .libsvm, received '", ending, "'");
}

void check(const FeatureTable& table) {
  const auto rows = static_cast<std::int64_t>(table.files.size());
  const bool labelled = !table.labels.empty();
  if (table.features.dtype() != DType::float32 || table.features.shape().rank() < 1 ||
      table.features.shape()[0] != rows || (labelled && table.labels.size() != table.files.size())) {
    fail(ErrorKind::shape_mismatch,
         "features: expected float32 (N, ...) with a file and a label or none for each, "
         "received ",
         table.features.shape(), ", ", rows, " files and ", table.labels.size(), " labels");
  }
  for (const int label : table.labels) {
    if (label < 0 || static_cast<std::size_t>(label) >= table.class_names.size())
      fail(ErrorKind::invalid_argument, "features: label ", label, " has no name in class_names");
  }
}

}  // namespace

void check_feature_file(const fs::path& path) { static_cast<void>(writer_for(path)); }

void write_features(const fs::path& path, const FeatureTable& table) {
  const Writer write = writer_for(path);
  check(table);
  write(path, table);
}

}  // namespace graft::transfer
