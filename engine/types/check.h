// engine/types/check.h
//
// Checks are for our own mistakes (a broken invariant ends the process: a wrong share must never be
// sent on); absl::Status is for the world's. They stay on in release builds.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CARE_CHECK(condition)                                                              \
  do {                                                                                     \
    if (!(condition)) [[unlikely]] {                                                       \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition);    \
      std::abort();                                                                        \
    }                                                                                      \
  } while (false)
