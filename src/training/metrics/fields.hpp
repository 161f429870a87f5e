// SPDX-License-Identifier: Apache-2.0
// The options of each metric in Keras's configs, beside name and dtype.
#pragma once

#include <algorithm>

#include "graft/base/fail.hpp"
#include "graft/training/metrics.hpp"

#include "training/serialised.hpp"

namespace graft::training {

/// Read into the options; written by metric_config(), which knows the name that an empty one stands for.
template <auto kName>
inline constexpr auto kNameField = field<kName>("name").read_only();

inline constexpr auto kBinaryAccuracyFields = fields<BinaryAccuracyOptions>(
    kNameField<&BinaryAccuracyOptions::name>, field<&BinaryAccuracyOptions::threshold>("threshold"));

inline constexpr auto kTopKFields =
    fields<TopKOptions>(kNameField<&TopKOptions::name>, field<&TopKOptions::k>("k"));

/// Keras also writes a list; graft has one threshold.
struct ThresholdCodec : Codec<std::optional<double>> {
  static void read(const ConfigReader& reader, const char* key, std::optional<double>& value) {
    const std::vector<double> all = reader.numbers(key);
    if (all.size() > 1)
      fail(ErrorKind::unsupported, reader.owner(), ": several thresholds are not supported; use AUC");
    if (!all.empty()) value = all.front();
  }
};
inline constexpr auto kPrecisionFields = fields<PrecisionOptions>(
    kNameField<&PrecisionOptions::name>, field<&PrecisionOptions::threshold, ThresholdCodec>("thresholds"),
    field<&PrecisionOptions::top_k>("top_k"), field<&PrecisionOptions::class_id>("class_id"));

inline constexpr EnumName<AucCurve> kCurveNames[] = {{AucCurve::roc, "ROC"}, {AucCurve::pr, "PR"}};
inline constexpr EnumName<AucSummation> kSummationNames[] = {{AucSummation::interpolation, "interpolation"},
                                                             {AucSummation::minoring, "minoring"},
                                                             {AucSummation::majoring, "majoring"}};
/// Bounded, so that a file cannot make a metric use any amount of memory.
struct ThresholdCountCodec : Codec<std::int64_t> {
  static void read(const ConfigReader& reader, const char* key, std::int64_t& value) {
    value = std::clamp<std::int64_t>(reader.integer(key, value), 0, 1'000'000);
  }
};
inline constexpr auto kAucFields = fields<AucOptions>(
    kNameField<&AucOptions::name>, field<&AucOptions::num_thresholds, ThresholdCountCodec>("num_thresholds"),
    field<&AucOptions::curve, EnumCodec<kCurveNames>>("curve"),
    field<&AucOptions::summation_method, EnumCodec<kSummationNames>>("summation_method"),
    field<&AucOptions::multi_label>("multi_label"),
    fixed_field<AucOptions>("num_labels", [](const void*) { return Json(nullptr); }),
    fixed_field<AucOptions>(
        "label_weights", [](const void*) { return Json(nullptr); },
        [](const ConfigReader& reader, const char* key, void*) {
          fail(ErrorKind::unsupported, reader.owner(), ": ", key, " are not supported");
        }),
    field<&AucOptions::from_logits>("from_logits"),
    field<&AucOptions::thresholds, NullWhenEmpty<std::vector<double>>>("thresholds").when_set());

/// null for Average::none.
struct AverageCodec {
  static constexpr const char* kType = "one of the names";
  static constexpr const char* kNames[] = {"micro", "macro", "weighted"};
  static void read(const ConfigReader& reader, const char* key, Average& value) {
    value = static_cast<Average>(1 + read_name(reader, key, kNames));
  }
  static Json write(Average value) {
    return value == Average::none ? Json(nullptr) : Json(kNames[static_cast<std::size_t>(value) - 1]);
  }
};
inline constexpr auto kF1ScoreFields = fields<F1ScoreOptions>(
    kNameField<&F1ScoreOptions::name>, field<&F1ScoreOptions::average, AverageCodec>("average"),
    field<&F1ScoreOptions::threshold>("threshold"));

}  // namespace graft::training
