#include "engine/frontend/suite/row_difference.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace care::engine {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kAround = 2;         // equal rows shown before and after a difference
constexpr std::size_t kMostLines = 60;
constexpr std::size_t kMostAligned = 400;  // rows of each list between the equal ends; the table is of their product

struct Line {
  char mark = ' ';
  const std::vector<std::string>* row = nullptr;
};

// By the longest common subsequence, between equal beginnings and ends.
std::vector<Line> Align(const Rows& expected, const Rows& actual) {
  std::size_t head = 0;
  const std::size_t shorter = std::min(expected.size(), actual.size());
  while (head < shorter && expected[head] == actual[head]) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head && expected[expected.size() - 1 - tail] == actual[actual.size() - 1 - tail]) ++tail;
  const std::size_t n = expected.size() - head - tail;
  const std::size_t m = actual.size() - head - tail;

  std::vector<Line> lines;
  for (std::size_t i = 0; i < head; ++i) lines.push_back({' ', &expected[i]});
  std::size_t i = 0, j = 0;
  if (n <= kMostAligned && m <= kMostAligned) {
    std::vector<std::size_t> common((n + 1) * (m + 1));  // of the rows from i and from j on
    const auto at = [&](std::size_t a, std::size_t b) -> std::size_t& { return common[a * (m + 1) + b]; };
    for (std::size_t a = n; a-- > 0;) {
      for (std::size_t b = m; b-- > 0;) {
        at(a, b) = expected[head + a] == actual[head + b] ? at(a + 1, b + 1) + 1 : std::max(at(a + 1, b), at(a, b + 1));
      }
    }
    while (i < n && j < m) {
      if (expected[head + i] == actual[head + j]) {
        lines.push_back({' ', &expected[head + i]});
        ++i, ++j;
      } else if (at(i + 1, j) >= at(i, j + 1)) {
        lines.push_back({'-', &expected[head + i++]});
      } else {
        lines.push_back({'+', &actual[head + j++]});
      }
    }
  }
  for (; i < n; ++i) lines.push_back({'-', &expected[head + i]});
  for (; j < m; ++j) lines.push_back({'+', &actual[head + j]});
  for (std::size_t k = 0; k < tail; ++k) lines.push_back({' ', &expected[expected.size() - tail + k]});
  return lines;
}

}  // namespace

std::string RowDifference(const Rows& expected, const Rows& actual) {
  if (expected == actual) return "";
  const std::vector<Line> lines = Align(expected, actual);
  std::vector<bool> shown(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].mark == ' ') continue;
    const std::size_t end = std::min(lines.size(), i + kAround + 1);
    for (std::size_t near = i - std::min(i, kAround); near < end; ++near) shown[near] = true;
  }
  std::string out;
  std::size_t written = 0, hidden = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!shown[i]) continue;
    if (written == kMostLines) {
      hidden += lines[i].mark != ' ' ? 1 : 0;
      continue;
    }
    if (i > 0 && !shown[i - 1]) absl::StrAppend(&out, "  ...\n");
    absl::StrAppend(&out, std::string(1, lines[i].mark), " ", absl::StrJoin(*lines[i].row, "  |  "), "\n");
    ++written;
  }
  if (hidden > 0) absl::StrAppend(&out, "  and ", hidden, " more rows that differ\n");
  return out;
}

}  // namespace care::engine
