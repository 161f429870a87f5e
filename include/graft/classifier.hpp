// SPDX-License-Identifier: Apache-2.0
// A finished classifier: predict, change its classes. How good it is: evaluation.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/catalogue.hpp"
#include "graft/dataset.hpp"
#include "graft/decision.hpp"
#include "graft/execution.hpp"
#include "graft/json_fwd.hpp"
#include "graft/model.hpp"
#include "graft/photos.hpp"
#include "graft/surgery.hpp"
#include "graft/tensor.hpp"

#pragma GCC visibility push(default)

namespace graft {

/// One class that a photo may show.
struct Prediction {
  std::string class_id;    ///< ImageNet: the WordNet id, "n02107142"; otherwise the name
  std::string name;        ///< "Doberman"; for other classifiers the name of the class's folder
  double probability = 0;  ///< 0..1
  std::int64_t index = 0;  ///< position among the classes
};

/// A number that a photo has, such as the age of a face: the answer of a model that was trained on numbers.
struct NumberAnswer {
  std::string name{};            ///< what it is, "age"
  double value = 0;              ///< the estimate, in the unit of the training photos' numbers
  std::optional<double> low{};   ///< with `high` the interval that holds the photo's true number in
                                 ///< NumberIntervals::level of all photos; unset: unknown
  std::optional<double> high{};  ///< its upper end
  double level = 0.9;            ///< NumberIntervals::level
};

/// How far a model's numbers are off, found from answers for photos that what answered had not seen.
struct NumberIntervals {
  double level = 0.9;                 ///< part of all photos whose true number is in the interval
  std::vector<double> half_widths{};  ///< the estimate plus and minus this, one a number; empty: unknown
  std::size_t photos = 0;             ///< number of answers that they were found from
};

/// Pixels in the caller's memory, for example a frame of a camera: uint8, channels interleaved (R, G, B for a
/// model of color photos), rows from the top. Not owned; read only during the call.
struct PixelView {
  const std::uint8_t* data = nullptr;  ///< the first channel of the top left pixel
  std::int64_t width = 0;              ///< pixels of a row, at least 1
  std::int64_t height = 0;             ///< number of rows, at least 1
  std::int64_t channels = 3;           ///< bytes of a pixel; the model's number of channels
  std::int64_t stride_bytes = 0;       ///< from the start of one row to the next; 0: width * channels
};

/// The answer for one photo: see below.
struct PhotoPrediction;

/// The bytes of a photo's file, not owned.
using PhotoBytes = std::span<const std::byte>;

/// How photos are classified.
struct ClassifyOptions {
  int top = 5;    ///< number of classes to return, at least 1; at most as many as the classifier has
  int views = 1;  ///< views of each photo, 1 to kMostViews: see averaged_probabilities()
  std::optional<data::Exif> exif{};                   ///< unset: as the model was trained
  std::optional<data::ResizeMethod> interpolation{};  ///< unset: as the model was trained, else bilinear
  /// Answers "unknown" where the most probable class has less than reject_below, and for photos unlike the
  /// training photos (PhotoPrediction::unlike_training). Of several labels: where the probability that all of
  /// them are right (LabelCertainty) is less; of numbers: for photos unlike the training photos alone. False:
  /// every photo has an answer.
  bool reject = false;
  std::optional<double> reject_below{};  ///< with reject: a probability; unset: the model file's threshold
  std::int64_t max_pixels = data::kMaxPixels;  ///< larger photos are refused: see data::DecodeOptions
  /// For lists and folders: photos done and photos in all, called from the calling thread. Return false to
  /// stop.
  std::function<bool(std::size_t done, std::size_t total)> progress{};
  /// For lists and folders: called from the calling thread with each answer, in the order of the list, as
  /// soon as it is there. When it is set, the returned list is empty and memory does not grow with the
  /// answers.
  std::function<void(const PhotoPrediction& answer)> on_answer{};
  /// For folders: exclude and follow_links.
  data::ListOptions listing{};
};

/// The answer for one photo of a list or folder.
struct PhotoPrediction {
  std::filesystem::path path;           ///< the photo
  std::vector<Prediction> predictions;  ///< most probable first; empty where there is an error
  /// The class to act on, which is not always the most probable one: see DecisionRules and
  /// ClassifyOptions::reject.
  Decision decision{};
  /// There is no answer to act on, and decision.reason says why; only with ClassifyOptions::reject. What was
  /// computed is in predictions or numbers all the same.
  bool unknown = false;
  /// Of a classifier with several labels: those that the photo is given, most probable first; none where it
  /// is unknown. decision then has no class.
  std::vector<Prediction> labels{};
  /// Of a classifier of numbers: one each, in the model's order. predictions are then empty, and decision has
  /// no class.
  std::vector<NumberAnswer> numbers{};
  std::string error;  ///< why there is no answer; empty: there is one
  /// With an error: a photo that could not be read. False: a file that is no photo, or was not used.
  bool unreadable = false;
  std::string note{};  ///< what a person should know of the photo: "nearly black"; mostly empty
  /// Distance to the nearest training photos: see TrainingFeatures; unset: the model file has none.
  std::optional<double> distance{};
  /// The distance is above TrainingFeatures::limit: the answer means little.
  bool unlike_training = false;
};

/// Answers for a batch.
struct BatchAnswers {
  Tensor probabilities;             ///< float32 (N, classes)
  std::vector<double> distances{};  ///< N, see TrainingFeatures; empty: the model file has none
};

/// What a model file knows of its training photos: see graft/evaluation.hpp.
inline namespace classify {
struct TrainingFeatures;
}

/// The zip entry of a model.keras that holds what Keras's config has no place for, as a JSON object:
///   graft_version  "0.1.0"
///   architecture   "mobilenet_v2"
///   class_names    one a class, in the order of the outputs
///   image_size     [height, width]
///   interpolation  how photos are resized: "bilinear"
///   antialias      true: the filter widens when shrinking, as Pillow's; false where it is missing
///   pillow         true: resized in Pillow's whole numbers; false where it is missing
///   center_crop    share of a resized photo's side that is used: see data::ResizeOptions; missing: no crop
///   crop_mode      with center_crop: "center" (also where it is missing), "squash" or "border"
///   border_color   with crop_mode "border": R G B from 0 to 255
///   exif           "apply" or "ignore"
///   jpeg_scale     "exact", or "reduced": see data::JpegScale
///   pixel_type     "uint8": resized pixels are rounded to whole numbers, as they were in training; or
///                  "float32" (also where it is missing)
///   output         how the output becomes probabilities: "softmax" (it is them), "logits" (softmax of it),
///                  "sigmoid" and "binary_logit" (of one output: the probability of class 1, or its logit);
///                  or "numbers": it is numbers, whose names are class_names
///   intervals      with output "numbers": {"level", "half_widths", "photos"}, see NumberIntervals
///   preprocessing  "in model": the model expects raw RGB 0..255
///   int8           what plans of 8 bits need to know (classify::quantize)
///   reject         {"threshold"}: below it an answer is unknown where that is wanted (graft/decision.hpp)
///   labels         "several": a photo has any number of the classes; output is then "sigmoid"
///   thresholds     with labels: probabilities from which on a class is given, one a class; missing: 0.5
///   min_recall     [{"class", "recall", "threshold"}]: from it on the answer is that class, or has that
///   label
/// All but class_names may be missing: then the model decides, or the value shown is used.
inline constexpr const char* kMetadataEntry = "graft.json";

/// That entry among the entries of a model file beside Keras's own (saving::LoadedModel::extra); null when it
/// is not there. Throws Error{bad_file} naming the file when it is no JSON object.
[[nodiscard]] Json classifier_metadata(const std::map<std::string, std::string>& extra,
                                       const std::filesystem::path& file);

/// How photos become a model's input: its image size and colours, and the metadata (null: none).
/// Without metadata pixels are not rounded after resizing, as in Keras's own pipeline. Errors:
/// Error{unsupported} when the model does not have one photo as its input; Error{bad_file} for broken
/// metadata.
[[nodiscard]] data::LoadPhotosOptions photo_options(const Model& model, const Json& metadata);

/// How a model file becomes a classifier.
struct ClassifierOptions {
  /// How the program around the model scaled its pixels, where no layer of the model does: "tf" for -1..1,
  /// "unit" for 0..1. Unset: the model accepts raw RGB from 0 to 255.
  std::optional<applications::Preprocessing> pixels{};
  /// The weights of a .json file without them; empty for other model files. Of an architecture: as
  /// Classifier::imagenet(); empty: "imagenet".
  std::string weights{};
  double alpha = 1;  ///< width of an architecture (MobileNet, MobileNetV2, MobileNetV3)
  /// Of an architecture: take a file that lacks weights, such as those of the classifier (no_top). They stay
  /// random; missing_weights() names them. For a program that replaces these layers.
  bool allow_missing_weights = false;
  /// A file that names the classes in place of the model's own: see read_class_names(). Empty: none. As many
  /// names as classes, else Error{invalid_argument}.
  std::filesystem::path class_names{};
  Execution execution{};  ///< threads and precision, fixed from now on
};

/// A trained model together with its class names and the way photos reach it: from a picture to names.
/// A light handle: copies are the same classifier. Threads: safe to share; calls wait for each other (one
/// mutex) as long as a plan runs one call at a time; with_own_plans() makes one that does not wait. Do not
/// train the model meanwhile.
class Classifier {
 public:
  /// A model.keras (or any Keras model file with one photo as its input), or the folder that holds it.
  /// Without graft's metadata classes are named by a labels.txt (one a line, as Teachable Machine writes it)
  /// or a metadata.json ({"labels": [...]}) beside the file, else by their index, and the last activation
  /// decides what the output means. Errors: as saving::load_model; Error{bad_file} for metadata that does not
  /// fit the model.
  [[nodiscard]] static Classifier open(const std::filesystem::path& path, const Execution& execution = {});
  /// The same with options. Errors: Error{invalid_argument} also for weights with a model file that has its
  /// own, and for pixels with a model whose metadata says that it scales them itself.
  [[nodiscard]] static Classifier open(const std::filesystem::path& path, const ClassifierOptions& options);
  /// A network for ImageNet's 1000 classes, with its preprocessing in front.
  ///   application  a name of applications::catalogue()
  ///   weights      as classify::load_pretrained accepts them; the classifier must be among them
  /// Errors: as load_pretrained; Error{not_found} when the file lacks weights of the network.
  [[nodiscard]] static Classifier imagenet(const std::string& application,
                                           const std::string& weights = "imagenet",
                                           const Execution& execution = {});
  /// The same with options. A PyTorch file of another number of classes than ImageNet's makes a classifier of
  /// these classes; their names are those of a labels.txt or metadata.json beside it, else their indices.
  [[nodiscard]] static Classifier imagenet(const std::string& application, const ClassifierOptions& options);
  /// metadata: see kMetadataEntry; null: none.
  /// execution: its threads and precision, fixed from now on.
  Classifier(Model model, const Json& metadata, const Execution& execution = {});

  /// Names of the classes, in the order of the outputs.
  [[nodiscard]] const std::vector<std::string>& class_names() const&;
  /// Of a temporary, by value: for (name : Classifier::open(path).class_names()).
  [[nodiscard]] std::vector<std::string> class_names() &&;
  /// WordNet ids for ImageNet's classes, the names for others.
  [[nodiscard]] const std::vector<std::string>& class_ids() const;
  /// Height and width of the model's input, to which photos are resized.
  [[nodiscard]] Size2D image_size() const;
  /// The model, including its preprocessing.
  [[nodiscard]] const Model& model() const;
  /// The metadata that the classifier was made with: see kMetadataEntry.
  [[nodiscard]] const Json& metadata() const;
  /// What a person should know before relying on the answers, one sentence each: where the class names were
  /// read from, or that nothing in the model scales its pixels. Mostly empty.
  [[nodiscard]] const std::vector<std::string>& notes() const;
  /// Paths of the weights that the file lacked, which are random; see
  /// ClassifierOptions::allow_missing_weights.
  [[nodiscard]] const std::vector<std::string>& missing_weights() const;
  /// The model file that it was opened from; empty: it was made from a model in memory or by name.
  [[nodiscard]] const std::filesystem::path& file() const;
  /// Whether that file was written or replaced since it was opened: a program that stays opens it again. One
  /// look at the file's size and time, some microseconds. False where there is no file, and while it is gone.
  [[nodiscard]] bool file_changed() const;
  /// Classifies one black picture, so that the first photo does not wait for the plan of the network.
  void warm_up() const;
  /// Makes the plan that a list of `photos` photos uses first, without computing: predict_all() does so while
  /// it reads them. Returns at once while another thread computes answers. Errors: those of answers();
  /// Error{invalid_argument} for fewer than one photo.
  void prepare(std::int64_t photos = 1) const;
  /// The same classifier with plans of its own, made at their first use: calls of the two do not wait for
  /// each other. The weights are shared; what plans keep of them, about as much again, is not. Answers are
  /// the same bit by bit.
  [[nodiscard]] Classifier with_own_plans() const;
  /// For data::load_photos, so that a Dataset's pixels are those the model was trained on.
  [[nodiscard]] const data::LoadPhotosOptions& load_options() const;

  /// The most probable classes of a photo, most probable first, equal ones by index: from a file, from the
  /// bytes of a file, from pixels uint8 (H, W, C) of any size, or from pixels in the caller's memory. Errors:
  /// as data::read_image; Error{shape_mismatch} for other pixels; Error{invalid_argument} for options.top or
  /// options.views out of range, or a PixelView without pixels.
  [[nodiscard]] std::vector<Prediction> predict(const std::filesystem::path& path,
                                                const ClassifyOptions& options = {}) const;
  [[nodiscard]] std::vector<Prediction> predict(std::span<const std::byte> bytes,
                                                const ClassifyOptions& options = {}) const;
  [[nodiscard]] std::vector<Prediction> predict(const Tensor& pixels,
                                                const ClassifyOptions& options = {}) const;
  [[nodiscard]] std::vector<Prediction> predict(const PixelView& pixels,
                                                const ClassifyOptions& options = {}) const;

  /// One answer for each file, in this order. A file that cannot be read has an error and does not stop the
  /// others; after a stop by options.progress the rest have one too. Decodes in threads; memory does not grow
  /// with the number of photos. A photo's pixels are those of predict(path), and so is the answer bit by bit
  /// in lists of at most 8 photos; longer lists are computed in batches, whose kernels may round differently.
  /// Errors: Error{invalid_argument} for options out of range.
  [[nodiscard]] std::vector<PhotoPrediction> predict_all(std::span<const std::filesystem::path> photos,
                                                         const ClassifyOptions& options = {}) const;
  /// The same for photos in memory; the answers have no path.
  [[nodiscard]] std::vector<PhotoPrediction> predict_all(std::span<const PhotoBytes> photos,
                                                         const ClassifyOptions& options = {}) const;
  /// The same for all photos below a folder, in the order of data::list_photos; files that are no photos
  /// follow with their reasons. Errors: Error{not_found}.
  [[nodiscard]] std::vector<PhotoPrediction> predict_folder(const std::filesystem::path& folder,
                                                            const ClassifyOptions& options = {}) const;

  /// What the model file holds of its training photos' features; null: nothing, or the classifier computes
  /// in int8. Valid as long as the classifier.
  [[nodiscard]] const TrainingFeatures* training_features() const;
  /// Gives a classifier of a model in memory what open() finds in a file (TrainResult::training_features), so
  /// that both answer alike. Not while others use the classifier. Errors: Error{shape_mismatch} where they
  /// are not of this model.
  void set_training_features(const TrainingFeatures& known);
  /// Probabilities of a batch as probabilities() has them, and the distances to the training photos.
  [[nodiscard]] BatchAnswers answers(const Tensor& batch) const;
  /// What the classes are computed from, float32 (N, D), of the same batches: the last global pooling or
  /// Flatten of the model, as `graft features` has it; a feature map that is left is averaged over its
  /// positions. Computed by a plan of its own, made at the first use.
  [[nodiscard]] Tensor features(const Tensor& batch) const;
  /// Probabilities (N, classes) of a batch (N, H, W, C), raw 0..255, float32 or uint8, already of
  /// image_size().
  [[nodiscard]] Tensor probabilities(const Tensor& batch) const;
  /// The same for every sample of a data set, in the order of its samples, also where it is shuffled.
  [[nodiscard]] Tensor probabilities(const data::Dataset& dataset) const;
  /// Whether it gives a photo any number of its classes, not one.
  [[nodiscard]] bool has_several_labels() const;
  /// With several labels the probability from which on each is given; else empty.
  [[nodiscard]] const std::vector<double>& label_thresholds() const;
  /// Whether it estimates numbers, whose names are class_names(), and gives a photo no class: its
  /// probabilities() are these numbers, predict() refuses, and predict_all() has PhotoPrediction::numbers.
  [[nodiscard]] bool gives_numbers() const;
  /// How far its numbers may be off.
  [[nodiscard]] const NumberIntervals& number_intervals() const;
  /// The numbers of one row of probabilities(); empty for a classifier of classes.
  [[nodiscard]] std::vector<NumberAnswer> numbers_of(std::span<const float> row) const;
  /// The labels of one row of probabilities, most probable first; empty for a classifier of one label.
  [[nodiscard]] std::vector<Prediction> labels_of(std::span<const float> row) const;
  /// The model file's rules from probabilities to an answer.
  [[nodiscard]] const DecisionRules& decision_rules() const;
  /// The answer for one row of probabilities, by these rules and options.reject; of several labels as
  /// decide_labels() has it, of numbers always an empty one. Errors: of these functions;
  /// Error{invalid_argument} for options.reject where neither the options nor the model file have a
  /// threshold, or of numbers the model file no TrainingFeatures, and for a threshold that is no probability;
  /// Error{unsupported} for a threshold of numbers.
  [[nodiscard]] Decision decide(std::span<const float> row, const ClassifyOptions& options = {}) const;
  /// The best classes of one row of probabilities.
  [[nodiscard]] std::vector<Prediction> best(std::span<const float> row,
                                             const ClassifyOptions& options = {}) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace graft

namespace graft {
inline namespace classify {

/// Names of classes, in the order of a model's outputs.
struct ClassNames {
  std::vector<std::string> names;  ///< "tench"
  std::vector<std::string> ids;    ///< "n01440764"; the names where the file has no ids
};

/// Reads the names of classes from a file.
///   .json    a list of names; {"labels": [names]}, as Teachable Machine writes it; or an object by index:
///            {"0": "tench"}, or with ids {"0": ["n01440764", "tench"]} as Keras's imagenet_class_index.json
///   others   one name a line; numbers in front go where every line has its own, "0 tench"
/// Errors: Error{not_found}; Error{bad_file} for a file without names or of more than 4 MiB.
[[nodiscard]] ClassNames read_class_names(const std::filesystem::path& file);

/// Largest number of views of averaged_probabilities().
inline constexpr int kMostViews = 12;

/// Test-time augmentation: the mean of a photo's probabilities over `views` views of it. The views: as it is,
/// mirrored; then the middle and the four corners (7/8 of height and width, enlarged to full size), each as
/// it is and mirrored. Returns probabilities (N, classes) in the data set's own order. Throws
/// Error{invalid_argument} unless views is 1 to kMostViews.
[[nodiscard]] Tensor averaged_probabilities(const Classifier& classifier, const data::Dataset& photos,
                                            int views);
/// The same for one batch (N, H, W, C), raw 0..255, at the classifier's image_size().
[[nodiscard]] Tensor averaged_probabilities(const Classifier& classifier, const Tensor& batch, int views);

/// View number `view`, 0 to kMostViews - 1, of a batch of photos float32 (N, H, W, C): (N, H, W, C).
[[nodiscard]] Tensor view_of(const Tensor& photos, int view);

// Model surgery (graft/surgery.hpp) on a classifier, whose class names and image size must follow.

/// The classes that replace_classes() sets, and the layers before them.
struct ClassesOptions {
  /// One a class, in the order of the outputs; a name that the classifier had before keeps what it learnt.
  std::vector<std::string> names;
  std::optional<std::vector<std::int64_t>> hidden;  ///< see models::ReplaceHeadOptions
  double dropout = 0;                               ///< see models::ReplaceHeadOptions
};

/// Replaces the classes of a classifier. metadata (see kMetadataEntry; null: none, classes are called "0",
/// "1",
/// ...) becomes that of the new one: class_names, and what the output means. Errors: Error{invalid_argument}
/// for fewer than two names, an empty one or one given twice; as models::replace_head; Error{bad_file} for
/// metadata that does not fit the model.
[[nodiscard]] models::Edited replace_classes(const Model& model, Json& metadata,
                                             const ClassesOptions& options);

/// Names the classes of a model without changing its weights.
///   names     one a class, in the order of the outputs; of a model with one output two
///   metadata  see kMetadataEntry; null: none. Receives class_names
/// Returns the model and a report of the names. Errors: Error{invalid_argument} for another number of names
/// than classes, an empty name or one given twice.
[[nodiscard]] models::Edited name_classes(const Model& model, Json& metadata,
                                          const std::vector<std::string>& names);

/// Puts a scaling of pixels after the input of a model that expects scaled ones, so that it accepts raw RGB
/// from 0 to 255 like the models that graft trains. metadata: receives "preprocessing". Errors:
/// Error{invalid_argument} for a model without one input (N, H, W, C), with C other than 3 for caffe and
/// torch, and for one whose metadata says that it scales its pixels itself.
[[nodiscard]] models::Edited scale_pixels(const Model& model, Json& metadata,
                                          applications::Preprocessing pixels);

}  // namespace classify
}  // namespace graft

#pragma GCC visibility pop
