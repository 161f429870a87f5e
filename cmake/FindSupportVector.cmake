# LIBLINEAR::linear and LIBSVM::svm: neither library has a CMake package or a pkg-config file.
include(FindPackageHandleStandardArgs)
find_path(LIBLINEAR_INCLUDE_DIR NAMES linear.h PATH_SUFFIXES liblinear)
find_library(LIBLINEAR_LIBRARY NAMES linear)
find_path(LIBSVM_INCLUDE_DIR NAMES libsvm/svm.h)
find_library(LIBSVM_LIBRARY NAMES svm)
find_package_handle_standard_args(SupportVector
  REQUIRED_VARS LIBLINEAR_LIBRARY LIBLINEAR_INCLUDE_DIR LIBSVM_LIBRARY LIBSVM_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "On Debian: apt-get install liblinear-dev libsvm-dev")
if(SupportVector_FOUND AND NOT TARGET LIBSVM::svm)
  add_library(LIBLINEAR::linear UNKNOWN IMPORTED)
  set_target_properties(LIBLINEAR::linear PROPERTIES IMPORTED_LOCATION "${LIBLINEAR_LIBRARY}"
                                                     INTERFACE_INCLUDE_DIRECTORIES "${LIBLINEAR_INCLUDE_DIR}")
  add_library(LIBSVM::svm UNKNOWN IMPORTED)
  set_target_properties(LIBSVM::svm PROPERTIES IMPORTED_LOCATION "${LIBSVM_LIBRARY}"
                                               INTERFACE_INCLUDE_DIRECTORIES "${LIBSVM_INCLUDE_DIR}")
endif()
