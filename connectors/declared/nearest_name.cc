#include "connectors/declared/nearest_name.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace care::connectors {
namespace {

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestName(const std::string& wanted, const std::vector<std::string>& names) {
  const std::string* best = nullptr;
  std::size_t best_distance = wanted.size() / 2 + 2;
  for (const std::string& name : names) {
    const std::size_t distance = EditDistance(wanted, name);
    if (distance < best_distance) {
      best = &name;
      best_distance = distance;
    }
  }
  return best == nullptr ? std::string() : absl::StrCat(" (the nearest name there is '", *best, "')");
}

}  // namespace care::connectors
