// planner/physical/plan_inputs.h
//
// Everything that a plan may depend on besides the SQL text and the federation file. The asking node
// proposes one record and signs its canonical bytes; every party checks it before it plans for itself, so
// that all derive the same plan. Nothing in it was measured.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/types/party.h"

namespace care::planner {

inline constexpr std::uint32_t kPlannerVersion = 2;

struct PlanInputs {
  std::int32_t current_date_days = 0;  // what CURRENT_DATE means
  std::int64_t time_of_day = 0;        // of NOW(), in microseconds; 0 where nothing asks, so that the same question has the same digest
  std::string time_zone = "UTC";
  std::string link_class = "lan";  // "lan" or "wan"
  std::uint32_t planner_version = kPlannerVersion;
  std::string protocol = "replicated3";
  std::string purpose;
  std::string legal_basis;  // as the analyst states it; empty: none was stated
  PartyId recipient = kNoParty;
  bool all_secret = false;  // owners share whole tables and compute nothing for each other: to measure the engine
  std::map<std::string, std::uint64_t> row_bounds;  // by full table name: bounds raised above the file's

  // The bytes that are signed and hashed: one "key=value" line an entry, in a fixed order.
  std::string Canonical() const;

  friend bool operator==(const PlanInputs&, const PlanInputs&) = default;
};

// Reads Canonical() back; anything else is InvalidArgument.
absl::StatusOr<PlanInputs> ParsePlanInputs(std::string_view canonical);

}  // namespace care::planner
