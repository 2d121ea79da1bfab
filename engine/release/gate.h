// engine/release/gate.h
//
// Which cells of an answer may leave, decided inside MPC before any share opens. Nobody, the recipient
// included, learns the size of a cell that stays hidden, nor why it does.
//
// A cell survives if each of its person counts (the persons in it, and for each value those who contribute
// to it) reaches the threshold. Then, so that no hidden cell can be had by subtraction: a margin is the line
// of cells that differ in one GROUP BY column; where the hidden cells of a margin hold fewer than the
// threshold of persons together but not none, or exactly one of them is not empty, the smallest survivor of
// that margin is hidden too (ties: the lowest cell). Where a person may stand in several cells, hidden
// persons must not be added up (the same five in two cells are not ten): there a margin needs a hidden cell
// that holds the threshold by itself. What is hidden this way holds at least the threshold, so its margin is
// closed, and stays closed whatever else is hidden in it. With one dimension and one count that is all. With
// several counts a margin in which a count had no hidden person may get its first one, which a second pass
// closes. With several dimensions, hiding along one may open another: three passes, and should a margin
// still be open then, nothing is released.
//
//   Shape     counts[c][cells] in the ring -> survive[cells]; dimensions multiply to cells.
//   Units     persons; every count below 2^count_bits.
//   Rounds    by dimensions, their sizes, count_bits and passes alone; exactly: planner/physical/gate_cost.h.
//   Leakage   none; sizes are public.
//   Security  the Protocol's own.
//   Source    cell suppression after Hundepool et al., Statistical Disclosure Control (2012), ch. 4; the
//             rule for secret counts is ours (docs/threat-model.md).
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::engine {

struct GateShape {
  std::vector<std::uint32_t> dimensions;  // sizes, the first most significant; empty for one cell
  std::uint32_t threshold = 10;
  unsigned count_bits = 32;
  bool person_in_one_cell = true;  // false where a person may be counted in several cells
};

// How often each margin is visited, for `dimensions` of more than one code.
int GatePasses(std::size_t dimensions, std::size_t counts);

// One plane: 1 where the cell may be opened.
absl::StatusOr<mpc::BitColumn> DecideSurvivors(mpc::Protocol& protocol, const GateShape& shape,
                                               const std::vector<mpc::RingColumn>& person_counts);

}  // namespace care::engine
