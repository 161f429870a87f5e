# Needs neither photos nor weights. The program itself compares the loaded network with the trained one.
execute_process(COMMAND "${PROGRAM}" "${WORK}/custom_layer.keras"
                OUTPUT_VARIABLE output RESULT_VARIABLE result ECHO_OUTPUT_VARIABLE)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the example failed: ${result}")
endif()
if(NOT output MATCHES "accuracy (1|0\\.9[0-9]*)\n" OR NOT output MATCHES "after loading 0\n")
  message(FATAL_ERROR "the example did not learn the stripes, or the loaded network differs")
endif()
if(output MATCHES "beta of the first channel 1\n")
  message(FATAL_ERROR "the custom layer's weight did not train")
endif()
