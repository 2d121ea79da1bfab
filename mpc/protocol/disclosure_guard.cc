#include "mpc/protocol/disclosure_guard.h"

#include <algorithm>

#include "engine/types/check.h"

namespace care::mpc {

DisclosureGuard::DisclosureGuard(std::vector<Disclosure> allowed) {
  for (Disclosure& disclosure : allowed) entries_.push_back({std::move(disclosure)});
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.disclosure.id < b.disclosure.id; });
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    CARE_CHECK(entries_[i - 1].disclosure.id != entries_[i].disclosure.id);
  }
}

void DisclosureGuard::Open(const Disclosure& disclosure, std::uint64_t values) {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return e.disclosure.id == disclosure.id; });
  CARE_CHECK(entry != entries_.end());                                 // the plan lists it
  CARE_CHECK(entry->disclosure.recipient == disclosure.recipient);     // to this recipient
  CARE_CHECK(values <= entry->disclosure.max_values - entry->opened);  // and no more than this
  entry->opened += values;
}

std::vector<OpenedCount> DisclosureGuard::opened() const {
  std::vector<OpenedCount> counts;
  for (const Entry& entry : entries_) {
    if (entry.opened != 0) counts.push_back({entry.disclosure.id, entry.opened});
  }
  return counts;
}

}  // namespace care::mpc
