// planner/physical/size_text.h
//
// Bytes for a reader of EXPLAIN.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"

namespace care::planner {

// "1.2 MB", in integers: tenths, rounded down.
inline std::string SizeText(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return absl::StrCat(bytes, " B");
  std::uint64_t tenths = bytes / 100;
  std::size_t unit = 0;
  for (; tenths >= 10'000 && unit + 1 < std::size(kUnits); ++unit) tenths /= 1000;
  return absl::StrCat(tenths / 10, ".", tenths % 10, " ", kUnits[unit]);
}

}  // namespace care::planner
