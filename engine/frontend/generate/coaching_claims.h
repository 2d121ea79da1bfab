// engine/frontend/generate/coaching_claims.h
//
// The insurer's claim lines of the coaching example. A patient's claims before the index date are drawn, and
// those of the year after are the same ones at the planted factor, on other days: the effect is what the
// federation's answer should show, not what chance adds. Everyone else's claims are skewed: few people have many.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/generate/coaching_people.h"

namespace care::engine {

struct ExampleClaim {
  std::uint32_t bsn = 0;
  std::int32_t day = 0;
  std::int32_t cents = 0;
  std::uint8_t category = 0;  // position in CareCategories()
  bool no_amount = false;
};

// Exactly options.claims of them (none if no one is insured), sorted by bsn and day.
std::vector<ExampleClaim> InventClaims(const CoachingDataOptions& options, const ExamplePeople& people);

}  // namespace care::engine
