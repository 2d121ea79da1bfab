#include "engine/exec/tables/gate_table.h"

#include <gtest/gtest.h>

#include "engine/release/gate.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::engine {
namespace {

using mpc::Integers;

// The rule again, in the clear.
Integers Survivors(const std::vector<Integers>& counts, std::uint64_t threshold, bool person_in_one_cell) {
  const std::size_t rows = counts[0].size();
  Integers survive(rows, 1);
  for (const Integers& count : counts)
    for (std::size_t i = 0; i < rows; ++i) survive[i] = survive[i] && count[i] >= threshold ? 1 : 0;
  if (rows < 2) return survive;
  for (int pass = 0; pass < GatePasses(1, counts.size()); ++pass) {
    Integers next = survive;
    for (const Integers& count : counts) {
      std::uint64_t not_empty = 0, persons = 0, reaching = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        if (survive[i] != 0) continue;
        not_empty += count[i] > 0 ? 1 : 0;
        persons += count[i];
        reaching += count[i] >= threshold ? 1 : 0;
      }
      const bool enough = person_in_one_cell ? persons >= threshold : reaching >= 1;
      if (not_empty == 0 || (not_empty >= 2 && enough)) continue;
      std::size_t victim = rows;
      for (std::size_t i = 0; i < rows; ++i)
        if (survive[i] != 0 && (victim == rows || count[i] < count[victim])) victim = i;
      if (victim < rows) next[victim] = 0;
    }
    survive = next;
  }
  return survive;
}

TEST(GateTable, OneMarginAsTheRuleSays) {
  std::mt19937_64 random(7);
  int closed_further = 0;
  for (int round = 0; round < 60; ++round) {
    const std::size_t rows = 1 + random() % 20;
    const std::size_t fields = 1 + random() % 2;
    std::vector<Integers> counts(fields, Integers(rows));
    for (std::size_t i = 0; i < rows; ++i) {
      // Few small groups, so that margins are open as often as not.
      counts[0][i] = random() % 4 == 0 ? random() % 6 : 10 + random() % 5;
      for (std::size_t c = 1; c < fields; ++c) counts[c][i] = counts[0][i] - random() % (1 + counts[0][i] / 4);
    }
    const bool one_cell = random() % 2 == 0;
    const Integers expected = Survivors(counts, 10, one_cell);
    for (std::size_t i = 0; i < rows; ++i) closed_further += counts[0][i] >= 10 && expected[i] == 0 ? 1 : 0;
    mpc::ExpectOnBoth(
        [&](mpc::Protocol& protocol) -> absl::StatusOr<Integers> {
          std::vector<mpc::BitColumn> shared;
          for (const Integers& count : counts) {
            CARE_ASSIGN_OR_RETURN(mpc::BitColumn bits, mpc::InputBitsForTest(protocol, 1, count, 5));
            shared.push_back(std::move(bits));
          }
          CARE_ASSIGN_OR_RETURN(const mpc::BitColumn survive, DecideMargin(protocol, shared, 10, one_cell));
          return mpc::OpenForTest(protocol, survive);
        },
        expected);
  }
  EXPECT_GT(closed_further, 20);
}

}  // namespace
}  // namespace care::engine
