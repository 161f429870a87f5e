// SPDX-License-Identifier: Apache-2.0
/* Trains a classifier on a folder of photos, in C:
 *   train PHOTOS RESULT [MODEL [WEIGHTS]]    PHOTOS: a folder with a sub-folder a class
 * Ctrl-C stops and keeps the best model so far. cc -std=c99 train.c $(pkg-config --cflags --libs graft) */
#include <graft/graft.h>
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t stop = 0;

static void on_interrupt(int signal) {
  (void)signal;
  stop = 1;
}

/* Sentences stay on the screen, everything else is one line that changes. */
static int32_t show(const graft_progress* progress, void* user) {
  (void)user;
  if (progress->line[0] != '\0')
    fprintf(stderr, "%s\n", progress->line);
  else
    fprintf(stderr, "%s %lu/%lu\r", progress->stage, (unsigned long)progress->done,
            (unsigned long)progress->total);
  return stop; /* other than 0: stop */
}

static int failed(graft_error* error) {
  fprintf(stderr, "%s: %s\n", graft_status_name(graft_error_status(error)), graft_error_message(error));
  graft_error_free(error);
  return 1;
}

int main(int count, char** arguments) {
  graft_error* error = NULL;
  graft_training* training = NULL;
  graft_training_facts facts = {.size = sizeof facts};
  graft_train_options options = {.size = sizeof options, .progress = show};
  if (count < 3) {
    fprintf(stderr, "usage: train PHOTOS RESULT [MODEL [WEIGHTS]]\n");
    return 2;
  }
  options.result_folder = arguments[2];
  if (count > 3) options.model = arguments[3];
  if (count > 4) options.weights = arguments[4];
  signal(SIGINT, on_interrupt);
  if (graft_train(arguments[1], &options, &training, &error) != GRAFT_OK) return failed(error);
  if (graft_training_get_facts(training, &facts, &error) != GRAFT_OK) return failed(error);
  printf("%s: test accuracy %.1f %% (%.1f to %.1f) on %lu photos%s\n", facts.network,
         100 * facts.test_accuracy, 100 * facts.test_accuracy_low, 100 * facts.test_accuracy_high,
         (unsigned long)facts.test_photos, facts.stopped ? ", stopped" : "");
  graft_training_free(training);
  return 0;
}
