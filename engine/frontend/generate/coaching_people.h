// engine/frontend/generate/coaching_people.h
//
// The invented people of the coaching example: who they are, which party knows them, and, of patients, whether
// and since when they use the app.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/generate/coaching_data.h"

namespace care::engine {

inline constexpr std::int32_t kNoDay = -1'000'000;

struct ExamplePerson {
  std::uint32_t bsn = 0;  // nine digits that pass the eleven-test, the first a 9: a range that is not handed out
  bool insured = false;
  bool at_bureau = false;
  bool patient = false;
  std::int8_t education = -1;  // position in Educations(); -1 unknown
  std::uint8_t region = 0;     // position in Provinces()
  std::uint16_t birth_year = 1970;
  bool uses_app = false;            // patients only, as is the next
  std::int32_t index_day = kNoDay;  // days since 1970-01-01
};

// Sorted by bsn, the patient with the dominant cost marked by its position.
struct ExamplePeople {
  std::vector<ExamplePerson> people;
  std::size_t dominant = 0;
};

absl::StatusOr<ExamplePeople> InventPeople(const CoachingDataOptions& options);

std::string FormatBsn(std::uint32_t bsn);
bool PassesElevenTest(std::uint32_t bsn);

}  // namespace care::engine
