// SPDX-License-Identifier: Apache-2.0
/* Names what is on a photo, in C:
 *   classify MODEL PHOTO              MODEL: a model file, or the folder that `graft train` wrote
 *   classify NETWORK WEIGHTS PHOTO    e.g. mobilenet_v2 mobilenet_v2_weights.h5 cat.jpg
 * cc -std=c99 classify.c $(pkg-config --cflags --libs graft) */
#include <graft/graft.h>
#include <stdio.h>

/* Says what went wrong and frees it. */
static int failed(graft_error* error) {
  fprintf(stderr, "%s\n", graft_error_message(error));
  graft_error_free(error);
  return 1;
}

int main(int count, char** arguments) {
  graft_error* error = NULL;
  graft_classifier* classifier = NULL;
  graft_answer* answer = NULL;
  graft_prediction prediction = {.size = sizeof prediction};
  size_t rank;
  if (count == 4) {
    /* Of options 0 and NULL are the defaults; only the size must be set. */
    graft_open_options options = {.size = sizeof options, .weights = arguments[2]};
    if (graft_classifier_imagenet(arguments[1], &options, &classifier, &error) != GRAFT_OK)
      return failed(error);
  } else if (count == 3) {
    if (graft_classifier_open(arguments[1], NULL, &classifier, &error) != GRAFT_OK) return failed(error);
  } else {
    fprintf(stderr, "usage: classify MODEL PHOTO\n       classify NETWORK WEIGHTS PHOTO\n");
    return 2;
  }
  /* Open once, classify often; several threads may use one classifier. */
  if (graft_classify_file(classifier, arguments[count - 1], NULL, &answer, &error) != GRAFT_OK) {
    graft_classifier_free(classifier);
    return failed(error);
  }
  for (rank = 0; rank < 3 && rank < graft_answer_count(answer); ++rank) {
    if (graft_answer_prediction(answer, rank, &prediction, &error) != GRAFT_OK) return failed(error);
    printf("%7.1f %%  %s\n", 100 * prediction.probability, prediction.name);
  }
  graft_answer_free(answer);
  graft_classifier_free(classifier);
  return 0;
}
