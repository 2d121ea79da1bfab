// GROUP BY secret keys, on both protocols, against a map in the clear: rows that do not count (some with the
// keys of rows that do), one group, each row its own, no rows; to a bound; distinct counts; sums by the codes
// of a public domain; and the traffic beside the sort's against the formulas.
#include "mpc/relational/group_by_sort.h"

#include <bit>
#include <functional>
#include <map>
#include <set>

#include "mpc/cost/relational_cost.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/sort.h"
#include "mpc/relational/sum_by_sorted_codes.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/metered.h"

namespace care::mpc {
namespace {

constexpr unsigned kKeyBits = 12;
constexpr unsigned kValueBits = 3;
constexpr std::size_t kRowCounts[] = {0, 1, 2, 65, 300};

struct Table {
  Integers keys, valid, values;
};

// Keys below `range`.
Table RandomTable(std::size_t rows, std::uint64_t range, bool some_invalid, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Table table;
  for (std::size_t i = 0; i < rows; ++i) {
    table.keys.push_back(random() % range);
    table.valid.push_back(!some_invalid || random() % 3 != 0);
    table.values.push_back(random() % 8);
  }
  return table;
}

void ForEachTable(const std::function<void(const Table&, bool some_invalid)>& check) {
  for (const std::size_t rows : kRowCounts) {
    for (const std::uint64_t range : {1u, 5u, 4000u}) {
      for (const bool some_invalid : {false, true}) {
        SCOPED_TRACE(testing::Message() << rows << " rows, keys below " << range << ", " << some_invalid);
        check(RandomTable(rows, range, some_invalid, rows + range), some_invalid);
      }
    }
  }
}

struct Shared {
  BitColumn key, valid, value_bits;
  RingColumn values;
};
absl::StatusOr<Shared> Share(Protocol& p, const Table& table, bool some_invalid) {
  Shared shared;
  CARE_ASSIGN_OR_RETURN(shared.key, InputBitsForTest(p, 0, table.keys, kKeyBits));
  if (some_invalid) {
    CARE_ASSIGN_OR_RETURN(shared.valid, InputBitsForTest(p, 1, table.valid, 1));
  }
  CARE_ASSIGN_OR_RETURN(shared.value_bits, InputBitsForTest(p, 2, table.values, kValueBits));
  CARE_ASSIGN_OR_RETURN(shared.values, InputRingForTest(p, 2, table.values));
  return shared;
}

struct Group {
  std::uint64_t sum = 0, count = 0;
  std::set<std::uint64_t> distinct;
};
std::map<std::uint64_t, Group> Groups(const Table& table) {
  std::map<std::uint64_t, Group> groups;
  for (std::size_t i = 0; i < table.keys.size(); ++i) {
    if (table.valid[i] == 0) continue;
    Group& group = groups[table.keys[i]];
    group.sum += table.values[i];
    ++group.count;
    group.distinct.insert(table.values[i]);
  }
  return groups;
}

// The groups among the rows, in their order: key, sum, count of each.
absl::StatusOr<Integers> OpenGroups(Protocol& p, const GroupedRows& grouped) {
  CARE_ASSIGN_OR_RETURN(const Integers key, OpenForTest(p, grouped.key));
  CARE_ASSIGN_OR_RETURN(const Integers valid, OpenForTest(p, grouped.valid));
  CARE_ASSIGN_OR_RETURN(const Integers sum, OpenForTest(p, grouped.sums[0]));
  CARE_ASSIGN_OR_RETURN(const Integers count, OpenForTest(p, grouped.counts));
  Integers all;
  for (std::size_t row = 0; row < key.size(); ++row) {
    if (valid[row] != 0) all.insert(all.end(), {key[row], sum[row], count[row]});
  }
  return all;
}

TEST(GroupRows, IsAMap) {
  ForEachTable([](const Table& table, bool some_invalid) {
    Integers expected;
    for (const auto& [key, group] : Groups(table))
      expected.insert(expected.end(), {key, group.sum, group.count});
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, table, some_invalid));
          CARE_ASSIGN_OR_RETURN(const GroupedRows grouped,
                                GroupRows(p, shared.key, shared.valid, {shared.values}, TestDisclosure()));
          return OpenGroups(p, grouped);
        },
        expected);
  });
}

TEST(GroupRows, ToABound) {
  ForEachTable([](const Table& table, bool some_invalid) {
    const auto groups = Groups(table);
    const std::size_t bound = groups.size() + 3;
    const std::size_t kept = std::min(bound, table.keys.size());
    Integers keys(kept, 0), valid(kept, 0), sums(kept, 0), counts(kept, 0);
    std::size_t row = 0;
    for (const auto& [key, group] : groups) {
      keys[row] = key;
      valid[row] = 1;
      sums[row] = group.sum;
      counts[row++] = group.count;
    }
    Integers expected;
    for (const Integers* column : {&keys, &valid, &sums, &counts})
      expected.insert(expected.end(), column->begin(), column->end());
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, table, some_invalid));
          CARE_ASSIGN_OR_RETURN(const GroupedRows grouped,
                                GroupRowsTo(p, {bound, TestDisclosure(), "groups"}, shared.key, shared.valid,
                                            {shared.values}, TestDisclosure(), TestDisclosure()));
          return OpenAll(p, {grouped.key, grouped.valid}, {grouped.sums[0], grouped.counts});
        },
        expected);
  });
}

TEST(GroupRows, CountDistinct) {
  ForEachTable([](const Table& table, bool some_invalid) {
    Integers expected;
    for (const auto& [key, group] : Groups(table))
      expected.insert(expected.end(), {key, group.distinct.size(), group.count});
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, table, some_invalid));
          CARE_ASSIGN_OR_RETURN(const GroupedRows grouped, CountDistinct(p, shared.key, shared.value_bits,
                                                                         shared.valid, TestDisclosure()));
          return OpenGroups(p, grouped);
        },
        expected);
  });
}

// A row whose value is NULL counts as a row of its group alone, whatever stands there for the value.
TEST(GroupRows, CountDistinctLeavesNullsOut) {
  ForEachTable([](const Table& table, bool some_invalid) {
    Integers is_null;
    Table with_values = table;
    for (std::size_t i = 0; i < table.keys.size(); ++i) {
      is_null.push_back(table.keys[i] % 3 == 0 || i % 4 == 1);
      if (is_null[i] != 0) with_values.valid[i] = 0;
    }
    const auto all = Groups(table), not_null = Groups(with_values);
    Integers expected;
    for (const auto& [key, group] : all) {
      const auto found = not_null.find(key);
      expected.insert(expected.end(), {key, found == not_null.end() ? 0 : found->second.distinct.size(), group.count});
    }
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, table, some_invalid));
          CARE_ASSIGN_OR_RETURN(const BitColumn null, InputBitsForTest(p, 1, is_null, 1));
          CARE_ASSIGN_OR_RETURN(const GroupedRows grouped, CountDistinct(p, shared.key, shared.value_bits, shared.valid,
                                                                         TestDisclosure(), {}, null));
          return OpenGroups(p, grouped);
        },
        expected);
  });
}

// SUM(a.x * b.y) over a join of many with many, as the header promises.
TEST(GroupRows, JoinsManyWithManyBySums) {
  const Table a = RandomTable(80, 20, false, 1), b = RandomTable(120, 20, false, 2);
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < a.keys.size(); ++i) {
    for (std::size_t j = 0; j < b.keys.size(); ++j) {
      if (a.keys[i] == b.keys[j]) expected += a.values[i] * b.values[j];
    }
  }
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const Shared left, Share(p, a, false));
        CARE_ASSIGN_OR_RETURN(const Shared right, Share(p, b, false));
        const RingColumn no_left = PublicZeroes(p, a.keys.size()), no_right = PublicZeroes(p, b.keys.size());
        CARE_ASSIGN_OR_RETURN(const GroupedRows grouped,
                              GroupRows(p, BitColumn::JoinRows({&left.key, &right.key}), {},
                                        {RingColumn::JoinRows({&left.values, &no_right}),
                                         RingColumn::JoinRows({&no_left, &right.values})},
                                        TestDisclosure()));
        CARE_ASSIGN_OR_RETURN(const auto flag, p.BitsToRing(grouped.valid));
        CARE_ASSIGN_OR_RETURN(const RingColumn x, p.Multiply(flag[0], grouped.sums[0]));
        CARE_ASSIGN_OR_RETURN(const RingColumn sum,
                              p.DotProducts(std::vector{&x}, std::vector{&grouped.sums[1]}));
        return OpenForTest(p, sum);
      },
      {expected});
}

TEST(SumBySortedCodes, AnswersForEveryCode) {
  for (const std::size_t rows : kRowCounts) {
    for (const std::uint64_t domain : {1u, 7u, 8u, 100u}) {
      SCOPED_TRACE(testing::Message() << rows << " rows, " << domain << " codes");
      const Table table = RandomTable(rows, domain, true, rows + domain);
      Integers counts(domain, 0), sums(domain, 0);
      for (const auto& [code, group] : Groups(table)) {
        counts[code] = group.count;
        sums[code] = group.sum;
      }
      // Rows that do not count may hold anything.
      Table noisy = table;
      for (std::size_t i = 0; i < rows; ++i) {
        if (table.valid[i] == 0) noisy.keys[i] = (1u << kKeyBits) - 1;
      }
      Integers expected = counts;
      expected.insert(expected.end(), sums.begin(), sums.end());
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, noisy, true));
            CARE_ASSIGN_OR_RETURN(const CodeSums by_code,
                                  SumBySortedCodes(p, shared.key, shared.valid, domain, {shared.values},
                                                   TestDisclosure(), TestDisclosure()));
            return OpenAll(p, {}, {by_code.counts, by_code.sums[0]});
          },
          expected);
    }
  }
}

// A code of no group counts nowhere, not even as the code that its low bits are; and what is opened does not tell.
TEST(SumBySortedCodes, CodesOutsideOfTheDomainCountNowhere) {
  for (const std::uint64_t domain : {5u, 8u}) {
    const Integers codes = {0, 3, domain, domain + 1, 8, 8 + 3, 16 + 2, 4, 3, 31}, values(10, 10);
    Integers counts(domain, 0);
    for (const std::uint64_t code : codes) {
      if (code < domain) ++counts[code];
    }
    Integers expected = counts;
    for (const std::uint64_t count : counts) expected.push_back(10 * count);
    ThreePartiesOptions options;
    options.disclosures = {SortDisclosure(1, 10 + domain + 1, "sort"),
                           CodeEndsDisclosure(2, 10 + domain + 1, domain, "ends")};
    const auto body = [&](Protocol& p) -> absl::StatusOr<Integers> {
      CARE_ASSIGN_OR_RETURN(const BitColumn code, InputBitsForTest(p, 0, codes, 5));
      CARE_ASSIGN_OR_RETURN(const RingColumn value, InputRingForTest(p, 1, values));
      const BitColumn all = PublicConstant(p, codes.size(), 1, 1);
      CARE_ASSIGN_OR_RETURN(const CodeSums sums, SumBySortedCodes(p, code, all, domain, {value}, TestDisclosure(),
                                                                  options.disclosures[1]));
      return OpenAll(p, {}, {sums.counts, sums.sums[0]});
    };
    auto run = RunThreeParties(body, options);
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_EQ(run.value(0), expected);
    for (const OpenedCount& opened : run.opened[0]) {
      if (opened.id != 2) continue;
      EXPECT_EQ(opened.values, (10 + domain + 1) + (domain + 1));
    }
    Plain plain({TestDisclosure(), options.disclosures[1]});
    const auto in_the_clear = body(plain);
    ASSERT_TRUE(in_the_clear.ok()) << in_the_clear.status();
    EXPECT_EQ(*in_the_clear, expected);
  }
}

// How many ends are opened, and which codes, is the same whether rows count or not.
TEST(SumBySortedCodes, OpensOneEndForEachCode) {
  constexpr std::uint64_t kDomain = 20;
  for (const std::uint64_t valid : {0u, 1u}) {
    Table table = RandomTable(50, 3, false, 4);
    table.valid.assign(50, valid);
    ThreePartiesOptions options;
    options.disclosures = {SortDisclosure(1, 50 + kDomain + 1, "sort"),
                           CodeEndsDisclosure(2, 50 + kDomain + 1, kDomain, "ends")};
    const auto run = RunThreeParties(
        [&](Protocol& p) -> absl::StatusOr<int> {
          CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, table, true));
          CARE_RETURN_IF_ERROR(SumBySortedCodes(p, shared.key, shared.valid, kDomain, {shared.values},
                                                options.disclosures[0], options.disclosures[1])
                                   .status());
          return 0;
        },
        options);
    ASSERT_TRUE(run.ok()) << run.status();
    for (const OpenedCount& opened : run.opened[0]) {
      if (opened.id != 2) continue;
      EXPECT_EQ(opened.values, (50 + kDomain + 1) + (kDomain + 1));
    }
  }
}

TEST(GroupCosts, SumBySortedCodes) {
  for (const std::size_t n : kRowCounts) {
    for (const std::uint64_t domain : {1u, 8u, 100u}) {
      // The same keys under the same randomness: what precedes the sort takes operation numbers too.
      const auto coded = [&](Protocol& p) -> absl::StatusOr<BitColumn> {
        const unsigned bits = static_cast<unsigned>(std::bit_width(domain));
        CARE_RETURN_IF_ERROR(LessThanPublic(p, PublicZeroes(p, n, 7), domain).status());
        CARE_RETURN_IF_ERROR(p.And(PublicZeroes(p, n, 1), PublicZeroes(p, n, 1)).status());
        CARE_RETURN_IF_ERROR(p.And(PublicZeroes(p, n, bits), PublicZeroes(p, n, 1)).status());
        Integers codes(n, domain);
        for (std::uint64_t code = 0; code <= domain; ++code) codes.push_back(code);
        return p.PublicBits(BitPlanes::FromIntegers(codes, bits));
      };
      const Cost mask = LessThanPublicCost(n, 7, domain) + AndCost(n, 1) +
                        AndCost(n, static_cast<unsigned>(std::bit_width(domain)));
      Cost sort = Metered([&](Protocol& p) -> absl::Status {
        CARE_ASSIGN_OR_RETURN(const BitColumn key, coded(p));
        return SortRows(p, key, {{}, {PublicZeroes(p, key.rows())}}, TestDisclosure()).status();
      });
      sort.bytes -= mask.bytes;
      sort.rounds -= mask.rounds;
      ExpectMetered("codes", sort + SumBySortedCodesCost(n, 7, domain, 1), [&](Protocol& p) {
        return SumBySortedCodes(p, PublicZeroes(p, n, 7), PublicZeroes(p, n, 1), domain, {PublicZeroes(p, n)},
                                TestDisclosure(), TestDisclosure())
            .status();
      });
    }
  }
}

TEST(GroupCosts, TheSortAndTheFormulas) {
  for (const std::size_t n : kRowCounts) {
    for (const bool some_invalid : {false, true}) {
      SCOPED_TRACE(testing::Message() << n << " rows, " << some_invalid);
      const auto sort = [&](std::size_t rows, unsigned bits, unsigned rings) {
        return Metered([&](Protocol& p) {
          return SortRows(p, PublicZeroes(p, rows, bits),
                          {{}, std::vector<RingColumn>(rings, PublicZeroes(p, rows))}, TestDisclosure())
              .status();
        });
      };
      const auto valid = [&](Protocol& p) { return some_invalid ? PublicZeroes(p, n, 1) : BitColumn(); };
      const unsigned bits = kKeyBits + (some_invalid ? 1 : 0);
      ExpectMetered("group", sort(n, bits, 2) + GroupRowsCost(n, kKeyBits, some_invalid, 2),
                    [&](Protocol& p) {
                      return GroupRows(p, PublicZeroes(p, n, kKeyBits), valid(p),
                                       std::vector<RingColumn>(2, PublicZeroes(p, n)), TestDisclosure())
                          .status();
                    });
      ExpectMetered("group to a bound", sort(n, bits, 2) + GroupRowsToCost(n, 10, kKeyBits, some_invalid, 2),
                    [&](Protocol& p) {
                      return GroupRowsTo(p, {10, TestDisclosure(), "groups"}, PublicZeroes(p, n, kKeyBits),
                                         valid(p), std::vector<RingColumn>(2, PublicZeroes(p, n)),
                                         TestDisclosure(), TestDisclosure())
                          .status();
                    });
      ExpectMetered("count distinct",
                    sort(n, bits + kValueBits, 0) + CountDistinctCost(n, kKeyBits, kValueBits, some_invalid),
                    [&](Protocol& p) {
                      return CountDistinct(p, PublicZeroes(p, n, kKeyBits), PublicZeroes(p, n, kValueBits),
                                           valid(p), TestDisclosure())
                          .status();
                    });
      ExpectMetered("count distinct with NULLs",
                    sort(n, bits + kValueBits + 1, 0) + CountDistinctCost(n, kKeyBits, kValueBits, some_invalid, true),
                    [&](Protocol& p) {
                      return CountDistinct(p, PublicZeroes(p, n, kKeyBits), PublicZeroes(p, n, kValueBits), valid(p),
                                           TestDisclosure(), {}, PublicZeroes(p, n, 1))
                          .status();
                    });
    }
  }
}

}  // namespace
}  // namespace care::mpc
