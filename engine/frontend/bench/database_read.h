// engine/frontend/bench/database_read.h
//
// How fast an owner's PostgreSQL becomes shares: a table of (bigint, text, date, numeric) in a server of the
// benchmark's own, fetched, checked, keys made canonical, columns encoded and masked as the executor does. The
// node's own processor time is told apart from the database's.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/figures.h"

namespace care::engine {

inline constexpr double kMostPostgresqlMicrosecondsARow = 0.5;  // two million rows a second on one core

absl::StatusOr<Figures> MeasurePostgresqlRead(std::uint64_t rows, unsigned repeats);

}  // namespace care::engine
