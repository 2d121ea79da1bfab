// mpc/protocol/replicated3/okvs_peeling.h
//
// The order in which the equations of one bucket solve themselves: a cell that one query alone touches can
// take whatever value that query needs, so that query may be set aside, which leaves other cells with one
// query. What is left when no such cell remains is the core, which the elimination solves
// (okvs_elimination.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpc/protocol/replicated3/okvs_layout.h"

namespace care::mpc {

class Peeling {
 public:
  struct Step {
    std::uint16_t row;
    std::uint16_t cell;
  };

  // Requires fewer than 2^16 rows and cells.
  void Run(std::size_t cells, std::span<const Placement> rows);

  // In the order of peeling: the last gives its cell a value first.
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<std::size_t>& core() const { return core_; }

 private:
  struct Touching {
    std::uint16_t count = 0;
    std::uint16_t rows_xor = 0;  // of the rows that still touch the cell: the row itself once one is left
  };
  std::vector<Touching> touching_;
  std::vector<std::uint8_t> alive_;
  std::vector<Step> steps_;
  std::vector<std::uint16_t> single_;
  std::vector<std::size_t> core_;
};

}  // namespace care::mpc
