// The gate's promise over random small tables, on both protocols: every survivor reaches the threshold, and
// in each margin (a line of cells that differ in one column) and for each count, the hidden cells are none,
// or all empty, or two at least that are not empty and hold the threshold together, or nothing survives
// there.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "engine/release/gate.h"
#include "engine/types/status_macros.h"
#include "tests/unit/mpc/three_parties.h"

namespace care::engine {
namespace {

using Counts = std::vector<std::vector<std::uint64_t>>;  // count, cell

struct Table {
  std::vector<std::uint32_t> dimensions;
  Counts counts;
  std::size_t cells() const { return counts[0].size(); }
};

std::string Describe(const Table& table, const std::vector<std::uint64_t>& survives) {
  std::ostringstream text;
  for (const std::uint32_t size : table.dimensions) text << size << " x ";
  for (const std::vector<std::uint64_t>& count : table.counts) {
    text << "\n ";
    for (std::size_t cell = 0; cell < count.size(); ++cell) {
      text << " " << count[cell] << (survives[cell] != 0 ? "" : "*");
    }
  }
  return text.str();
}

Table RandomTable(std::mt19937_64& random) {
  static const std::vector<std::vector<std::uint32_t>> kShapes = {
      {},     {1},    {2},    {3},    {5},       {8},       {1, 4},    {2, 2},
      {2, 3}, {4, 2}, {3, 5}, {6, 4}, {2, 2, 2}, {3, 2, 4}, {1, 3, 1}, {2, 2, 2, 2}};
  Table table;
  table.dimensions = kShapes[random() % kShapes.size()];
  std::size_t cells = 1;
  for (const std::uint32_t size : table.dimensions) cells *= size;
  // Some tables are mostly empty, some mostly small, some mostly large.
  const unsigned empty = random() % 10, small = random() % 10;
  const std::size_t counts = 1 + random() % 3;
  table.counts.resize(counts);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const std::uint64_t persons = random() % 10 < empty   ? 0
                                  : random() % 10 < small ? random() % 12
                                                          : random() % 60;
    table.counts[0].push_back(persons);
    // Contributors are among the persons.
    for (std::size_t c = 1; c < counts; ++c) {
      table.counts[c].push_back(random() % 3 == 0 ? persons : random() % (persons + 1));
    }
  }
  return table;
}

absl::StatusOr<std::vector<std::uint64_t>> Survivors(mpc::Protocol& protocol, const Table& table,
                                                     std::uint32_t threshold) {
  std::vector<mpc::RingColumn> counts;
  for (const std::vector<std::uint64_t>& count : table.counts) {
    CARE_ASSIGN_OR_RETURN(mpc::RingColumn column,
                          protocol.InputRing(0, mpc::IfHeld(protocol, 0, count), count.size()));
    counts.push_back(std::move(column));
  }
  const GateShape shape{.dimensions = table.dimensions, .threshold = threshold, .count_bits = 6};
  CARE_ASSIGN_OR_RETURN(const mpc::BitColumn survive, DecideSurvivors(protocol, shape, counts));
  return mpc::OpenForTest(protocol, survive);
}

void ExpectProtected(const Table& table, const std::vector<std::uint64_t>& survives,
                     std::uint32_t threshold) {
  for (const std::vector<std::uint64_t>& count : table.counts) {
    for (std::size_t cell = 0; cell < table.cells(); ++cell) {
      if (survives[cell] != 0) {
        EXPECT_GE(count[cell], threshold) << "cell " << cell;
      }
    }
    std::size_t below = table.cells();
    for (const std::uint32_t size : table.dimensions) {
      below /= size;
      if (size < 2) continue;
      for (std::size_t first = 0; first < table.cells(); ++first) {
        if (first / below % size != 0) continue;
        std::uint64_t hidden = 0, persons = 0, occupied = 0, survivors = 0;
        for (std::size_t j = 0; j < size; ++j) {
          const std::size_t cell = first + j * below;
          if (survives[cell] != 0) {
            ++survivors;
            continue;
          }
          ++hidden;
          persons += count[cell];
          occupied += count[cell] != 0 ? 1 : 0;
        }
        EXPECT_TRUE(hidden == 0 || survivors == 0 || persons == 0 || (occupied >= 2 && persons >= threshold))
            << "margin from cell " << first << " in steps of " << below;
      }
    }
  }
}

// Nothing is hidden that need not be: with all counts large, or only large and empty ones, everything large
// opens.
void ExpectNoNeedlessHiding(const Table& table, const std::vector<std::uint64_t>& survives,
                            std::uint32_t threshold) {
  for (const std::vector<std::uint64_t>& count : table.counts) {
    for (const std::uint64_t value : count) {
      if (value != 0 && value < threshold) return;
    }
  }
  for (const std::vector<std::uint64_t>& count : table.counts) {
    for (std::size_t cell = 0; cell < table.cells(); ++cell) {
      if ((count[cell] == 0) != (table.counts[0][cell] == 0)) return;
    }
  }
  for (std::size_t cell = 0; cell < table.cells(); ++cell) {
    EXPECT_EQ(survives[cell] != 0, table.counts[0][cell] != 0) << "cell " << cell;
  }
}

TEST(Suppression, ProtectsEveryMarginInTheClear) {
  std::mt19937_64 random(20);
  std::uint64_t survivors = 0, sacrificed = 0;
  for (int i = 0; i < 3'000; ++i) {
    const std::uint32_t threshold = i % 5 == 0 ? 3 : 10;
    const Table table = RandomTable(random);
    mpc::Plain plain({mpc::TestDisclosure()});
    const auto survives = Survivors(plain, table, threshold);
    ASSERT_TRUE(survives.ok()) << survives.status();
    SCOPED_TRACE(testing::Message() << "table " << i << ", threshold " << threshold << "\n"
                                    << Describe(table, *survives));
    ExpectProtected(table, *survives, threshold);
    ExpectNoNeedlessHiding(table, *survives, threshold);
    for (std::size_t cell = 0; cell < table.cells(); ++cell) {
      survivors += (*survives)[cell];
      bool reaches = true;
      for (const auto& count : table.counts) reaches = reaches && count[cell] >= threshold;
      sacrificed += reaches && (*survives)[cell] == 0 ? 1 : 0;
    }
    if (testing::Test::HasFailure()) return;  // one table says enough
  }
  EXPECT_GT(survivors, 1'000u);
  EXPECT_GT(sacrificed, 300u);
}

// Hiding everything would be safe and useless: where few cells are small, hiding a few more must do.
TEST(Suppression, KeepsMostOfATableWithFewSmallCells) {
  std::mt19937_64 random(22);
  for (const std::vector<std::uint32_t>& dimensions :
       {std::vector<std::uint32_t>{15}, {3, 5}, {12, 2}, {12, 4}}) {
    std::uint64_t reach = 0, survive = 0;
    for (int i = 0; i < 100; ++i) {
      Table table{dimensions, Counts(2)};
      std::size_t cells = 1;
      for (const std::uint32_t size : dimensions) cells *= size;
      for (std::size_t cell = 0; cell < cells; ++cell) {
        const std::uint64_t persons = random() % 20 == 0 ? random() % 10 : 12 + random() % 50;
        table.counts[0].push_back(persons);
        table.counts[1].push_back(persons - persons / 8);
        reach += table.counts[1].back() >= 10 ? 1 : 0;
      }
      mpc::Plain plain({mpc::TestDisclosure()});
      const auto survives = Survivors(plain, table, 10);
      ASSERT_TRUE(survives.ok()) << survives.status();
      for (const std::uint64_t flag : *survives) survive += flag;
    }
    EXPECT_GT(survive, reach * 7 / 10) << dimensions.size() << " dimensions";
  }
}

TEST(Suppression, IsTheSameOnSharesAndInTheClear) {
  std::mt19937_64 random(21);
  for (int i = 0; i < 60; ++i) {
    const Table table = RandomTable(random);
    mpc::Plain plain({mpc::TestDisclosure()});
    const auto in_the_clear = Survivors(plain, table, 10);
    ASSERT_TRUE(in_the_clear.ok()) << in_the_clear.status();
    auto run = mpc::RunThreeParties([&](mpc::Protocol& protocol) { return Survivors(protocol, table, 10); },
                                    {.seed = static_cast<std::uint64_t>(i) + 1});
    ASSERT_TRUE(run.ok()) << run.status();
    SCOPED_TRACE(Describe(table, *in_the_clear));
    for (unsigned role = 0; role < 3; ++role) EXPECT_EQ(run.value(role), *in_the_clear) << "P" << role;
    EXPECT_TRUE(run.rounds_agree);
    ExpectProtected(table, run.value(0), 10);
  }
}

// A secret decides nothing that can be counted from outside.
TEST(Suppression, SpeaksAlikeWhateverTheCounts) {
  const std::vector<Counts> unlike = {
      {{0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}},
      {{50, 50, 50, 50, 50, 50}, {50, 50, 50, 50, 50, 50}},
      {{9, 50, 50, 50, 50, 50}, {9, 50, 50, 50, 50, 50}},
      {{5, 0, 50, 12, 3, 60}, {5, 0, 9, 12, 0, 10}},
  };
  std::optional<std::array<mpc::PartyView, 3>> first;
  for (const Counts& counts : unlike) {
    const Table table{{2, 3}, counts};
    auto run = mpc::RunThreeParties([&](mpc::Protocol& protocol) { return Survivors(protocol, table, 10); });
    ASSERT_TRUE(run.ok()) << run.status();
    if (!first) first = run.views;
    for (unsigned role = 0; role < 3; ++role) {
      EXPECT_EQ(run.views[role].next_records, (*first)[role].next_records);
      EXPECT_EQ(run.views[role].previous_records, (*first)[role].previous_records);
    }
  }
}

}  // namespace
}  // namespace care::engine
