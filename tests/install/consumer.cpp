// SPDX-License-Identifier: Apache-2.0
// A user's program against an installed graft: it links, runs, and catches an error that the library throws.
// Public names are found in graft without the name of a module (docs/decisions/0026-one-namespace.md).
#include <iostream>

#include "graft/graft.hpp"

namespace one_namespace {
using graft::Advice;
using graft::AdviceOptions;
using graft::advise;
using graft::Augment;
using graft::augment_from_names;
using graft::AutomaticRecipe;
using graft::averaged_probabilities;
using graft::best_of_each;
using graft::build_for_weights;
using graft::calibrate;
using graft::Calibration;
using graft::change_channels;
using graft::change_input_size;
using graft::ChangedWeight;
using graft::ChannelOptions;
using graft::ClassesOptions;
using graft::ClassicalHeadRecipe;
using graft::ClassWeight;
using graft::clone_model;
using graft::CloneOptions;
using graft::copy_layer;
using graft::definition_for_weights;
using graft::DepthScore;
using graft::DuplicatePhotos;
using graft::Duplicates;
using graft::Edited;
using graft::EditReport;
using graft::EpochRow;
using graft::evaluate;
using graft::Evaluation;
using graft::EvaluationOptions;
using graft::expected_calibration_error;
using graft::extract;
using graft::FeatureCounts;
using graft::find_published_weights;
using graft::find_rate;
using graft::FineTuned;
using graft::fit_head;
using graft::fit_temperature;
using graft::FittedHead;
using graft::FoldedRuns;
using graft::freeze;
using graft::FreezeOptions;
using graft::FreezeReport;
using graft::Head;
using graft::HeadKind;
using graft::HeadOptions;
using graft::HeadRecipe;
using graft::HeadSearch;
using graft::HeadSearchOptions;
using graft::insert_after;
using graft::insert_before;
using graft::Int8Comparison;
using graft::KnownPhoto;
using graft::layer_index;
using graft::load_model;
using graft::load_pretrained;
using graft::load_weights;
using graft::LoadedModel;
using graft::LoadOptions;
using graft::LoadReport;
using graft::match_classes;
using graft::model_config;
using graft::model_from_config;
using graft::model_to_dot;
using graft::MovedFeatures;
using graft::NetworkRecipe;
using graft::NewChannels;
using graft::parse_head_kind;
using graft::Part;
using graft::PhaseCounts;
using graft::PhotoPair;
using graft::PhotosPlace;
using graft::plot_model;
using graft::PlotOptions;
using graft::Progress;
using graft::published_weights_here;
using graft::quantize;
using graft::Quantized;
using graft::QuantizeOptions;
using graft::RatePhase;
using graft::Recipe;
using graft::RecipeName;
using graft::remove_layer;
using graft::RepeatedRuns;
using graft::replace_classes;
using graft::replace_head;
using graft::replace_layer;
using graft::ReplaceHeadOptions;
using graft::RoundRecipe;
using graft::RoundRecord;
using graft::RoundScore;
using graft::save_model;
using graft::save_weights;
using graft::SaveOptions;
using graft::search_heads;
using graft::SolvedHead;
using graft::SolvedRoundHead;
using graft::Strategy;
using graft::StrategyTrial;
using graft::summary;
using graft::summary_json;
using graft::SummaryOptions;
using graft::to_json;
using graft::to_string;
using graft::to_text;
using graft::train;
using graft::TrainedNetwork;
using graft::TrainFacts;
using graft::TrainOptions;
using graft::TrainResult;
using graft::TriedHead;
using graft::TriedRoundHead;
using graft::TriedStrength;
using graft::truncate;
using graft::TutorialRecipe;
using graft::view_of;
using graft::weights_folders;
using graft::write_result;
}  // namespace one_namespace

int main() {
  std::cout << "graft " << graft::version() << '\n';
  try {
    graft::set_num_threads(0);
  } catch (const graft::Error& error) {
    return error.kind() == graft::ErrorKind::invalid_argument ? 0 : 1;
  }
  return 1;
}
