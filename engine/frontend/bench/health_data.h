// engine/frontend/bench/health_data.h
//
// Invented events of invented patients for the health queries (health_workload.h), half of them at each of
// two owners, and how the owners share them: every column is secret, also to the owner of the other half.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::engine {

inline constexpr unsigned kPatientBits = 32;
inline constexpr unsigned kDayBits = 14;
inline constexpr unsigned kCodeBits = 10;
inline constexpr std::uint64_t kCodes = 1000;

struct HealthEvent {
  std::uint64_t patient = 0;
  std::uint64_t day = 0;
  std::uint64_t code = 0;
};

// `series` tells tables apart; about six events a patient of them all; low codes are the more frequent ones.
std::vector<HealthEvent> HealthEvents(std::uint64_t series, std::uint64_t rows);
// The number of a patient: distinct for distinct positions, in no order.
std::uint64_t PatientNumber(std::uint64_t position);

// The first half of the rows is owned by party 0, the rest by party 1.
absl::StatusOr<mpc::BitColumn> ShareHalves(mpc::Protocol& protocol, const std::vector<std::uint64_t>& values,
                                           unsigned width);

struct SharedEvents {
  mpc::BitColumn patient, day, code;
};
absl::StatusOr<SharedEvents> ShareEvents(mpc::Protocol& protocol, const std::vector<HealthEvent>& events);

}  // namespace care::engine
