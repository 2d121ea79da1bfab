// engine/frontend/demo/print.h
//
// Standard output, flushed at once: a demonstration is watched while it runs.
#pragma once

#include <cstdio>
#include <string_view>

namespace care::engine {

inline void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace care::engine
