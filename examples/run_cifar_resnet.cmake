# Runs the CIFAR ResNet of 20 layers on the test photos and checks that it is as good as in PyTorch: 79.5 % of these
# 1000 photos. Its authors' 91.7 % are of the test set's own pixels; compression to small JPEG files costs the rest.
if(NOT EXISTS "${DATA}/weights/resnet20-12fca82f.th" OR NOT IS_DIRECTORY "${DATA}/photos/cifar10/test")
  message("skipped: needs photos and weights: set GRAFT_DATA to the data folder")
  return()
endif()
execute_process(COMMAND "${PROGRAM}" "${DATA}/weights/resnet20-12fca82f.th" "${DATA}/photos/cifar10/test"
                OUTPUT_VARIABLE output RESULT_VARIABLE result ECHO_OUTPUT_VARIABLE)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the example failed: ${result}")
endif()
if(NOT output MATCHES "accuracy 0\\.79[0-9]* on 1000 photos")
  message(FATAL_ERROR "the example did not reach PyTorch's accuracy of 0.795")
endif()
