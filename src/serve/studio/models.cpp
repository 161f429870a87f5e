// SPDX-License-Identifier: Apache-2.0
#include "serve/studio/models.hpp"

#include <algorithm>

namespace graft::serve::studio {

RoundModel::RoundModel(const std::string& round, const std::filesystem::path& file,
                       const StudioOptions& options) {
  options_.models = {{.name = round, .file = file}};
  options_.execution = options.execution;
  options_.limits.body_bytes = options.photo_bytes;
  options_.limits.pixels = options.pixels;
  services_.push_back(std::make_unique<ModelService>(options_.models.front(), options_, metrics_));
  api_ = std::make_unique<Api>(options_, services_, metrics_, access_, [] { return Metrics::Now(); });
}

std::shared_ptr<RoundModel> RoundModels::get(const std::string& round, const std::filesystem::path& file) {
  constexpr std::size_t kMost = 2;
  const std::lock_guard lock(mutex_);
  // One whose photos are still being answered stays for now.
  for (auto one = models_.begin(); models_.size() > kMost && one != models_.end();)
    one = one->use_count() == 1 ? models_.erase(one) : std::next(one);
  auto found = std::ranges::find_if(models_, [&](const auto& one) { return one->round() == round; });
  if (found != models_.end()) {
    (*found)->api().services.front()->look_at_file();
    std::rotate(found, std::next(found), models_.end());
  } else {
    models_.push_back(std::make_shared<RoundModel>(round, file, options_));
  }
  return models_.back();
}

void RoundModels::answer(const std::string& round, const std::filesystem::path& file,
                         void (*route)(Api& api, Request& request, const std::string& name,
                                       const Reply& reply),
                         Request& request, const Reply& reply) {
  const std::shared_ptr<RoundModel> model = get(round, file);
  request.query["model"] = round;
  // The reply keeps the model. models_ has it too, so that the last owner is never the model's own thread.
  route(model->api(), request, "", [model, reply](Response response) { reply(std::move(response)); });
}

}  // namespace graft::serve::studio
