// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "graft/base/fail.hpp"
#include "graft/base/text.hpp"
#include "graft/data/read_photo.hpp"
#include "graft/explain.hpp"
#include "graft/plan/plan.hpp"

#include "inspect/explain/cam.hpp"
#include "inspect/explain/occlusion.hpp"
#include "inspect/explain/region.hpp"

namespace graft::inspect {
namespace {

struct NamedExplainMethod {
  ExplainMethod method;
  std::string_view name;
};
constexpr std::array<NamedExplainMethod, 4> kExplainMethods{
    {{ExplainMethod::automatic, "auto"},
     {ExplainMethod::grad_cam, "grad-cam"},
     {ExplainMethod::grad_cam_plus_plus, "grad-cam++"},
     {ExplainMethod::occlusion, "occlusion"}}};

constexpr std::int64_t kPatchesPerSide = 8;

bool is_gradient_method(ExplainMethod method) {
  return method == ExplainMethod::grad_cam || method == ExplainMethod::grad_cam_plus_plus;
}

/// Gradient of a class's score, or of a number, by the model's output before its last activation (1, K) or
/// (1, 1).
Tensor score_gradient(const Shape& output, std::int64_t class_index, bool of_number) {
  Tensor gradient(output);
  if (output.count() == 1 && !of_number) {  // one output: the logit of class 1
    gradient.data()[0] = class_index == 1 ? 1.0F : -1.0F;
  } else {
    gradient.data()[static_cast<std::size_t>(class_index)] = 1.0F;
  }
  return gradient;
}

bool all_zero(const Tensor& values) {
  return std::ranges::all_of(values.data(), [](float value) { return value == 0; });
}

constexpr const char* kNoGradient =
    "the score of this head has no gradient: it changes in steps (votes, nearest neighbours)";

}  // namespace

std::string_view to_string(ExplainMethod method) {
  for (const NamedExplainMethod& named : kExplainMethods) {
    if (named.method == method) return named.name;
  }
  return "auto";
}

ExplainMethod explain_method_from_name(std::string_view name) {
  for (const NamedExplainMethod& named : kExplainMethods) {
    if (named.name == name) return named.method;
  }
  fail(ErrorKind::invalid_argument, "method: expected one of ",
       comma_list(kExplainMethods, &NamedExplainMethod::name), "; received '", name, "'");
}

struct Explainer::State {
  State(Classifier classifier_given, ExplainOptions options_given)
      : classifier(std::move(classifier_given)), options(std::move(options_given)) {
    check();
    load = classifier.load_options();
    load.decode.exif = options.exif.value_or(load.decode.exif);
    if (options.method != ExplainMethod::occlusion) lower();
  }

  void check() {
    const auto classes = static_cast<std::int64_t>(classifier.class_names().size());
    if (options.class_index && (*options.class_index < 0 || *options.class_index >= classes)) {
      fail(ErrorKind::invalid_argument, "class: expected 0 to ", classes - 1, ", received ",
           *options.class_index);
    }
    const Size2D size = classifier.image_size();
    const std::int64_t shorter = std::min(size.height, size.width);
    if (options.patch < 0 || options.patch > shorter) {
      fail(ErrorKind::invalid_argument, "patch: expected 1 to ", shorter, " pixels, received ",
           options.patch);
    }
    if (options.patch == 0) options.patch = std::max<std::int64_t>(shorter / kPatchesPerSide, 1);
  }

  void lower() {
    Execution execution{};
    execution.dtype_policy = DTypePolicy::float32;
    try {
      plan.emplace(plan::Plan::lower(classifier.model(), {.input_shape = sample_shape(),
                                                          .logits = true,
                                                          .execution = execution,
                                                          .feature_map = options.layer}));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unsupported || options.method != ExplainMethod::automatic) throw;
      why_not = error.what();
    }
  }

  [[nodiscard]] Shape sample_shape() const {
    return {load.image_size.height, load.image_size.width, data::channels_of(load.decode.color_mode)};
  }

  /// pixels: float32 (H, W, C) at the model's size. answer: probabilities; empty: not known.
  [[nodiscard]] Explanation explain(const Tensor& pixels, std::span<const float> answer) {
    Tensor row;
    if (answer.empty()) {
      row = classifier.probabilities(pixels.reshape(pixels.shape().with_batch(1)));
      answer = row.data();
    }
    Explanation result = classifier.gives_numbers() ? of_number(answer) : of_class(answer);
    if (plan && by_gradient(pixels, result)) return result;
    if (is_gradient_method(options.method)) fail(ErrorKind::unsupported, kNoGradient, "; use occlusion");
    if (options.method == ExplainMethod::automatic) result.why = why_not.empty() ? kNoGradient : why_not;
    result.method = ExplainMethod::occlusion;
    result.values = occlusion(classifier, pixels, result.explained.index, options.patch);
    result.heat_map = heat_of(result.values, load.image_size);
    return result;
  }

  /// What is explained of an answer, without why.
  [[nodiscard]] Explanation of_class(std::span<const float> answer) const {
    const std::size_t width = classifier.class_names().size();
    const std::vector<Prediction> all =
        classifier.best(answer, {.top = static_cast<int>(std::max<std::size_t>(width, 1))});
    Explanation result{.predicted = all.front()};
    result.explained =
        *std::ranges::find(all, options.class_index.value_or(all.front().index), &Prediction::index);
    return result;
  }
  [[nodiscard]] Explanation of_number(std::span<const float> answer) const {
    const std::int64_t index = options.class_index.value_or(0);
    Explanation result;
    result.number = classifier.numbers_of(answer).at(static_cast<std::size_t>(index));
    result.explained = {.class_id = result.number->name, .name = result.number->name, .index = index};
    result.predicted = result.explained;
    return result;
  }

  /// False where the score does not change with the feature map.
  bool by_gradient(const Tensor& pixels, Explanation& result) {
    plan->forward(pixels.reshape(pixels.shape().with_batch(1)));
    plan->backward(
        score_gradient(plan->output().shape(), result.explained.index, classifier.gives_numbers()));
    const plan::FeatureMap map = plan->feature_map();
    if (all_zero(map.gradient)) return false;
    const bool plus_plus = options.method == ExplainMethod::grad_cam_plus_plus;
    result.method = plus_plus ? ExplainMethod::grad_cam_plus_plus : ExplainMethod::grad_cam;
    result.layer = map.layer;
    result.values =
        plus_plus ? grad_cam_plus_plus(map.values, map.gradient) : grad_cam(map.values, map.gradient);
    result.heat_map = heat_of(result.values, load.image_size);
    return true;
  }

  Classifier classifier;
  ExplainOptions options;
  data::LoadPhotosOptions load;
  std::optional<plan::Plan> plan;
  std::string why_not;  ///< why there is no plan
};

Explainer::Explainer(Classifier classifier, ExplainOptions options)
    : state_(std::make_shared<State>(std::move(classifier), std::move(options))) {}

Explanation Explainer::explain(const std::filesystem::path& photo) const { return explain(photo, {}); }

Explanation Explainer::explain(const std::filesystem::path& photo,
                               std::span<const float> probabilities) const {
  const std::size_t classes = state_->classifier.class_names().size();
  if (!probabilities.empty() && probabilities.size() != classes) {
    fail(ErrorKind::shape_mismatch, "probabilities: expected one of each of ", classes, " classes, received ",
         probabilities.size());
  }
  // At full size: the part of the photo that the network sees follows from it.
  const Tensor picture = data::read_image(photo, state_->load.decode);
  std::string note;
  const Tensor pixels = state_->load.decode.jpeg_scale == data::JpegScale::exact
                            ? data::resize_photo(picture, state_->load)
                            : data::read_photo(photo, state_->load, note);
  Explanation result = state_->explain(pixels.to(DType::float32), probabilities);
  result.region = region_seen({picture.shape()[0], picture.shape()[1]}, state_->load);
  return result;
}

Explanation Explainer::explain(const Tensor& photo) const {
  const Tensor pixels = data::resize_photo(photo, state_->load).to(DType::float32);
  if (pixels.shape() != state_->sample_shape()) {
    fail(ErrorKind::shape_mismatch, "photo: expected (H, W, ", state_->sample_shape()[2], "), received ",
         photo.shape());
  }
  Explanation result = state_->explain(pixels, {});
  result.region = region_seen({photo.shape()[0], photo.shape()[1]}, state_->load);
  return result;
}

Explanation explain(const Classifier& classifier, const std::filesystem::path& photo,
                    const ExplainOptions& options) {
  return Explainer(classifier, options).explain(photo);
}

}  // namespace graft::inspect
