// SPDX-License-Identifier: Apache-2.0
#include "transfer/result/early_model.hpp"

#include <filesystem>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/saving.hpp"

namespace graft::transfer {

void save_early_model(const ResultParts& parts, const Trained& trained) {
  const std::filesystem::path& file = parts.options.early_model;
  const Json metadata = model_metadata(parts, trained);
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) fail(ErrorKind::io, "cannot create ", file.parent_path().string(), ": ", error.message());
  saving::save_model(trained.model, file, {.extra = {{kMetadataEntry, metadata.dump(1)}}});
}

}  // namespace graft::transfer
