# Runs the tutorial for one epoch of each phase and checks that it learns and writes a model.
if(NOT IS_DIRECTORY "${DATA}/photos/cats_dogs")
  message("skipped: needs photos and weights: set GRAFT_DATA to the data folder")
  return()
endif()
set(OUT "${WORK}/cats_dogs.keras")
file(REMOVE "${OUT}")
execute_process(COMMAND "${PROGRAM}" "${DATA}/photos/cats_dogs/train" "${DATA}/photos/cats_dogs/test"
                        "${DATA}/weights/mobilenet_v2_1.0_224_no_top_keras_layout.h5" "${OUT}" 1 1
                OUTPUT_VARIABLE output RESULT_VARIABLE result ECHO_OUTPUT_VARIABLE)
if(NOT result EQUAL 0 OR NOT EXISTS "${OUT}")
  message(FATAL_ERROR "the example failed: ${result}")
endif()
if(NOT output MATCHES "fine-tuned: test accuracy (0\\.[89][0-9]*|1)")
  message(FATAL_ERROR "the example did not reach a test accuracy of 0.8")
endif()
