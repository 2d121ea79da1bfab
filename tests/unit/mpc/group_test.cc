#include <string>

#include "engine/types/status_macros.h"
#include "mpc/relational/group_boundaries.h"
#include "mpc/relational/group_dense.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

TEST(SumByBoundaries, EmptyGroupsAndRowsPastTheLast) {
  std::mt19937_64 random(1);
  const std::vector<std::pair<std::size_t, std::vector<std::uint32_t>>> cases = {
      {0, {}},
      {0, {0, 0}},
      {1, {1}},
      {1, {0, 1, 1}},
      {6, {2, 2, 5}},
      {130, {0, 7, 64, 64, 65, 128, 130}},
      {1000, {100, 999, 1000}},
  };
  for (const auto& [rows, ends] : cases) {
    SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(ends.size()) + " groups");
    const Integers first = RandomIntegers(random, rows, 64);
    const Integers second = RandomIntegers(random, rows, 10);
    Integers expected;
    for (const Integers& column : {first, second}) {
      std::size_t row = 0;
      for (const std::uint32_t end : ends) {
        std::uint64_t sum = 0;
        for (; row < end; ++row) sum += column[row];
        expected.push_back(sum);
      }
    }
    const std::vector<std::uint32_t>& positions = ends;
    const std::size_t groups = ends.size();
    for (const PartyId owner : {PartyId{0}, PartyId{1}, PartyId{2}}) {
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const RingColumn x, InputRingForTest(p, 1, first));
            CARE_ASSIGN_OR_RETURN(const RingColumn y, InputRingForTest(p, 0, second));
            CARE_ASSIGN_OR_RETURN(const auto sums,
                                  SumByBoundaries(p, owner, IfHeld(p, owner, positions), groups, {x, y}));
            return OpenAll(p, {}, sums);
          },
          expected);
    }
  }
}

// Codes beyond the domain mean no plane set.
Integers OneHot(const Integers& codes, unsigned width) {
  Integers planes;
  for (const std::uint64_t code : codes) planes.push_back(code < width ? std::uint64_t{1} << code : 0);
  return planes;
}

void ExpectSumsByCodes(std::size_t rows, const std::vector<unsigned>& widths, unsigned value_count) {
  SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(widths.size()) + " dimensions");
  std::mt19937_64 random(rows + 10 * widths.size());
  std::vector<Integers> codes;
  std::size_t cells = 1;
  for (const unsigned width : widths) {
    Integers column(rows);
    for (std::uint64_t& code : column) code = random() % (width + 1);
    codes.push_back(column);
    cells *= width;
  }
  std::vector<Integers> values;
  for (unsigned v = 0; v < value_count; ++v) values.push_back(RandomIntegers(random, rows, 64));
  Integers expected;
  for (const Integers& column : values) {
    Integers sums(cells, 0);
    for (std::size_t row = 0; row < rows; ++row) {
      std::size_t cell = 0;
      bool counts = true;
      for (std::size_t d = 0; d < widths.size(); ++d) {
        counts = counts && codes[d][row] < widths[d];
        cell = cell * widths[d] + codes[d][row];
      }
      if (counts) sums[cell] += column[row];
    }
    expected.insert(expected.end(), sums.begin(), sums.end());
  }
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        std::vector<BitColumn> dimensions;
        for (std::size_t d = 0; d < widths.size(); ++d) {
          CARE_ASSIGN_OR_RETURN(BitColumn planes,
                                InputBitsForTest(p, d % 3, OneHot(codes[d], widths[d]), widths[d]));
          dimensions.push_back(std::move(planes));
        }
        std::vector<RingColumn> shared;
        for (const Integers& column : values) {
          CARE_ASSIGN_OR_RETURN(RingColumn ring, InputRingForTest(p, 2, column));
          shared.push_back(std::move(ring));
        }
        CARE_ASSIGN_OR_RETURN(const auto sums, SumByCodes(p, dimensions, shared));
        return OpenAll(p, {}, sums);
      },
      expected);
}

TEST(SumByCodes, NoneOneTwoAndThreeDimensions) {
  for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{65}, std::size_t{500}}) {
    ExpectSumsByCodes(rows, {}, 2);
    ExpectSumsByCodes(rows, {5}, 2);
    ExpectSumsByCodes(rows, {9, 2}, 4);
    ExpectSumsByCodes(rows, {2, 9}, 1);
    ExpectSumsByCodes(rows, {3, 3}, 2);
    ExpectSumsByCodes(rows, {2, 5, 3}, 2);
    ExpectSumsByCodes(rows, {1, 4}, 1);
  }
}

TEST(SumByCodes, NoValuesNoSums) {
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const auto sums, SumByCodes(p, {}, {}));
        return OpenAll(p, {}, sums);
      },
      {});
}

}  // namespace
}  // namespace care::mpc
