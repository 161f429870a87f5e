// SPDX-License-Identifier: Apache-2.0
// Classifier: answers for lists and folders of photos.
#include <algorithm>
#include <new>
#include <thread>

#include "graft/base/parallel.hpp"
#include "graft/classifier.hpp"
#include "graft/classify/one_photo.hpp"
#include "graft/data/read_photo.hpp"
#include "graft/error.hpp"
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

/// Makes the classifier ready for answers in a thread of its own while photos are read; what fails then fails
/// again where the answers are computed. No thread where only one is to compute.
std::jthread prepare_beside(const Classifier& classifier, std::size_t photos) {
  if (num_threads() == 1) return {};
  return std::jthread([&classifier, photos] {
    try {
      classifier.prepare(static_cast<std::int64_t>(photos));
    } catch (...) {
    }
  });
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
    const std::jthread preparing = begin == 0 ? prepare_beside(classifier_, end) : std::jthread();
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
    const BatchAnswers answers = classify::answers_with_views(classifier_, batch, options_);
    const Tensor& all = answers.probabilities;
    const std::size_t width = classifier_.class_names().size();
    for (std::size_t i = 0; i < count; ++i) {
      std::optional<double> distance;
      if (!answers.distances.empty()) distance = answers.distances[i];
      classify::complete_answer(results_[waiting_[i].photo], classifier_,
                                all.data().subspan(i * width, width), distance, options_);
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
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

}  // namespace

std::vector<PhotoPrediction> Classifier::predict_all(std::span<const fs::path> photos,
                                                     const ClassifyOptions& options) const {
  classify::check_options(*this, options);  // refused before a photo is read
  return ListPredictor(*this, options, classify::load_options_for(*this, options))
      .run({.paths = {photos.begin(), photos.end()}});
}

std::vector<PhotoPrediction> Classifier::predict_all(std::span<const PhotoBytes> photos,
                                                     const ClassifyOptions& options) const {
  classify::check_options(*this, options);
  return ListPredictor(*this, options, classify::load_options_for(*this, options))
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
