# For the tests of examples that classify: ${weights} and a ${photo} of a tabby cat; both empty where they are absent.
set(weights "${DATA}/weights/mobilenet_v2_1.0_224_keras_layout_head_dequantised.h5")
file(GLOB photos "${DATA}/photos/imagenet_samples/n02123045/*")
set(photo "")
if(EXISTS "${weights}" AND photos)
  list(GET photos 0 photo)
else()
  message("skipped: needs photos and weights: set GRAFT_DATA to the data folder")
endif()
