// SPDX-License-Identifier: Apache-2.0
#include "transfer/result/early_model.hpp"

#include <filesystem>

#include "graft/base/fail.hpp"
#include "graft/base/json.hpp"
#include "graft/classifier.hpp"
#include "graft/saving.hpp"

#include "transfer/context/reporter.hpp"
#include "transfer/result/finish.hpp"

namespace graft::transfer {

void save_early_model(const RunContext& run, const Trained& trained) {
  const std::filesystem::path& file = run.options.early_model;
  const std::filesystem::path nowhere;
  const Json metadata = model_metadata({run.photos, run.options, nowhere, run.image_size}, trained);
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  if (error) fail(ErrorKind::io, "cannot create ", file.parent_path().string(), ": ", error.message());
  saving::save_model(trained.model, file, {.extra = {{kMetadataEntry, metadata.dump(1)}}});
  run.reporter.say(cat("  a first model, the head alone, is in ", file.string()));
}

}  // namespace graft::transfer
