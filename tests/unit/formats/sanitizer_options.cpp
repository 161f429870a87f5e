// SPDX-License-Identifier: Apache-2.0
// HDF5 asks malloc for whatever a broken file claims and copes with a refusal, which AddressSanitizer would
// report; and it loses small pieces of memory when it gives such a file up. graft's own code stays under
// watch.

// The sanitizer's library looks these up, so they must be exported although the project hides names.
#pragma GCC visibility push(default)
extern "C" const char* __asan_default_options();       // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
#pragma GCC visibility pop

// Marking gigabytes as allocated takes the sanitizer seconds and an eighth of their size, where malloc only
// promises them: no test needs as much in one piece.
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=2048";
}
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }
