// tests/unit/planner/explain_goldens.h
//
// What EXPLAIN prints, compared with a file of tests/plans to the byte: a change of a plan is seen and judged by whoever makes it.
// CARE_UPDATE_GOLDENS=1 writes what is printed now into the files.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/unit/planner/planned_questions.h"

namespace care::planner {

// The first lines that differ, each side.
inline std::string Difference(const std::string& expected, const std::string& actual) {
  std::istringstream left(expected), right(actual);
  std::string a, b, text;
  for (int line = 1, shown = 0; shown < 8; ++line) {
    const bool more_left = static_cast<bool>(std::getline(left, a));
    const bool more_right = static_cast<bool>(std::getline(right, b));
    if (!more_left && !more_right) break;
    if (more_left && more_right && a == b) continue;
    text += "line " + std::to_string(line) + "\n";
    if (more_left) text += "- " + a + "\n";
    if (more_right) text += "+ " + b + "\n";
    ++shown;
  }
  return text;
}

inline void ExpectGolden(const std::string& file, const std::string& actual) {
  const std::filesystem::path path = TestsDirectory() / "plans" / file;
  if (std::getenv("CARE_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(path) << actual;
    return;
  }
  const std::string expected = ReadText(path);
  EXPECT_TRUE(expected == actual) << file << " is not what EXPLAIN prints:\n"
                                  << Difference(expected, actual)
                                  << "If the change is meant: CARE_UPDATE_GOLDENS=1 and this test again";
}

}  // namespace care::planner
