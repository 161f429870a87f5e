// SPDX-License-Identifier: Apache-2.0
// Parameters and layers of every member, with and without its top, as Keras 3.15 counts them.
#include <array>

#include <gtest/gtest.h>

#include "graft/applications/catalogue.hpp"

namespace graft::applications {
namespace {

struct Row {
  const char* model;
  std::int64_t parameters, parameters_notop;
  std::size_t layers, layers_notop;
};
constexpr Row kKeras[] = {{"ConvNeXtBase", 88'591'464, 87'566'464, 261, 259},
                          {"ConvNeXtLarge", 197'767'336, 196'230'336, 261, 259},
                          {"ConvNeXtSmall", 50'223'688, 49'454'688, 261, 259},
                          {"ConvNeXtTiny", 28'589'128, 27'820'128, 135, 133},
                          {"ConvNeXtXLarge", 350'196'968, 348'147'968, 261, 259},
                          {"EfficientNetB0", 5'330'571, 4'049'571, 240, 237},
                          {"EfficientNetB1", 7'856'239, 6'575'239, 342, 339},
                          {"EfficientNetB2", 9'177'569, 7'768'569, 342, 339},
                          {"EfficientNetB3", 12'320'535, 10'783'535, 387, 384},
                          {"EfficientNetB4", 19'466'823, 17'673'823, 477, 474},
                          {"EfficientNetB5", 30'562'527, 28'513'527, 579, 576},
                          {"EfficientNetB6", 43'265'143, 40'960'143, 669, 666},
                          {"EfficientNetB7", 66'658'687, 64'097'687, 816, 813},
                          {"EfficientNetV2B0", 7'200'312, 5'919'312, 273, 270},
                          {"EfficientNetV2B1", 8'212'124, 6'931'124, 337, 334},
                          {"EfficientNetV2B2", 10'178'374, 8'769'374, 352, 349},
                          {"EfficientNetV2B3", 14'467'622, 12'930'622, 412, 409},
                          {"EfficientNetV2L", 119'027'848, 117'746'848, 1031, 1028},
                          {"EfficientNetV2M", 54'431'388, 53'150'388, 743, 740},
                          {"EfficientNetV2S", 21'612'360, 20'331'360, 516, 513},
                          {"MobileNet", 4'253'864, 3'228'864, 91, 86},
                          {"MobileNetV3Large", 5'507'432, 2'996'352, 194, 187},
                          {"MobileNetV3Small", 2'554'968, 939'120, 164, 157},
                          {"NASNetLarge", 88'949'818, 84'887'922, 1041, 1012},
                          {"NASNetMobile", 5'326'716, 4'269'716, 771, 769}};

void expect_counts(const Application& application, bool include_top, std::int64_t parameters,
                   std::size_t layers) {
  SCOPED_TRACE(include_top ? "with top" : "without top");
  const Model model = application.build({.include_top = include_top});
  EXPECT_EQ(model.count_params(), parameters);
  EXPECT_EQ(model.layers().size(), layers);
}

TEST(ParameterCounts, OfEveryMemberAreKerass) {
  for (const Row& row : kKeras) {
    SCOPED_TRACE(row.model);
    const Application& application = find_application(row.model);
    EXPECT_EQ(application.keras_name, row.model);
    expect_counts(application, true, row.parameters, row.layers);
    expect_counts(application, false, row.parameters_notop, row.layers_notop);
  }
}

}  // namespace
}  // namespace graft::applications
