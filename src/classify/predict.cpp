// SPDX-License-Identifier: Apache-2.0
// Classifier: from files, bytes and pixels to the most probable classes.
#include <algorithm>
#include <cstring>
#include <new>

#include "graft/base/fail.hpp"
#include "graft/base/parallel.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/views.hpp"
#include "graft/data/read_photo.hpp"
#include "graft/evaluation.hpp"
#include "graft/photos.hpp"

namespace graft {
namespace {

namespace fs = std::filesystem;

/// As data::Dataset's batches: a list and a data set of the same photos have the same answers bit by bit.
constexpr std::size_t kBatch = 32;

/// The pixels of one file at the model's size, or why there are none.
struct Decoded {
  Tensor pixels;
  std::string error;
  std::string note;
};

/// read: returns the pixels of one photo, and its note.
Decoded decode(const std::function<Tensor(std::string& note)>& read, const std::string& name) {
  Decoded result;
  try {
    result.pixels = read(result.note).to(DType::float32);
  } catch (const Error& error) {
    result.error = error.what();
  } catch (const std::bad_alloc&) {
    result.error = name + ": not enough memory to decode it";
  }
  return result;
}

/// Photos that a list names or holds.
struct Photos {
  std::vector<fs::path> paths;          ///< of each; empty paths for those in memory
  std::span<const PhotoBytes> bytes{};  ///< of each; empty: they are files
  [[nodiscard]] Decoded decode(std::size_t i, const data::LoadPhotosOptions& load) const {
    if (bytes.empty()) {
      return graft::decode([&](std::string& note) { return data::read_photo(paths[i], load, note); },
                           paths[i].string());
    }
    return graft::decode([&](std::string& note) { return data::read_photo(bytes[i], load, note); },
                         "the photo");
  }
};

/// Answers for a list of photos: decodes a few in threads, computes them in full batches.
class ListPredictor {
 public:
  ListPredictor(const Classifier& classifier, const ClassifyOptions& options, data::LoadPhotosOptions load)
      : classifier_(classifier), options_(options), load_(std::move(load)) {}

  std::vector<PhotoPrediction> run(const Photos& given) {
    given_ = &given;
    const std::vector<fs::path>& photos = given.paths;
    for (const fs::path& path : photos) {
      results_.push_back(
          {.path = path, .predictions = {}, .error = "not classified: stopped", .unreadable = true});
    }
    for (std::size_t begin = 0; begin < photos.size(); begin += kBatch) {
      const std::size_t end = std::min(begin + kBatch, photos.size());
      decode_range(begin, end);
      if (waiting_.size() >= kBatch) answer(kBatch);
      hand_out(waiting_.empty() ? end : waiting_.front().photo);
      if (options_.progress && !options_.progress(end, photos.size())) break;
    }
    answer(waiting_.size());
    hand_out(results_.size());
    if (options_.on_answer) results_.clear();
    return std::move(results_);
  }

 private:
  struct Waiting {
    std::size_t photo;
    Tensor pixels;
  };

  void decode_range(std::size_t begin, std::size_t end) {
    std::vector<Decoded> decoded(end - begin);
    parallel_for(decoded.size(), 1, [&](std::size_t from, std::size_t to) {
      for (std::size_t i = from; i < to; ++i) decoded[i] = given_->decode(begin + i, load_);
    });
    for (std::size_t i = 0; i < decoded.size(); ++i) {
      results_[begin + i].error = std::move(decoded[i].error);
      results_[begin + i].note = std::move(decoded[i].note);
      results_[begin + i].unreadable = !results_[begin + i].error.empty();
      if (results_[begin + i].error.empty())
        waiting_.push_back({.photo = begin + i, .pixels = std::move(decoded[i].pixels)});
    }
  }

  /// Computes the first `count` photos that wait.
  void answer(std::size_t count) {
    if (count == 0) return;
    const auto rows = static_cast<std::int64_t>(count);
    Tensor batch(waiting_.front().pixels.shape().with_batch(rows));
    for (std::int64_t i = 0; i < rows; ++i) {
      const Tensor& pixels = waiting_[static_cast<std::size_t>(i)].pixels;
      batch.slice(i, i + 1).copy_from(pixels.reshape(pixels.shape().with_batch(1)));
    }
    BatchAnswers answers = classifier_.answers(batch);
    if (options_.views > 1)
      answers.probabilities = classify::averaged_probabilities(classifier_, batch, options_.views);
    const TrainingFeatures* known = classifier_.training_features();
    const Tensor& all = answers.probabilities;
    const std::size_t width = classifier_.class_names().size();
    for (std::size_t i = 0; i < count; ++i) {
      PhotoPrediction& result = results_[waiting_[i].photo];
      const std::span<const float> row = all.data().subspan(i * width, width);
      result.predictions = classifier_.best(row, options_);
      result.labels = classifier_.labels_of(row);
      if (!classifier_.has_several_labels()) result.decision = classifier_.decide(row, options_);
      if (known == nullptr) continue;
      result.distance = answers.distances[i];
      result.unlike_training = answers.distances[i] > known->limit;
      if (options_.reject && result.unlike_training) result.decision = without_class(result.decision, row);
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  /// Of a photo unlike the training photos: unknown, but for a class that must not be missed.
  [[nodiscard]] Decision without_class(const Decision& decision, std::span<const float> row) const {
    const bool kept =
        std::ranges::any_of(classifier_.decision_rules().min_recall, [&](const classify::RecallRule& rule) {
          return static_cast<double>(row[rule.index]) >= rule.threshold;
        });
    if (!decision.index || kept) return decision;
    return {.reason = "the photo is unlike the training photos"};
  }

  /// Calls on_answer for what is final: all before a photo that waits.
  void hand_out(std::size_t end) {
    if (!options_.on_answer) return;
    for (; handed_out_ < end; ++handed_out_) {
      options_.on_answer(results_[handed_out_]);
      results_[handed_out_] = {};
    }
  }

  const Classifier& classifier_;
  const ClassifyOptions& options_;
  data::LoadPhotosOptions load_;
  const Photos* given_ = nullptr;  ///< of the running call
  std::vector<PhotoPrediction> results_;
  std::size_t handed_out_ = 0;
  std::vector<Waiting> waiting_;  ///< decoded, not yet computed; in the order of the list
};

void check(const ClassifyOptions& options) {
  if (options.top < 1) fail(ErrorKind::invalid_argument, "top: expected at least 1, received ", options.top);
  classify::check_views(options.views);
}

}  // namespace

data::LoadPhotosOptions Classifier::load_options(const ClassifyOptions& options) const {
  data::LoadPhotosOptions load = load_options();
  load.decode.exif = options.exif.value_or(load.decode.exif);
  load.resize.interpolation = options.interpolation.value_or(load.resize.interpolation);
  load.decode.max_pixels = std::min(load.decode.max_pixels, options.max_pixels);
  return load;
}

std::vector<Prediction> Classifier::predict_resized(const Tensor& image,
                                                    const ClassifyOptions& options) const {
  const Tensor batch = image.to(DType::float32).reshape(image.shape().with_batch(1));
  return best(classify::averaged_probabilities(*this, batch, options.views).data(), options);
}

std::vector<Prediction> Classifier::predict(const fs::path& path, const ClassifyOptions& options) const {
  check(options);
  const data::LoadPhotosOptions load = load_options(options);
  std::string note;
  return predict_resized(data::read_photo(path, load, note), options);
}

std::vector<Prediction> Classifier::predict(std::span<const std::byte> bytes,
                                            const ClassifyOptions& options) const {
  check(options);
  const data::LoadPhotosOptions load = load_options(options);
  return predict_resized(
      data::resize_photo(data::decode_image(bytes, load.decode, data::wanted_size(load)), load), options);
}

std::vector<Prediction> Classifier::predict(const Tensor& pixels, const ClassifyOptions& options) const {
  check(options);
  const std::int64_t channels = data::channels_of(load_options().decode.color_mode);
  if (pixels.dtype() != DType::uint8 || pixels.shape().rank() != 3 || pixels.shape()[2] != channels) {
    fail(ErrorKind::shape_mismatch, "pixels: expected uint8 (H, W, ", channels, "), received ",
         to_string(pixels.dtype()), " ", pixels.shape());
  }
  return predict_resized(data::resize_photo(pixels, load_options(options)), options);
}

std::vector<Prediction> Classifier::predict(const PixelView& pixels, const ClassifyOptions& options) const {
  const std::int64_t row = pixels.width * pixels.channels;
  const std::int64_t stride = pixels.stride_bytes == 0 ? row : pixels.stride_bytes;
  if (pixels.data == nullptr || pixels.width < 1 || pixels.height < 1 || pixels.channels < 1 ||
      stride < row) {
    fail(ErrorKind::invalid_argument,
         "pixels: expected data, width, height and channels, and a stride of at ", "least one row, received ",
         pixels.width, " x ", pixels.height, " x ", pixels.channels, ", stride ", pixels.stride_bytes);
  }
  Tensor image({pixels.height, pixels.width, pixels.channels}, DType::uint8);
  std::uint8_t* to = image.data<std::uint8_t>().data();
  for (std::int64_t y = 0; y < pixels.height; ++y)
    std::memcpy(to + y * row, pixels.data + y * stride, static_cast<std::size_t>(row));
  return predict(image, options);
}

DecisionRules Classifier::rules_for(const ClassifyOptions& options) const {
  DecisionRules rules = decision_rules();
  if (options.reject_below && !(*options.reject_below >= 0 && *options.reject_below <= 1)) {
    fail_option(ErrorKind::invalid_argument, "reject_below",
                "reject_below: expected a probability from 0 to 1, received ", *options.reject_below);
  }
  if (options.reject_below) rules.reject_below = options.reject_below;
  if (options.reject && has_several_labels())
    fail_option(ErrorKind::unsupported, "reject",
                "reject: not possible with a model that gives several labels: a photo may have none of them");
  if (!options.reject) {
    rules.reject_below.reset();
  } else if (!rules.reject_below) {
    fail_option(ErrorKind::invalid_argument, "reject",
                "reject: the model file has no threshold below which answers are unknown; expected a ",
                "probability as reject_below, or a model that was trained on enough photos to find one");
  }
  return rules;
}

Decision Classifier::decide(std::span<const float> row, const ClassifyOptions& options) const {
  return classify::decide(row, class_names(), rules_for(options));
}

std::vector<PhotoPrediction> Classifier::predict_all(std::span<const fs::path> photos,
                                                     const ClassifyOptions& options) const {
  check(options);
  static_cast<void>(rules_for(options));  // refused before a photo is read
  return ListPredictor(*this, options, load_options(options)).run({.paths = {photos.begin(), photos.end()}});
}

std::vector<PhotoPrediction> Classifier::predict_all(std::span<const PhotoBytes> photos,
                                                     const ClassifyOptions& options) const {
  check(options);
  static_cast<void>(rules_for(options));
  return ListPredictor(*this, options, load_options(options))
      .run({.paths = std::vector<fs::path>(photos.size()), .bytes = photos});
}

std::vector<PhotoPrediction> Classifier::predict_folder(const fs::path& folder,
                                                        const ClassifyOptions& options) const {
  data::ListOptions listing = options.listing;
  listing.infer_labels = false;
  const data::PhotoList list = data::list_photos(folder, listing);
  std::vector<PhotoPrediction> results = predict_all(list.paths, options);
  for (const data::LeftOut& file : list.left_out) {
    const PhotoPrediction answer{
        .path = file.path, .predictions = {}, .error = file.reason, .unreadable = file.unreadable};
    if (options.on_answer) {
      options.on_answer(answer);
    } else {
      results.push_back(answer);
    }
  }
  return results;
}

}  // namespace graft
