// mpc/protocol/replicated3/okvs_elimination.h
//
// Solves the equations that peeling leaves over, of the core's own sparse cells and the dense cells. Entries
// are 0 and 1, and pivots are odd, hence invertible modulo 2 and modulo 2^64 alike: one elimination serves
// XOR words and ring words. Cores are rare and small, so this is written for clearness.
#pragma once

#include <cstdint>
#include <span>

#include "mpc/protocol/replicated3/okvs_layout.h"

namespace care::mpc {

// Gives the core's cells their values; `values` has a record for each row of the core, `cells` those of the
// bucket. All other cells that the core reads keep the random values they hold. False if there is no
// solution.
bool SolveCore(const OkvsRecord& record, std::size_t third, std::span<const Placement> rows,
               std::span<const std::size_t> core, std::span<const std::uint64_t> core_values,
               std::span<std::uint64_t> cells);

}  // namespace care::mpc
