// The gate's promise, tried on random tables: whoever survives holds the threshold, and no line that keeps a
// survivor lets a hidden value be computed from its total.
#include "engine/release/gate.h"

#include <random>

#include "gtest/gtest.h"
#include "mpc/cost/cost.h"
#include "planner/physical/gate_cost.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::engine {
namespace {

using mpc::Integers;
using Counts = std::vector<Integers>;  // by count, then by cell

absl::StatusOr<Integers> Survivors(mpc::Protocol& protocol, const GateShape& shape, const Counts& counts) {
  std::vector<mpc::RingColumn> shared;
  for (const Integers& count : counts) {
    CARE_ASSIGN_OR_RETURN(mpc::RingColumn column, mpc::InputRingForTest(protocol, 0, count));
    shared.push_back(std::move(column));
  }
  CARE_ASSIGN_OR_RETURN(const mpc::BitColumn survive, DecideSurvivors(protocol, shape, shared));
  return mpc::OpenForTest(protocol, survive);
}

Integers SurvivorsInTheClear(const GateShape& shape, const Counts& counts) {
  mpc::Plain plain({mpc::TestDisclosure()});
  const absl::StatusOr<Integers> survivors = Survivors(plain, shape, counts);
  EXPECT_TRUE(survivors.ok()) << survivors.status();
  return survivors.ok() ? *survivors : Integers();
}

// Every line of the table, as cells.
std::vector<std::vector<std::size_t>> Lines(const std::vector<std::uint32_t>& dimensions) {
  std::size_t cells = 1;
  for (std::uint32_t size : dimensions) cells *= size;
  std::vector<std::vector<std::size_t>> lines;
  std::size_t step = cells;
  for (std::uint32_t size : dimensions) {
    step /= size;
    if (size < 2) continue;
    for (std::size_t first = 0; first < cells; ++first) {
      if (first / step % size != 0) continue;
      std::vector<std::size_t> line;
      for (std::size_t j = 0; j < size; ++j) line.push_back(first + j * step);
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

bool IsOpen(const std::vector<std::size_t>& line, const Integers& count, const Integers& survivors,
            const GateShape& shape) {
  std::uint64_t persons = 0, most = 0, occupied = 0;
  bool keeps_one = false;
  for (std::size_t cell : line) {
    if (survivors[cell] != 0) {
      keeps_one = true;
      continue;
    }
    persons += count[cell];
    most = std::max(most, count[cell]);
    occupied += count[cell] > 0 ? 1 : 0;
  }
  if (!keeps_one || occupied == 0) return false;
  return occupied == 1 || (shape.person_in_one_cell ? persons : most) < shape.threshold;
}

void ExpectSafe(const GateShape& shape, const Counts& counts, const Integers& survivors) {
  for (const Integers& count : counts) {
    for (std::size_t cell = 0; cell < count.size(); ++cell) {
      EXPECT_TRUE(survivors[cell] == 0 || count[cell] >= shape.threshold);
    }
    for (const auto& line : Lines(shape.dimensions)) EXPECT_FALSE(IsOpen(line, count, survivors, shape));
  }
}

TEST(Gate, KeepsItsPromiseOnRandomTables) {
  std::mt19937_64 random(7);
  const std::vector<std::vector<std::uint32_t>> shapes = {{},     {1},    {2},    {5},      {9},
                                                          {2, 3}, {4, 4}, {1, 6}, {2, 3, 3}};
  std::size_t survived = 0, hidden = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    GateShape shape{.dimensions = shapes[random() % shapes.size()],
                    .threshold = static_cast<std::uint32_t>(1 + random() % 6),
                    .count_bits = 5,
                    .person_in_one_cell = random() % 2 == 0};
    std::size_t cells = 1;
    for (std::uint32_t size : shape.dimensions) cells *= size;
    Counts counts(1 + random() % 3, Integers(cells));
    for (std::size_t cell = 0; cell < cells; ++cell) {
      // The first count is of everybody; contributors are some of them, often all or none.
      counts[0][cell] = random() % 4 == 0 ? random() % 4 : random() % 32;
      for (std::size_t c = 1; c < counts.size(); ++c) {
        const std::uint64_t all = counts[0][cell];
        const std::uint64_t kind = random() % 4;
        counts[c][cell] = kind == 0 ? 0 : kind == 1 ? random() % (all + 1) : all;
      }
    }
    const Integers survivors = SurvivorsInTheClear(shape, counts);
    ASSERT_EQ(survivors.size(), cells);
    ExpectSafe(shape, counts, survivors);
    for (std::uint64_t survivor : survivors) ++(survivor != 0 ? survived : hidden);
    if (testing::Test::HasFailure()) FAIL() << "trial " << trial;
  }
  EXPECT_GT(survived, 2000u);  // a gate that hides everything keeps the promise, too
  EXPECT_GT(hidden, 2000u);
}

TEST(Gate, HidesNothingMoreThanItMust) {
  const GateShape shape{.dimensions = {4}, .threshold = 10, .count_bits = 8};
  EXPECT_EQ(SurvivorsInTheClear(shape, {{20, 30, 40, 50}}), (Integers{1, 1, 1, 1}));
  EXPECT_EQ(SurvivorsInTheClear(shape, {{20, 0, 40, 50}}),
            (Integers{1, 0, 1, 1}));  // nobody: nothing to compute
  EXPECT_EQ(SurvivorsInTheClear(shape, {{20, 3, 40, 50}}), (Integers{0, 0, 1, 1}));
  EXPECT_EQ(SurvivorsInTheClear(shape, {{20, 9, 9, 50}}), (Integers{1, 0, 0, 1}));  // eighteen together
  EXPECT_EQ(SurvivorsInTheClear(shape, {{20, 1, 2, 20}}), (Integers{0, 0, 0, 1}));  // ties: the lowest cell
}

TEST(Gate, SecondCountClosesWhatTheFirstOpened) {
  const GateShape shape{.dimensions = {4}, .threshold = 10, .count_bits = 8};
  // Cell 1 is hidden for its persons; cell 0 covers it and is the only hidden cell with contributors.
  EXPECT_EQ(SurvivorsInTheClear(shape, {{20, 3, 40, 50}, {20, 0, 30, 25}}), (Integers{0, 0, 1, 0}));
}

// Five persons stand in cells 1 and 2 both: ten by addition, five in truth.
TEST(Gate, DoesNotAddUpPersonsWhoMayBeTheSame) {
  GateShape shape{.dimensions = {4}, .threshold = 10, .count_bits = 8};
  const Counts counts = {{20, 5, 5, 50}};
  EXPECT_EQ(SurvivorsInTheClear(shape, counts), (Integers{1, 0, 0, 1}));
  shape.person_in_one_cell = false;
  EXPECT_EQ(SurvivorsInTheClear(shape, counts), (Integers{0, 0, 0, 1}));
}

TEST(Gate, ThresholdOfOneHidesEmptyCellsOnly) {
  for (const bool person_in_one_cell : {true, false}) {
    const GateShape shape{
        .dimensions = {2, 3}, .threshold = 1, .count_bits = 8, .person_in_one_cell = person_in_one_cell};
    EXPECT_EQ(SurvivorsInTheClear(shape, {{1, 0, 2, 0, 0, 255}}), (Integers{1, 0, 1, 0, 0, 1}));
  }
}

// More than the counts can reach: nothing survives.
TEST(Gate, ThresholdBeyondEveryCount) {
  const GateShape shape{.dimensions = {3}, .threshold = 1000, .count_bits = 4};
  EXPECT_EQ(SurvivorsInTheClear(shape, {{15, 15, 15}}), (Integers{0, 0, 0}));
}

TEST(Gate, SameOnShares) {
  for (const bool person_in_one_cell : {true, false}) {
    const GateShape shape{
        .dimensions = {3, 4}, .threshold = 4, .count_bits = 6, .person_in_one_cell = person_in_one_cell};
    const Counts counts = {{20, 1, 9, 11, 0, 30, 7, 8, 63, 2, 2, 40},
                           {20, 0, 9, 9, 0, 30, 6, 8, 60, 1, 0, 4}};
    mpc::ExpectOnBoth([&](mpc::Protocol& protocol) { return Survivors(protocol, shape, counts); },
                      SurvivorsInTheClear(shape, counts));
  }
}

// The planner's figures, met byte for byte; and they do not depend on what is counted.
TEST(Gate, CostsWhatThePlannerSays) {
  for (const std::vector<std::uint32_t>& dimensions :
       std::vector<std::vector<std::uint32_t>>{{}, {7}, {3, 5}, {2, 2, 3}}) {
    std::size_t cells = 1;
    for (std::uint32_t size : dimensions) cells *= size;
    for (const bool person_in_one_cell : {true, false}) {
      for (unsigned counts = 1; counts <= 3; ++counts) {
        const GateShape shape{.dimensions = dimensions,
                              .threshold = 10,
                              .count_bits = 9,
                              .person_in_one_cell = person_in_one_cell};
        for (const std::uint64_t persons : {0u, 400u}) {
          const Counts table(counts, Integers(cells, persons));
          const auto run = mpc::RunThreeParties([&](mpc::Protocol& protocol) -> absl::StatusOr<int> {
            std::vector<mpc::RingColumn> shared;
            for (const Integers& count : table) {
              CARE_ASSIGN_OR_RETURN(mpc::RingColumn column, mpc::InputRingForTest(protocol, 0, count));
              shared.push_back(std::move(column));
            }
            CARE_RETURN_IF_ERROR(DecideSurvivors(protocol, shape, shared).status());
            return 0;
          });
          ASSERT_TRUE(run.ok()) << run.status();
          mpc::Cost expected = planner::GateCost(dimensions, shape.count_bits, counts, person_in_one_cell);
          for (unsigned c = 0; c < counts; ++c) expected += mpc::InputRingCost(cells);
          EXPECT_EQ(run.bytes_sent(), expected.bytes) << cells << " cells, " << counts << " counts";
          EXPECT_EQ(run.rounds, expected.rounds) << cells << " cells, " << counts << " counts";
        }
      }
    }
  }
}

}  // namespace
}  // namespace care::engine
