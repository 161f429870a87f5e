// SPDX-License-Identifier: Apache-2.0
/* A user's program in C against an installed graft. */
#include <graft/graft.h>
#include <stdio.h>

int main(void) {
  graft_error* error = NULL;
  graft_classifier* classifier = NULL;
  printf("graft %s\n", graft_version());
  if (graft_classifier_open("no/such/model", NULL, &classifier, &error) != GRAFT_NOT_FOUND) return 1;
  if (classifier != NULL || graft_error_message(error)[0] == '\0') return 1;
  graft_error_free(error);
  return 0;
}
