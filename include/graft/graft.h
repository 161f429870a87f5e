// SPDX-License-Identifier: Apache-2.0
/* graft in C99: photos to classes with a trained model, features of photos, training on a folder of photos,
 * saving and export. For programs in C, and for every language that can call C. docs/c_api.md has a tour.
 *
 * Errors. A function that can fail returns a graft_status, GRAFT_OK or the kind of the error, and as its last
 * parameter takes the place of an error object. The object is for the caller, who frees it; on success the
 * place is set to NULL. NULL in place of the place: the message is not wanted. Nothing is kept in the library
 * or the thread, so calls may move between threads. A function that failed has set its result to NULL.
 * Functions that only read an object return NULL or 0 for NULL and for a position that there is not.
 *
 * Ownership. What a function hands out through a pointer to a pointer is the caller's, who frees it by the
 * function _free of its type; NULL may be freed. Texts and arrays that are returned belong to the object that
 * they were asked of, and are valid until it is freed. An answer needs no classifier any more: each may be
 * freed first. Arguments are read during the call only.
 *
 * Structs. A struct begins with its size, which the caller sets: sizeof of the struct. So it can grow in
 * later versions. Of options 0 and NULL mean the default: graft_open_options options = {.size = sizeof
 * options}. NULL in place of options: all defaults.
 *
 * Threads. Different objects may be used in different threads at once. A classifier may be used by several
 * threads at once (its computations wait for each other), answers and features may be read by several.
 * Nothing may be used while it is freed.
 *
 * Texts are UTF-8 and end in a zero; names of files are the system's bytes. Nothing is printed, and no C++
 * exception leaves a function. A callback must return: it must neither throw nor longjmp.
 */
#ifndef GRAFT_GRAFT_H
#define GRAFT_GRAFT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define GRAFT_API __attribute__((visibility("default")))
#else
#define GRAFT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version and errors ------------------------------------------------------------------------------- */

/** graft's version, "0.1.0". Never freed. */
GRAFT_API const char* graft_version(void);

/** What a function returns: GRAFT_OK or the kind of the error. Later versions may have more. */
typedef int32_t graft_status;
/** The values of graft_status. Those of errors are the kinds of graft::Error, in their order. */
enum {
  GRAFT_OK = 0, /**< done */
  GRAFT_INVALID_ARGUMENT =
      1, /**< an argument, option or size outside what is allowed; NULL where none may be */
  GRAFT_SHAPE_MISMATCH = 2, /**< pixels have another number of channels than the model expects */
  GRAFT_NOT_FOUND = 3,      /**< a file, folder, network, class or weight does not exist */
  GRAFT_BAD_FILE = 4,       /**< a file is broken, truncated or not of the format it should be */
  GRAFT_UNSUPPORTED = 5,    /**< well-formed, but outside what graft can do */
  GRAFT_IO = 6,             /**< the operating system refused to read or write */
  GRAFT_RESOURCE_LIMIT = 7, /**< more memory, pixels or nesting than allowed */
  GRAFT_NUMERIC = 8,        /**< a loss or weight became NaN or infinite */
  GRAFT_INTERRUPTED = 9,    /**< a callback asked to stop before anything could be kept */
  GRAFT_INTERNAL = 10       /**< a defect in graft: please report it */
};
/** "ok", "invalid_argument", ...; "unknown" for another number. Never freed. */
GRAFT_API const char* graft_status_name(graft_status status);

/** What went wrong. */
typedef struct graft_error graft_error;
/** The kind, as the function returned it; GRAFT_OK for NULL. */
GRAFT_API graft_status graft_error_status(const graft_error* error);
/** A sentence: the thing, what was expected, what was received, what to do. "" for NULL. */
GRAFT_API const char* graft_error_message(const graft_error* error);
/** The field of an options struct that the error is about, "reject_below"; "" for other errors and NULL. */
GRAFT_API const char* graft_error_option(const graft_error* error);
/** Frees it. */
GRAFT_API void graft_error_free(graft_error* error);

/* ---- classifiers -------------------------------------------------------------------------------------- */

/** A trained model with its class names and the way photos reach it. */
typedef struct graft_classifier graft_classifier;

/** How a model is opened. */
typedef struct graft_open_options {
  size_t size;           /**< sizeof(graft_open_options) */
  int64_t threads;       /**< that compute; 0: as many as this process has cores */
  const char* precision; /**< "float32" (NULL), "mixed_bfloat16", or "int8" of a model that has its ranges */
  const char* class_names; /**< a file that names the classes in place of the model's own; NULL: none */
  const char* pixels;  /**< how the program around the model scaled its pixels, where no layer of the model
                            does: "-1..1", "0..1", "caffe" or "torch"; NULL: the model takes 0 to 255 */
  const char* weights; /**< file of the weights of a model in a .json; of a network of
                            graft_classifier_imagenet() a file or a name, NULL: "imagenet" */
  double alpha;        /**< width of MobileNet, MobileNetV2 and MobileNetV3 by name; 0: 1 */
} graft_open_options;

/** Opens a model file (.keras, .h5, .onnx, .tflite, TensorFlow.js's model.json) or a result folder of graft.
 */
GRAFT_API graft_status graft_classifier_open(const char* path, const graft_open_options* options,
                                             graft_classifier** classifier, graft_error** error);
/** The same for the bytes of a .keras, .h5, .onnx or .tflite file in memory, which are not needed afterwards.
 */
GRAFT_API graft_status graft_classifier_open_bytes(const void* bytes, size_t length,
                                                   const graft_open_options* options,
                                                   graft_classifier** classifier, graft_error** error);
/** A network for ImageNet's 1000 classes by its name, "mobilenet_v2"; its weights are on this computer. */
GRAFT_API graft_status graft_classifier_imagenet(const char* network, const graft_open_options* options,
                                                 graft_classifier** classifier, graft_error** error);
/** Frees it. */
GRAFT_API void graft_classifier_free(graft_classifier* classifier);

/** Number of classes. */
GRAFT_API size_t graft_classifier_class_count(const graft_classifier* classifier);
/** Name of a class, in the order of the model's outputs. */
GRAFT_API const char* graft_classifier_class_name(const graft_classifier* classifier, size_t index);
/** ImageNet's WordNet id of a class, "n02107142"; the name for other classifiers. */
GRAFT_API const char* graft_classifier_class_id(const graft_classifier* classifier, size_t index);
/** 1 where a photo is given any number of the classes, 0 where it is given one. */
GRAFT_API int64_t graft_classifier_has_several_labels(const graft_classifier* classifier);
/** Height of the model's input, to which photos are resized. */
GRAFT_API int64_t graft_classifier_height(const graft_classifier* classifier);
/** Width of the model's input. */
GRAFT_API int64_t graft_classifier_width(const graft_classifier* classifier);
/** Channels of the model's input, and of pixels that it is given: 3, or 1. */
GRAFT_API int64_t graft_classifier_channels(const graft_classifier* classifier);
/** Number of sentences that a person should know before relying on the answers; mostly 0. */
GRAFT_API size_t graft_classifier_note_count(const graft_classifier* classifier);
/** One of them. */
GRAFT_API const char* graft_classifier_note(const graft_classifier* classifier, size_t index);

/* ---- photos to classes -------------------------------------------------------------------------------- */

/** How a photo is classified. */
typedef struct graft_classify_options {
  size_t size;               /**< sizeof(graft_classify_options) */
  int64_t views;             /**< views of the photo whose answers are averaged, to 12; 0: 1 */
  int64_t reject;            /**< 1: the answer is unknown below a probability, and for photos unlike the
                                  training photos; 0: every photo has an answer */
  double reject_below;       /**< with reject: that probability; 0: the model file's */
  const char* exif;          /**< "apply" or "ignore" the orientation in the file; NULL: as in training */
  const char* interpolation; /**< "bilinear", "nearest", ...; NULL: as in training */
  int64_t max_pixels;        /**< larger photos are refused; 0: 178956970 */
} graft_classify_options;

/** Pixels in the caller's memory: 8 bits a channel, channels of a pixel side by side (R, G, B), rows from the
 * top. */
typedef struct graft_pixels {
  size_t size;      /**< sizeof(graft_pixels) */
  int64_t width;    /**< pixels of a row */
  int64_t height;   /**< number of rows */
  int64_t channels; /**< bytes of a pixel; as graft_classifier_channels() */
  int64_t stride;   /**< bytes from one row to the next; 0: width * channels */
  size_t length;    /**< bytes that there are, which is checked; 0: unknown */
} graft_pixels;

/** The answer for one photo. */
typedef struct graft_answer graft_answer;

/** Classifies a photo in a file. */
GRAFT_API graft_status graft_classify_file(const graft_classifier* classifier, const char* path,
                                           const graft_classify_options* options, graft_answer** answer,
                                           graft_error** error);
/** The same for the bytes of a photo's file: JPEG, PNG, WebP, GIF, BMP, PNM, TIFF, HEIC. */
GRAFT_API graft_status graft_classify_bytes(const graft_classifier* classifier, const void* bytes,
                                            size_t length, const graft_classify_options* options,
                                            graft_answer** answer, graft_error** error);
/** The same for pixels, of any width and height. */
GRAFT_API graft_status graft_classify_pixels(const graft_classifier* classifier, const uint8_t* data,
                                             const graft_pixels* pixels,
                                             const graft_classify_options* options, graft_answer** answer,
                                             graft_error** error);
/** Frees it. */
GRAFT_API void graft_answer_free(graft_answer* answer);

/** A class that the photo may show. */
typedef struct graft_prediction {
  size_t size;        /**< sizeof(graft_prediction), set by the caller */
  int64_t index;      /**< position among the classes */
  const char* name;   /**< as graft_classifier_class_name() */
  const char* id;     /**< as graft_classifier_class_id() */
  double probability; /**< 0 to 1 */
  int64_t is_label;   /**< with several labels: 1 where the photo is given this one */
} graft_prediction;

/** The class to act on, which is not always the most probable one. */
typedef struct graft_decision {
  size_t size;             /**< sizeof(graft_decision), set by the caller */
  int64_t index;           /**< position among the classes; -1: unknown */
  const char* name;        /**< of the class, or "unknown" */
  const char* reason;      /**< why it is not the most probable class; "": it is */
  size_t also_count;       /**< number of other classes that must not be missed and may be shown */
  const char* const* also; /**< their names */
} graft_decision;

/** Number of classes. */
GRAFT_API size_t graft_answer_count(const graft_answer* answer);
/** Probabilities of all classes, graft_answer_count() of them, in the order of the classes. */
GRAFT_API const float* graft_answer_probabilities(const graft_answer* answer);
/** The class at a rank: 0 is the most probable one; of equal ones the first. */
GRAFT_API graft_status graft_answer_prediction(const graft_answer* answer, size_t rank,
                                               graft_prediction* prediction, graft_error** error);
/** The decision. GRAFT_UNSUPPORTED for a classifier with several labels: see graft_prediction. */
GRAFT_API graft_status graft_answer_decision(const graft_answer* answer, graft_decision* decision,
                                             graft_error** error);
/** With graft_classify_options::reject: why there is no answer to act on; "": there is one. Also of a
 * classifier with several labels, whose photo is then given none, and of numbers. */
GRAFT_API const char* graft_answer_unknown_reason(const graft_answer* answer);
/** Distance to the nearest training photos; -1: the model file knows none. */
GRAFT_API double graft_answer_distance(const graft_answer* answer);
/** 1 where that distance is larger than nearly all of photos like the training photos: the answer means
 * little. */
GRAFT_API int64_t graft_answer_is_unlike_training(const graft_answer* answer);
/** What a person should know of the photo, "nearly black"; mostly "". */
GRAFT_API const char* graft_answer_note(const graft_answer* answer);

/* ---- features ----------------------------------------------------------------------------------------- */

/** What the classes are computed from: numbers that are alike for photos that are alike. */
typedef struct graft_features graft_features;

/** The features of a photo in a file, as `graft features` writes them. options: views and reject must be 0.
 */
GRAFT_API graft_status graft_features_file(const graft_classifier* classifier, const char* path,
                                           const graft_classify_options* options, graft_features** features,
                                           graft_error** error);
/** The same for the bytes of a photo's file. */
GRAFT_API graft_status graft_features_bytes(const graft_classifier* classifier, const void* bytes,
                                            size_t length, const graft_classify_options* options,
                                            graft_features** features, graft_error** error);
/** The same for pixels. */
GRAFT_API graft_status graft_features_pixels(const graft_classifier* classifier, const uint8_t* data,
                                             const graft_pixels* pixels,
                                             const graft_classify_options* options, graft_features** features,
                                             graft_error** error);
/** Number of values, the same for all photos of a classifier. */
GRAFT_API size_t graft_features_count(const graft_features* features);
/** The values. */
GRAFT_API const float* graft_features_values(const graft_features* features);
/** Frees them. */
GRAFT_API void graft_features_free(graft_features* features);

/* ---- files -------------------------------------------------------------------------------------------- */

/** Saves a classifier, whole or not at all: a .keras file with class names and preprocessing, which Keras
 * opens too; or without them for a name that ends in .h5 (Keras 2) or .json (TensorFlow.js's layers format).
 */
GRAFT_API graft_status graft_classifier_save(const graft_classifier* classifier, const char* path,
                                             graft_error** error);

/** How a model is written as ONNX. */
typedef struct graft_onnx_options {
  size_t size;     /**< sizeof(graft_onnx_options) */
  int64_t opset;   /**< version of ONNX's operators, 13 to 17; 0: 13 */
  int64_t float16; /**< 1: weights and computation in 16 bits */
  int64_t nchw;    /**< 1: the input has its channels first, as in PyTorch's files */
} graft_onnx_options;

/** Writes the classifier as an ONNX file with its preprocessing inside and its class names in the metadata.
 * It is not run: `graft export` also compares its answers. */
GRAFT_API graft_status graft_classifier_export_onnx(const graft_classifier* classifier, const char* path,
                                                    const graft_onnx_options* options, graft_error** error);

/* ---- training ----------------------------------------------------------------------------------------- */

/** Progress of a training, to be shown. Valid during the callback. */
typedef struct graft_progress {
  size_t size;                    /**< of the struct that the library has filled */
  const char* stage;              /**< "photos", "features", "head", "epoch 3", ... */
  uint64_t done;                  /**< units of the stage that are done */
  uint64_t total;                 /**< units in total; 0: unknown */
  const char* unit;               /**< "photos", "steps" */
  const char* line;               /**< a finished sentence to keep on the screen; "" while under way */
  int64_t epoch;                  /**< with the line about an epoch its number, from 1; else 0 */
  size_t value_count;             /**< its figures */
  const char* const* value_names; /**< "loss", "val_accuracy", ... */
  const double* values;           /**< one a name */
} graft_progress;

/** Called now and then from the thread that called graft_train(). Returns 0 to go on, anything else to stop:
 * what is best so far is kept. user: graft_train_options::user. */
typedef int32_t (*graft_progress_callback)(const graft_progress* progress, void* user);

/** How a classifier is trained. Defaults are those of `graft train`. */
typedef struct graft_train_options {
  size_t size; /**< sizeof(graft_train_options) */
  const char*
      result_folder;      /**< gets model.keras, result.json, history.csv, ... as of `graft train` without its
                               report, and while training the state to resume from. NULL: nothing is written */
  int64_t resume;         /**< 1: continues the interrupted run in result_folder */
  const char* model;      /**< a network by name, two with + between, "auto", or a model file of your own;
                               NULL: "mobilenet_v2" */
  const char* weights;    /**< a file, a name, or "none"; NULL: "imagenet" */
  const char* recipe;     /**< "auto" (NULL), "head", "tutorial" or "network" */
  int64_t epochs;         /**< at most, of auto, tutorial and network; 0: 10 */
  double learning_rate;   /**< of tutorial and network; 0: theirs */
  double budget;          /**< of auto: seconds that the run may last; 0: a fixed amount of work */
  int64_t image_size;     /**< height and width of the model's input; 0: the network's own */
  int64_t batch_size;     /**< photos a step of training by gradient; 0: 32 */
  uint64_t seed;          /**< 0: 42 */
  int64_t threads;        /**< 0: as many as this process has cores */
  const char* precision;  /**< "float32", "mixed_bfloat16" or "auto" (NULL) */
  const char* validation; /**< folder to choose by; NULL: a part of the photos */
  const char* test;       /**< folder never used in training; NULL: a part of the photos */
  graft_progress_callback progress; /**< NULL: none */
  void* user;                       /**< given to progress */
} graft_train_options;

/** A training that has ended. */
typedef struct graft_training graft_training;

/** Trains a classifier on a folder with a sub-folder of photos a class, and waits for the end. The same for
 * equal options and threads, but with a budget. */
GRAFT_API graft_status graft_train(const char* photos, const graft_train_options* options,
                                   graft_training** training, graft_error** error);
/** Frees it. */
GRAFT_API void graft_training_free(graft_training* training);

/** What is known of a training. */
typedef struct graft_training_facts {
  size_t size;                /**< sizeof(graft_training_facts), set by the caller */
  double test_accuracy;       /**< on photos that were never used, 0 to 1 */
  double test_accuracy_low;   /**< its 95 % confidence interval: the lower end */
  double test_accuracy_high;  /**< the upper end */
  double validation_accuracy; /**< on the photos that were chosen by */
  uint64_t train_photos;      /**< number of photos */
  uint64_t validation_photos; /**< number of photos */
  uint64_t test_photos;       /**< number of photos */
  uint64_t left_out;          /**< files that were not used */
  double seconds;             /**< duration */
  int64_t stopped;            /**< 1: progress asked to stop */
  const char* network;        /**< the network, or what "auto" chose */
  const char* broke_down;     /**< what went wrong where a loss was no longer a number; "": nothing */
} graft_training_facts;
/** Fills in the facts. */
GRAFT_API graft_status graft_training_get_facts(const graft_training* training, graft_training_facts* facts,
                                                graft_error** error);
/** Number of sentences on what was done and why. */
GRAFT_API size_t graft_training_note_count(const graft_training* training);
/** One of them. */
GRAFT_API const char* graft_training_note(const graft_training* training, size_t index);
/** The classifier, which is the caller's. options: threads and precision; nothing else may be set. */
GRAFT_API graft_status graft_training_classifier(const graft_training* training,
                                                 const graft_open_options* options,
                                                 graft_classifier** classifier, graft_error** error);

#ifdef __cplusplus
}
#endif

#endif
