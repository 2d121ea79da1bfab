// engine/types/disclosure.h
//
// One thing that a query opens: what, to whom, how many values at most, and by which rule it may be.
// The planner lists a plan's disclosures in its LeakageReport; a Protocol opens a column only against a
// disclosure that it was given at the start, and aborts on any other (mpc/protocol/protocol.h).
#pragma once

#include <cstdint>
#include <string>

#include "engine/types/party.h"

namespace care {

struct Disclosure {
  std::uint32_t id = 0;        // Unique within a plan; position in the leakage report.
  std::string what;            // "survivors of 18 cells (education x uses_app)"
  PartyId recipient = kNoParty;  // kNoParty: every compute party.
  std::uint64_t max_values = 0;  // Most values (rows times columns) that may be opened under this id.
  std::string rule;            // The consent: "release gate, threshold 10 persons".

  friend bool operator==(const Disclosure&, const Disclosure&) = default;
};

}  // namespace care
