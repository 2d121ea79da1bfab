// LIMIT, DISTINCT, UNION and quantiles over rows of which some do not count, on both protocols, against the
// standard library; and the traffic beside the sort's against the formulas.
#include "mpc/relational/order_by.h"

#include <algorithm>

#include "mpc/cost/relational_cost.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/sort.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/metered.h"

namespace care::mpc {
namespace {

constexpr unsigned kKeyBits = 7;

struct Rows {
  Integers keys, valid, numbers;
};
Rows RandomRows(std::size_t rows, bool some_invalid) {
  std::mt19937_64 random(rows);
  Rows result{RandomIntegers(random, rows, kKeyBits), {}, {}};
  for (std::size_t i = 0; i < rows; ++i) {
    result.valid.push_back(!some_invalid || random() % 3 != 0);
    result.numbers.push_back(i);
  }
  return result;
}
// Row numbers, those that count first, by key, then as they came.
std::vector<std::size_t> Order(const Rows& rows) {
  std::vector<std::size_t> order(rows.keys.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {},
                           [&](std::size_t i) { return std::pair(1 - rows.valid[i], rows.keys[i]); });
  return order;
}

struct Shared {
  BitColumn key, valid;
  Protocol::Columns columns;
};
absl::StatusOr<Shared> Share(Protocol& p, const Rows& rows, bool some_invalid) {
  Shared shared;
  CARE_ASSIGN_OR_RETURN(shared.key, InputBitsForTest(p, 0, rows.keys, kKeyBits));
  if (some_invalid) {
    CARE_ASSIGN_OR_RETURN(shared.valid, InputBitsForTest(p, 1, rows.valid, 1));
  }
  CARE_ASSIGN_OR_RETURN(BitColumn bits, InputBitsForTest(p, 2, rows.numbers, 10));
  CARE_ASSIGN_OR_RETURN(RingColumn ring, InputRingForTest(p, 2, rows.numbers));
  shared.columns = {{std::move(bits)}, {std::move(ring)}};
  return shared;
}

TEST(OrderBy, TopRows) {
  for (const std::size_t n : {0u, 1u, 5u, 200u}) {
    for (const std::size_t limit : {0u, 1u, 10u, 500u}) {
      for (const bool some_invalid : {false, true}) {
        SCOPED_TRACE(testing::Message() << n << " rows, limit " << limit << ", " << some_invalid);
        const Rows rows = RandomRows(n, some_invalid);
        auto order = Order(rows);
        order.resize(std::min(n, limit));
        Integers expected;
        for (const Integers* column : {&rows.keys, &rows.valid, &rows.numbers, &rows.numbers}) {
          for (const std::size_t row : order) expected.push_back((*column)[row]);
        }
        ExpectOnBoth(
            [&](Protocol& p) -> absl::StatusOr<Integers> {
              CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, rows, some_invalid));
              CARE_ASSIGN_OR_RETURN(const OrderedRows top, TopRows(p, shared.key, shared.valid,
                                                                   shared.columns, limit, TestDisclosure()));
              return OpenAll(p, {top.key, top.valid, top.columns.bits[0]}, top.columns.rings);
            },
            expected);
      }
    }
  }
}

// Of the rows of two tables together.
TEST(OrderBy, DistinctOfAUnion) {
  for (const std::size_t n : {0u, 1u, 5u, 200u}) {
    for (const bool some_invalid : {false, true}) {
      SCOPED_TRACE(testing::Message() << n << " rows, " << some_invalid);
      Rows rows = RandomRows(2 * n, some_invalid);
      Integers expected;
      const auto order = Order(rows);
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (rows.valid[order[i]] == 0 || (i > 0 && rows.keys[order[i]] == rows.keys[order[i - 1]])) continue;
        expected.insert(expected.end(), {rows.keys[order[i]], rows.numbers[order[i]]});
      }
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, rows, some_invalid));
            const BitColumn first = shared.key.Rows(0, n), second = shared.key.Rows(n, n);
            CARE_ASSIGN_OR_RETURN(const OrderedRows distinct,
                                  DistinctRows(p, BitColumn::JoinRows({&first, &second}), shared.valid,
                                               shared.columns, TestDisclosure()));
            CARE_ASSIGN_OR_RETURN(const Integers key, OpenForTest(p, distinct.key));
            CARE_ASSIGN_OR_RETURN(const Integers valid, OpenForTest(p, distinct.valid));
            CARE_ASSIGN_OR_RETURN(const Integers number, OpenForTest(p, distinct.columns.bits[0]));
            Integers all;
            for (std::size_t row = 0; row < key.size(); ++row) {
              if (valid[row] != 0) all.insert(all.end(), {key[row], number[row]});
            }
            return all;
          },
          expected);
    }
  }
}

// The median of the rows that count, whose number is secret: percentile_disc(0.5).
TEST(OrderBy, MedianOfTheRowsThatCount) {
  const Rows rows = RandomRows(200, true);
  const auto order = Order(rows);
  const auto counted = static_cast<std::uint64_t>(std::count(rows.valid.begin(), rows.valid.end(), 1u));
  const std::uint64_t rank = (counted + 1) / 2 - 1;
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, rows, true));
        CARE_ASSIGN_OR_RETURN(const OrderedRows all,
                              TopRows(p, shared.key, shared.valid, {}, rows.keys.size(), TestDisclosure()));
        CARE_ASSIGN_OR_RETURN(const BitColumn secret_rank, InputBitsForTest(p, 0, {rank}, 8));
        CARE_ASSIGN_OR_RETURN(const BitColumn no_rank, InputBitsForTest(p, 0, {200}, 8));
        CARE_ASSIGN_OR_RETURN(const BitColumn median, RowOfRank(p, all.key, secret_rank));
        CARE_ASSIGN_OR_RETURN(const BitColumn nothing, RowOfRank(p, all.key, no_rank));
        return OpenAll(p, {median, nothing}, {});
      },
      {rows.keys[order[rank]], 0});
}

TEST(OrderBy, CostsTheSortAndTheFormulas) {
  for (const std::size_t n : {0u, 1u, 65u, 200u}) {
    for (const bool some_invalid : {false, true}) {
      const unsigned bits = kKeyBits + (some_invalid ? 1 : 0);
      const Cost sort = Metered(
          [&](Protocol& p) { return SortRows(p, PublicZeroes(p, n, bits), {}, TestDisclosure()).status(); });
      ExpectMetered("distinct", sort + DistinctRowsCost(n, kKeyBits, some_invalid), [&](Protocol& p) {
        const BitColumn valid = some_invalid ? PublicZeroes(p, n, 1) : BitColumn();
        return DistinctRows(p, PublicZeroes(p, n, kKeyBits), valid, {}, TestDisclosure()).status();
      });
    }
    ExpectMetered("row of rank", RowOfRankCost(n, 9, 8), [&](Protocol& p) {
      return RowOfRank(p, PublicZeroes(p, n, 9), PublicZeroes(p, 1, 8)).status();
    });
  }
}

}  // namespace
}  // namespace care::mpc
