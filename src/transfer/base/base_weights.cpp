// SPDX-License-Identifier: Apache-2.0
#include "transfer/base/base_weights.hpp"

#include <optional>

#include "graft/applications.hpp"
#include "graft/base/fail.hpp"
#include "graft/pretrained.hpp"
#include "graft/weights_store.hpp"

#include "transfer/base/base_model.hpp"
#include "transfer/context/networks.hpp"
#include "transfer/context/reporter.hpp"
#include "transfer/list/photo_size.hpp"

namespace graft::transfer {
namespace {

WeightsProgress download_progress(Reporter& reporter) {
  return [&reporter](const std::string& name, std::uint64_t done, std::uint64_t total) {
    constexpr std::uint64_t kMega = 1000000;
    return reporter.update("download", static_cast<std::size_t>(done / kMega),
                           static_cast<std::size_t>((total + kMega - 1) / kMega), cat("MB of ", name));
  };
}

/// size: nothing where the file does not depend on it.
void ensure_weights(const TrainOptions& options, std::optional<Size2D> size, Reporter& reporter) {
  const NetworkNames names = networks_of(options);
  for (const std::string& name : {names.first, names.second}) {
    if (name.empty()) continue;
    const applications::Application& application = applications::find_application(name);
    applications::ApplicationOptions wanted{.include_top = false, .alpha = options.alpha};
    if (size) wanted = base_options(options, *size);
    if (options.download || weights_download_allowed())
      classify::download_weights(application, wanted, options.weights,
                                 {.progress = download_progress(reporter)});
    classify::check_weights_here(application, wanted, options.weights);
  }
}

}  // namespace

void check_networks(const TrainOptions& options) {
  if (options.model == kAutomaticModel) {
    if (!classify::applications_here().empty()) return;
    fail(ErrorKind::not_found,
         "model auto: no network's ImageNet weights are on this computer; name a network to see what to "
         "fetch");
  }
  const NetworkNames names = networks_of(options);
  static_cast<void>(applications::find_application(names.first));
  if (!names.second.empty()) static_cast<void>(applications::find_application(names.second));
}

Size2D size_with_weights(const data::PhotoList& photos, const TrainOptions& options, Reporter& reporter) {
  // The size decides which of ImageNet's files it is; a config beside another file may decide the size.
  const bool by_size = options.weights == "imagenet";
  if (!by_size) ensure_weights(options, std::nullopt, reporter);
  const Size2D size = image_size_for(photos, options);
  if (by_size) ensure_weights(options, size, reporter);
  return size;
}

}  // namespace graft::transfer
