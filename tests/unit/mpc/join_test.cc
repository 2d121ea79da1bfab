// The forms of mpc/relational/join.h over one small pair of tables, on both protocols, compared with the same
// joins in the clear; their traffic and rounds, compared with mpc/cost/join_cost.h.
#include "mpc/relational/join.h"

#include <cstring>
#include <map>

#include "engine/types/status_macros.h"
#include "mpc/cost/join_cost.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

constexpr PartyId kArm = 2;
constexpr PartyId kSpine = 0;
constexpr PartyId kHelper = 1;
constexpr unsigned kBits = 9;

JoinKey KeyOf(std::uint64_t number) {
  JoinKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}
std::uint64_t BitsOf(std::uint64_t key) { return key * 37 % (1 << kBits); }
std::uint64_t RingOf(std::uint64_t key) { return key * 0x9e3779b97f4a7c15; }

// Keys of a table; absent rows have none.
using Keys = std::vector<std::optional<std::uint64_t>>;

LookupSpine SpineOf(const Keys& keys) {
  LookupSpine spine;
  for (const auto& key : keys) {
    spine.keys.push_back(KeyOf(key.value_or(0)));
    spine.present.push_back(key ? 1 : 0);
  }
  return spine;
}
LookupArm ArmOf(const Integers& keys) {
  LookupArm arm;
  arm.rings.resize(1);
  Integers bits;
  for (const std::uint64_t key : keys) {
    arm.keys.push_back(KeyOf(key));
    bits.push_back(BitsOf(key));
    arm.rings[0].push_back(RingOf(key));
  }
  arm.bits = BitPlanes::FromIntegers(bits, kBits);
  return arm;
}
LookupShape ShapeOf(std::size_t arm_bound, std::size_t spine_rows) {
  return {.arm = kArm,
          .spine = kSpine,
          .helper = kHelper,
          .arm_bound = arm_bound,
          .spine_rows = spine_rows,
          .payload_bits = kBits,
          .payload_rings = 1};
}
LookupSize SizeOf(const LookupShape& shape) {
  return {.arm_bound = shape.arm_bound,
          .spine_rows = shape.spine_rows,
          .payload_bits = shape.payload_bits,
          .payload_rings = shape.payload_rings};
}
bool Contains(const Integers& keys, std::uint64_t key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

template <typename Body>
void ExpectCost(const Cost& cost, const Body& body) {
  const auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<int> {
    CARE_RETURN_IF_ERROR(body(p));
    return 0;
  });
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run.bytes_sent(), cost.bytes);
  EXPECT_EQ(run.rounds, cost.rounds);
  EXPECT_TRUE(run.rounds_agree);
}

struct Tables {
  const char* what;
  Integers arm;
  std::size_t arm_bound;
  Keys spine;  // valid rows without a key, then pads, at the end
  std::size_t valid;
};
const std::vector<Tables>& AllTables() {
  static const auto& tables = *new std::vector<Tables>{
      {"some match", {3, 5, 7, 9}, 6, {5, 8, 9, 1, std::nullopt, std::nullopt}, 5},
      {"all match", {1, 2, 3}, 3, {3, 1, 2}, 3},
      {"none match", {1, 2, 3}, 4, {4, 5, 6}, 3},
      {"no arm", {}, 4, {4, 5, 6}, 3},
      {"no arm and no bound", {}, 0, {4, 5}, 2},
      {"pads alone", {1, 2}, 2, {std::nullopt, std::nullopt}, 0},
      {"no spine", {1, 2}, 3, {}, 0},
  };
  return tables;
}

// Anti and full: the spine's rows that found nothing, and the arm's that nobody found.
TEST(Join, AntiAndFull) {
  for (const Tables& tables : AllTables()) {
    SCOPED_TRACE(tables.what);
    const std::size_t rows = tables.spine.size();
    const LookupShape shape = ShapeOf(tables.arm_bound, rows);
    const LookupArm arm = ArmOf(tables.arm);
    const LookupSpine spine = SpineOf(tables.spine);
    Keys slots(tables.arm.begin(), tables.arm.end());
    slots.resize(tables.arm_bound);
    const LookupSpine arm_slots = SpineOf(slots);
    Integers valid(rows, 0), arm_valid(tables.arm_bound, 0), left, anti, arm_only;
    std::fill_n(valid.begin(), tables.valid, 1);
    std::fill_n(arm_valid.begin(), tables.arm.size(), 1);
    Integers spine_keys;
    for (std::size_t row = 0; row < rows; ++row) {
      const bool match = tables.spine[row] && Contains(tables.arm, *tables.spine[row]);
      left.push_back(match ? RingOf(*tables.spine[row]) : 0);
      anti.push_back(valid[row] && !match);
      if (tables.spine[row]) spine_keys.push_back(*tables.spine[row]);
    }
    for (std::size_t slot = 0; slot < tables.arm_bound; ++slot)
      arm_only.push_back(slots[slot] && !Contains(spine_keys, *slots[slot]));
    Integers expected = anti;
    expected.insert(expected.end(), arm_only.begin(), arm_only.end());
    expected.insert(expected.end(), left.begin(), left.end());
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn valid_bit, InputBitsForTest(p, kSpine, valid, 1));
          CARE_ASSIGN_OR_RETURN(const BitColumn arm_bit, InputBitsForTest(p, kArm, arm_valid, 1));
          CARE_ASSIGN_OR_RETURN(const Joined joined,
                                LookupJoin(p, shape, IfHeld(p, kArm, arm), IfHeld(p, kSpine, spine)));
          const BitColumn found_nothing = RowsThatFoundNothing(p, valid_bit, joined.matched);
          CARE_ASSIGN_OR_RETURN(
              const BitColumn nobody_found,
              RowsThatNobodyFound(p, shape, IfHeld(p, kArm, arm_slots), arm_bit, IfHeld(p, kSpine, spine)));
          return OpenAll(p, {found_nothing, nobody_found}, joined.rings);
        },
        expected);
    ExpectCost(RowsThatNobodyFoundCost(SizeOf(shape)), [&](Protocol& p) {
      const BitColumn arm_bit = p.PublicBits(BitPlanes(tables.arm_bound, 1));
      return RowsThatNobodyFound(p, shape, IfHeld(p, kArm, arm_slots), arm_bit, IfHeld(p, kSpine, spine))
          .status();
    });
  }
}

// The queries of the two halves of a full join, which one helper sees, share nothing.
TEST(Join, TheHalvesOfAFullJoinCannotBeCompared) {
  constexpr std::size_t kRows = 500;
  Integers keys(kRows);
  for (std::size_t i = 0; i < kRows; ++i) keys[i] = i;
  const LookupArm arm = ArmOf(keys);
  const LookupSpine spine = SpineOf(Keys(keys.begin(), keys.end()));
  LookupShape shape = ShapeOf(kRows, kRows);
  ThreePartiesOptions options;
  options.keep_received_bytes = std::size_t{1} << 20;
  const auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<int> {
        CARE_RETURN_IF_ERROR(LookupJoin(p, shape, IfHeld(p, kArm, arm), IfHeld(p, kSpine, spine)).status());
        const BitColumn valid = p.PublicBits(BitPlanes(kRows, 1));
        CARE_RETURN_IF_ERROR(
            RowsThatNobodyFound(p, shape, IfHeld(p, kArm, spine), valid, IfHeld(p, kSpine, spine)).status());
        return 0;
      },
      options);
  ASSERT_TRUE(run.ok()) << run.status();
  std::vector<std::array<std::uint8_t, 12>> queries;
  const auto collect = [&](const std::vector<MessageRecord>& records,
                           const std::vector<std::uint8_t>& bytes) {
    std::size_t offset = 0;
    for (const MessageRecord& record : records) {
      if (record.direction != MessageRecord::Direction::kReceived) continue;
      if (record.bytes == 12 * kRows) {
        queries.resize(queries.size() + kRows);
        std::memcpy(queries[queries.size() - kRows].data(), bytes.data() + offset, record.bytes);
      }
      offset += record.bytes;
    }
  };
  const PartyView& helper = run.views[kHelper];
  collect(helper.next_records, helper.next_received);
  collect(helper.previous_records, helper.previous_received);
  ASSERT_EQ(queries.size(), 2 * kRows);
  std::sort(queries.begin(), queries.end());
  EXPECT_EQ(std::adjacent_find(queries.begin(), queries.end()), queries.end());
}

TEST(Join, ManyRowsOfOneKey) {
  const Integers arm_keys = {3, 5, 7};
  const Keys keys = {7, 4, 3, std::nullopt};
  const std::vector<std::uint32_t> key_of_row = {0, 0, 1, 2, 2, 2};
  constexpr std::size_t kRows = 9;  // of which three are nobody's
  const LookupShape shape = ShapeOf(3, keys.size());
  const LookupArm arm = ArmOf(arm_keys);
  const LookupSpine spine = SpineOf(keys);
  Integers matched(key_of_row.size()), bits(key_of_row.size()), ring(key_of_row.size());
  for (std::size_t row = 0; row < key_of_row.size(); ++row) {
    const std::uint64_t key = *keys[key_of_row[row]];
    if (!Contains(arm_keys, key)) continue;
    matched[row] = 1;
    bits[row] = BitsOf(key);
    ring[row] = RingOf(key);
  }
  Integers expected = matched;
  expected.insert(expected.end(), bits.begin(), bits.end());
  expected.insert(expected.end(), ring.begin(), ring.end());
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const Joined joined,
                              LookupJoinRows(p, shape, IfHeld(p, kArm, arm), IfHeld(p, kSpine, spine),
                                             IfHeld(p, kSpine, key_of_row), kRows));
        CARE_ASSIGN_OR_RETURN(const Integers slots, OpenAll(p, {joined.matched, joined.bits}, joined.rings));
        Integers rows;
        for (std::size_t column = 0; column < 3; ++column)
          rows.insert(rows.end(), slots.begin() + column * kRows, slots.begin() + column * kRows + key_of_row.size());
        return rows;
      },
      expected);
  ExpectCost(LookupJoinRowsCost(SizeOf(shape), kRows), [&](Protocol& p) {
    return LookupJoinRows(p, shape, IfHeld(p, kArm, arm), IfHeld(p, kSpine, spine), IfHeld(p, kSpine, key_of_row),
                          kRows)
        .status();
  });
}

// SUM(a.x * b.y) over a join of many rows with many.
TEST(Join, ManyRowsWithManyAsSums) {
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> arm_rows = {
      {3, 10}, {3, 20}, {5, 1}, {8, 4}, {8, 5}};
  const std::vector<std::pair<std::uint64_t, std::uint64_t>> spine_rows = {
      {8, 7}, {3, 2}, {9, 6}, {3, 100}, {8, 1}};
  std::map<std::uint64_t, std::array<std::uint64_t, 2>> of_arm, of_spine;  // sum, count
  for (const auto& [key, value] : arm_rows) {
    of_arm[key][0] += value;
    ++of_arm[key][1];
  }
  for (const auto& [key, value] : spine_rows) {
    of_spine[key][0] += value;
    ++of_spine[key][1];
  }
  LookupArm arm;
  arm.rings.resize(2);
  for (const auto& [key, sums] : of_arm) {
    arm.keys.push_back(KeyOf(key));
    for (unsigned c = 0; c < 2; ++c) arm.rings[c].push_back(sums[c]);
  }
  Keys keys;
  std::vector<Integers> spine_sums(2);
  for (const auto& [key, sums] : of_spine) {
    keys.push_back(key);
    for (unsigned c = 0; c < 2; ++c) spine_sums[c].push_back(sums[c]);
  }
  const LookupSpine spine = SpineOf(keys);
  LookupShape shape = ShapeOf(5, keys.size());
  shape.payload_bits = 0;
  shape.payload_rings = 2;
  Integers expected(2 * keys.size());
  for (std::size_t k = 0; k < keys.size(); ++k) {
    for (const auto& [arm_key, x] : arm_rows) {
      for (const auto& [spine_key, y] : spine_rows) {
        if (arm_key != *keys[k] || spine_key != *keys[k]) continue;
        expected[k] += x * y;
        ++expected[keys.size() + k];
      }
    }
  }
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const Joined joined,
                              LookupJoin(p, shape, IfHeld(p, kArm, arm), IfHeld(p, kSpine, spine)));
        CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> sums,
                              PairSums(p, joined.rings, kSpine, IfHeld(p, kSpine, spine_sums)));
        return OpenAll(p, {}, sums);
      },
      expected);
  ExpectCost(PairSumsCost(keys.size(), 2), [&](Protocol& p) {
    const std::vector<RingColumn> zeroes(2, p.PublicRing(Integers(keys.size(), 0)));
    return PairSums(p, zeroes, kSpine, IfHeld(p, kSpine, spine_sums)).status();
  });
}

// A spine with two inner arms and one that keeps what it does not match, each on another key; a row without a
// key for one of them.
TEST(Join, AStar) {
  const Integers first_arm = {1, 2, 3, 4}, second_arm = {20, 30, 50}, left_arm = {300};
  const Keys first_key = {1, 2, 3, 9, 4, std::nullopt};
  const Keys second_key = {10, 20, 30, 50, std::nullopt, std::nullopt};
  const Keys left_key = {100, 200, 300, 400, 500, std::nullopt};
  const std::size_t rows = first_key.size();
  const std::array<Keys, 3> keys = {first_key, second_key, left_key};
  const std::array<Integers, 3> arm_keys = {first_arm, second_arm, left_arm};
  std::array<LookupArm, 3> arms;
  std::array<LookupSpine, 3> spines;
  std::array<LookupShape, 3> shapes;
  std::vector<LookupSize> sizes;
  Integers valid(rows, 1);
  valid[5] = 0;
  Integers both(rows), rings;
  for (unsigned a = 0; a < 3; ++a) {
    arms[a] = ArmOf(arm_keys[a]);
    spines[a] = SpineOf(keys[a]);
    shapes[a] = ShapeOf(5, rows);
    if (a == 1) std::swap(shapes[a].arm, shapes[a].helper);
    sizes.push_back(SizeOf(shapes[a]));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    both[row] = first_key[row] && Contains(first_arm, *first_key[row]) && second_key[row] &&
                Contains(second_arm, *second_key[row]);
  }
  for (unsigned a = 0; a < 3; ++a) {
    for (std::size_t row = 0; row < rows; ++row) {
      const bool match = keys[a][row] && Contains(arm_keys[a], *keys[a][row]);
      rings.push_back(match ? RingOf(*keys[a][row]) : 0);
    }
  }
  Integers expected = both;
  expected.insert(expected.end(), rings.begin(), rings.end());
  const auto star_of = [&](Protocol& p, const BitColumn& valid_bit) {
    std::vector<StarArm> star;
    for (unsigned a = 0; a < 3; ++a) {
      star.push_back({shapes[a], IfHeld(p, shapes[a].arm, arms[a]), IfHeld(p, kSpine, spines[a]), a == 2});
    }
    return StarJoin(p, star, valid_bit);
  };
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const BitColumn valid_bit, InputBitsForTest(p, kSpine, valid, 1));
        CARE_ASSIGN_OR_RETURN(const Star star, star_of(p, valid_bit));
        std::vector<RingColumn> columns;
        for (const Joined& joined : star.arms) columns.push_back(joined.rings[0]);
        return OpenAll(p, {star.valid}, columns);
      },
      expected);
  ExpectCost(StarJoinCost(sizes, 2),
             [&](Protocol& p) { return star_of(p, p.PublicBits(BitPlanes(rows, 1))).status(); });
}

}  // namespace
}  // namespace care::mpc
