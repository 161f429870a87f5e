// SPDX-License-Identifier: Apache-2.0
/* A program in C99 that calls every function of graft.h:  whole_interface MODEL PHOTO PIXELS.ppm PHOTOS WORK
 * It prints what it received, for c_api_test.cpp to compare with the program's answers. Exit code 1:
 * something is not as graft.h says. */
#include <graft/graft.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(int condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "not as expected: %s\n", what);
  exit(1);
}

static void check(graft_status status, graft_error* error, const char* call) {
  if (status == GRAFT_OK && error == NULL) return;
  fprintf(stderr, "%s: %s: %s\n", call, graft_status_name(status), graft_error_message(error));
  graft_error_free(error);
  exit(1);
}

static unsigned char* read_all(const char* path, size_t* length) {
  FILE* file = fopen(path, "rb");
  unsigned char* bytes;
  expect(file != NULL, path);
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  bytes = malloc(*length);
  expect(bytes != NULL && fread(bytes, 1, *length, file) == *length, path);
  fclose(file);
  return bytes;
}

static void print_answer(const char* title, const graft_answer* answer) {
  graft_error* error = NULL;
  graft_prediction prediction = {.size = sizeof prediction};
  graft_decision decision = {.size = sizeof decision};
  size_t rank;
  for (rank = 0; rank < graft_answer_count(answer); ++rank) {
    check(graft_answer_prediction(answer, rank, &prediction, &error), error, "graft_answer_prediction");
    expect((double)graft_answer_probabilities(answer)[prediction.index] == prediction.probability,
           "a probability in both places");
    printf("%s %s %s %.17g %d\n", title, prediction.name, prediction.id, prediction.probability,
           (int)prediction.is_label);
  }
  check(graft_answer_decision(answer, &decision, &error), error, "graft_answer_decision");
  printf("%s decision %d %s\n", title, (int)decision.index, decision.name);
  expect(decision.also_count == 0 && decision.reason != NULL, "a decision without others");
  expect((graft_answer_unknown_reason(answer)[0] != 0) == (decision.index < 0), "unknown with its reason");
  expect(graft_answer_distance(answer) == -1 && graft_answer_is_unlike_training(answer) == 0,
         "a model without training photos");
  expect(graft_answer_note(answer) != NULL, "a note");
}

static void print_features(const char* title, const graft_features* features) {
  size_t i;
  printf("%s", title);
  for (i = 0; i < graft_features_count(features); ++i)
    printf(" %.9g", (double)graft_features_values(features)[i]);
  printf("\n");
}

/* P6, as the test writes it: the header is three lines. */
static unsigned char* read_ppm(const char* path, graft_pixels* pixels, unsigned char** file) {
  size_t length;
  int width = 0;
  int height = 0;
  int header = 0;
  *file = read_all(path, &length);
  expect(sscanf((const char*)*file, "P6 %d %d 255%n", &width, &height, &header) == 2, "a PPM");
  pixels->width = width;
  pixels->height = height;
  pixels->channels = 3;
  pixels->length = length - (size_t)header - 1;
  return *file + header + 1;
}

static void classify(const graft_classifier* classifier, const char* photo, const char* ppm) {
  graft_error* error = NULL;
  graft_answer* answer = NULL;
  graft_features* features = NULL;
  graft_classify_options options = {.size = sizeof options};
  graft_pixels pixels = {.size = sizeof pixels};
  unsigned char* bytes;
  unsigned char* data;
  size_t length;
  check(graft_classify_file(classifier, photo, NULL, &answer, &error), error, "graft_classify_file");
  print_answer("file", answer);
  graft_answer_free(answer);
  options.views = 2;
  options.reject = 1;
  options.reject_below = 0.999;
  check(graft_classify_file(classifier, photo, &options, &answer, &error), error,
        "graft_classify_file with options");
  print_answer("reject", answer);
  graft_answer_free(answer);
  bytes = read_all(photo, &length);
  check(graft_classify_bytes(classifier, bytes, length, NULL, &answer, &error), error,
        "graft_classify_bytes");
  print_answer("bytes", answer);
  graft_answer_free(answer);
  check(graft_features_bytes(classifier, bytes, length, NULL, &features, &error), error,
        "graft_features_bytes");
  print_features("features_bytes", features);
  graft_features_free(features);
  free(bytes);
  check(graft_features_file(classifier, photo, NULL, &features, &error), error, "graft_features_file");
  print_features("features", features);
  graft_features_free(features);
  data = read_ppm(ppm, &pixels, &bytes);
  check(graft_classify_pixels(classifier, data, &pixels, NULL, &answer, &error), error,
        "graft_classify_pixels");
  print_answer("pixels", answer);
  graft_answer_free(answer);
  check(graft_features_pixels(classifier, data, &pixels, NULL, &features, &error), error,
        "graft_features_pixels");
  print_features("features_pixels", features);
  graft_features_free(features);
  free(bytes);
}

static void print_classifier(const graft_classifier* classifier) {
  size_t i;
  for (i = 0; i < graft_classifier_class_count(classifier); ++i) {
    expect(strcmp(graft_classifier_class_name(classifier, i), graft_classifier_class_id(classifier, i)) == 0,
           "ids are names");
    printf("class %s\n", graft_classifier_class_name(classifier, i));
  }
  expect(graft_classifier_class_name(classifier, i) == NULL, "no name beyond the last class");
  printf("input %d %d %d\n", (int)graft_classifier_height(classifier),
         (int)graft_classifier_width(classifier), (int)graft_classifier_channels(classifier));
  expect(graft_classifier_has_several_labels(classifier) == 0, "one label a photo");
  for (i = 0; i < graft_classifier_note_count(classifier); ++i)
    printf("note %s\n", graft_classifier_note(classifier, i));
}

typedef struct {
  int calls;
  int stop_after;
} watcher;

static int32_t on_progress(const graft_progress* progress, void* user) {
  watcher* watching = user;
  expect(progress->size == sizeof(graft_progress) && progress->stage != NULL && progress->line != NULL,
         "progress");
  ++watching->calls;
  return watching->calls == watching->stop_after;
}

static void train(const char* photos, const char* model, const char* work, const char* photo) {
  graft_error* error = NULL;
  graft_training* training = NULL;
  graft_classifier* classifier = NULL;
  graft_answer* answer = NULL;
  graft_training_facts facts = {.size = sizeof facts};
  watcher watching = {0, 0};
  char folder[4096];
  graft_train_options options = {.size = sizeof options,
                                 .result_folder = folder,
                                 .model = model,
                                 .recipe = "head",
                                 .seed = 7,
                                 .progress = on_progress,
                                 .user = &watching};
  snprintf(folder, sizeof folder, "%s/trained", work);
  check(graft_train(photos, &options, &training, &error), error, "graft_train");
  check(graft_training_get_facts(training, &facts, &error), error, "graft_training_get_facts");
  printf("trained %d %d %.17g %d\n", (int)(facts.train_photos + facts.validation_photos + facts.test_photos),
         (int)facts.left_out, facts.test_accuracy, (int)facts.stopped);
  expect(watching.calls > 0, "progress is called");
  expect(graft_training_note_count(training) == 0 || graft_training_note(training, 0) != NULL, "notes");
  check(graft_training_classifier(training, NULL, &classifier, &error), error, "graft_training_classifier");
  graft_training_free(training);
  check(graft_classify_file(classifier, photo, NULL, &answer, &error), error, "the trained classifier");
  print_answer("trained", answer);
  graft_answer_free(answer);
  graft_classifier_free(classifier);

  watching.calls = 0;
  watching.stop_after = 1;
  options.result_folder = NULL;
  expect(graft_train(photos, &options, &training, &error) == GRAFT_INTERRUPTED && training == NULL,
         "a training that is stopped at once has nothing to keep");
  printf("stopped %s\n", graft_status_name(graft_error_status(error)));
  graft_error_free(error);
}

static void save(const graft_classifier* classifier, const char* work) {
  graft_error* error = NULL;
  graft_onnx_options options = {.size = sizeof options, .opset = 15};
  char path[4096];
  snprintf(path, sizeof path, "%s/saved.keras", work);
  check(graft_classifier_save(classifier, path, &error), error, "graft_classifier_save");
  snprintf(path, sizeof path, "%s/saved.json", work);
  check(graft_classifier_save(classifier, path, &error), error, "graft_classifier_save for TensorFlow.js");
  snprintf(path, sizeof path, "%s/saved.onnx", work);
  check(graft_classifier_export_onnx(classifier, path, &options, &error), error,
        "graft_classifier_export_onnx");
}

int main(int count, char** arguments) {
  graft_error* error = NULL;
  graft_classifier* classifier = NULL;
  unsigned char* bytes;
  size_t length;
  expect(count == 6, "five arguments");
  printf("version %s\n", graft_version());
  check(graft_classifier_open(arguments[1], NULL, &classifier, &error), error, "graft_classifier_open");
  print_classifier(classifier);
  classify(classifier, arguments[2], arguments[3]);
  save(classifier, arguments[5]);
  graft_classifier_free(classifier);

  bytes = read_all(arguments[1], &length);
  check(graft_classifier_open_bytes(bytes, length, NULL, &classifier, &error), error,
        "graft_classifier_open_bytes");
  free(bytes);
  {
    graft_answer* answer = NULL;
    check(graft_classify_file(classifier, arguments[2], NULL, &answer, &error), error,
          "a model opened from memory");
    graft_classifier_free(classifier);
    print_answer("memory", answer); /* an answer outlives its classifier */
    graft_answer_free(answer);
  }
  expect(graft_classifier_imagenet("no_such_network", NULL, &classifier, &error) == GRAFT_INVALID_ARGUMENT ||
             graft_error_status(error) == GRAFT_NOT_FOUND,
         "a network that does not exist");
  expect(classifier == NULL && graft_error_message(error)[0] != '\0' && graft_error_option(error) != NULL,
         "an error object");
  graft_error_free(error);
  train(arguments[4], arguments[1], arguments[5], arguments[2]);
  return 0;
}
