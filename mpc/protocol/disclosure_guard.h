// mpc/protocol/disclosure_guard.h
//
// The doorkeeper of Open, the same for every protocol: counts what leaves under each disclosure of the plan,
// and ends the process at the first value that the plan did not list. A wrong answer can be asked again; a
// share that was sent cannot be taken back.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/types/disclosure.h"

namespace care::mpc {

struct OpenedCount {
  std::uint32_t id = 0;
  std::uint64_t values = 0;
  friend bool operator==(const OpenedCount&, const OpenedCount&) = default;
};

class DisclosureGuard {
 public:
  // Ids are unique.
  explicit DisclosureGuard(std::vector<Disclosure> allowed);

  // Call before anything is sent. A row of a column is one value, whatever its width.
  void Open(const Disclosure& disclosure, std::uint64_t values);

  // What was opened so far, by id, for the leakage tests and the audit log.
  std::vector<OpenedCount> opened() const;

 private:
  struct Entry {
    Disclosure disclosure;
    std::uint64_t opened = 0;
  };
  std::vector<Entry> entries_;  // by id
};

}  // namespace care::mpc
