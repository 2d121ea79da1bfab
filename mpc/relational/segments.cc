#include "mpc/relational/segments.h"

#include <algorithm>
#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"

namespace care::mpc {
namespace {

// Rows i - distance .. i are of one segment: `reaches` for distance 1 is `continues`, shifted by the caller
// if it looks ahead.
template <typename Shift>
absl::StatusOr<Neighbour> Shifted(Protocol& protocol, const BitColumn& reaches, const BitColumn& values,
                                  std::size_t distance, Shift shift) {
  CARE_CHECK(distance >= 1 && reaches.rows() == values.rows());
  Neighbour neighbour{reaches, {}};
  for (std::size_t step = 1; step < distance; ++step) {
    CARE_ASSIGN_OR_RETURN(neighbour.present, protocol.And(neighbour.present, shift(reaches, step)));
  }
  CARE_ASSIGN_OR_RETURN(neighbour.values, protocol.And(shift(values, distance), neighbour.present));
  return neighbour;
}

}  // namespace

absl::StatusOr<BitColumn> ContinuesSegment(Protocol& protocol, const BitColumn& sorted_key) {
  const std::size_t rows = sorted_key.rows();
  const BitColumn first = PublicZeroes(protocol, std::min<std::size_t>(rows, 1), 1);
  if (rows <= 1) return first;
  CARE_ASSIGN_OR_RETURN(const BitColumn same,
                        EqualBits(protocol, sorted_key.Rows(0, rows - 1), sorted_key.Rows(1, rows - 1)));
  return BitColumn::JoinRows({&first, &same});
}

BitColumn SegmentEnds(const Protocol& protocol, const BitColumn& continues) {
  return protocol.Not(ShiftUp(protocol, continues, 1));
}

BitColumn ShiftDown(const Protocol& protocol, const BitColumn& column, std::size_t count) {
  count = std::min(count, column.rows());
  const BitColumn zeroes = PublicZeroes(protocol, count, column.width());
  const BitColumn rest = column.Rows(0, column.rows() - count);
  return BitColumn::JoinRows({&zeroes, &rest});
}

BitColumn ShiftUp(const Protocol& protocol, const BitColumn& column, std::size_t count) {
  count = std::min(count, column.rows());
  const BitColumn zeroes = PublicZeroes(protocol, count, column.width());
  const BitColumn rest = column.Rows(count, column.rows() - count);
  return BitColumn::JoinRows({&rest, &zeroes});
}

RingColumn ShiftDown(const Protocol& protocol, const RingColumn& column, std::size_t count) {
  count = std::min(count, column.rows());
  const RingColumn zeroes = PublicElements(protocol, count, 0, column.width());
  const RingColumn rest = column.Rows(0, column.rows() - count);
  return RingColumn::JoinRows({&zeroes, &rest});
}

absl::StatusOr<Neighbour> Lag(Protocol& protocol, const BitColumn& continues, const BitColumn& values,
                              std::size_t distance) {
  return Shifted(protocol, continues, values, distance, [&](const BitColumn& column, std::size_t count) {
    return ShiftDown(protocol, column, count);
  });
}

absl::StatusOr<Neighbour> Lead(Protocol& protocol, const BitColumn& continues, const BitColumn& values,
                               std::size_t distance) {
  return Shifted(
      protocol, ShiftUp(protocol, continues, 1), values, distance,
      [&](const BitColumn& column, std::size_t count) { return ShiftUp(protocol, column, count); });
}

}  // namespace care::mpc
