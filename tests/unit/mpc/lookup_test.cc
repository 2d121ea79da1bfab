#include <string>

#include "tests/unit/mpc/lookup_instance.h"

namespace care::mpc {
namespace {

TEST(Lookup, EveryAssignmentOfRoles) {
  const std::vector<std::uint8_t> present = {1, 1, 0, 1, 0};
  for (const auto& roles : std::vector<std::array<PartyId, 3>>{
           {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
    ExpectJoin(Make(roles, {5, 7, 9, 11}, 10, {7, 8, 9, 5, 5}, present, 12, 2));
  }
}

TEST(Lookup, EqualDisjointEmptyAndSingleTables) {
  const std::array<PartyId, 3> roles = {0, 1, 2};
  ExpectJoin(Make(roles, Range(1, 100), 100, Range(1, 100), All(100), 5, 1));   // equal
  ExpectJoin(Make(roles, Range(1, 100), 128, Range(1000, 70), All(70), 5, 1));  // disjoint
  ExpectJoin(Make(roles, {}, 50, Range(1, 65), All(65), 5, 1));                 // no arm rows
  ExpectJoin(Make(roles, {}, 0, Range(1, 65), All(65), 5, 1));                  // no arm at all
  ExpectJoin(Make(roles, Range(1, 20), 20, {}, {}, 5, 1));                      // no spine
  ExpectJoin(Make(roles, {}, 0, {}, {}, 5, 1));                                 // nothing
  ExpectJoin(Make(roles, {3}, 1, {3}, All(1), 5, 1));                           // one row each, match
  ExpectJoin(Make(roles, {3}, 1, {4}, All(1), 5, 1));                           // one row each, none
  ExpectJoin(
      Make(roles, Range(1, 64), 64, Range(1, 64), std::vector<std::uint8_t>(64, 0), 5, 1));  // all pads
}

TEST(Lookup, PayloadsOfEveryShape) {
  for (const auto& [bits, rings] : std::vector<std::pair<unsigned, unsigned>>{
           {0, 0}, {1, 0}, {8, 0}, {63, 1}, {64, 0}, {0, 1}, {0, 5}, {9, 3}}) {
    SCOPED_TRACE(std::to_string(bits) + " bits, " + std::to_string(rings) + " rings");
    ExpectJoin(Make({2, 0, 1}, Range(10, 80), 90, Range(50, 75), All(75), bits, rings));
  }
}

// More rows than are matched at a time, with the tags of more than 2^24 rows.
TEST(Lookup, BlocksOfRowsAndLongTags) {
  for (const auto& [bits, rings] :
       std::vector<std::pair<unsigned, unsigned>>{{0, 1}, {1, 0}, {40, 1}, {64, 2}}) {
    for (const bool long_tags : {false, true}) {
      for (const std::size_t block_rows : {64, 192, 1 << 22}) {
        SCOPED_TRACE(std::to_string(bits) + " bits, " + std::to_string(long_tags) +
                     std::to_string(block_rows));
        Instance instance = Make({2, 0, 1}, Range(10, 800), 900, Range(500, 650), All(650), bits, rings);
        instance.shape.long_tags = long_tags;
        instance.shape.block_rows = block_rows;
        ExpectJoin(instance);
      }
    }
  }
}

TEST(Lookup, AWideBitPayload) {
  // 130 bits: two words of payload and a bit. Expected by planes, as integers cannot hold it.
  constexpr unsigned kBits = 130;
  LookupShape shape = {
      .arm = 0, .spine = 1, .helper = 2, .arm_bound = 40, .spine_rows = 30, .payload_bits = kBits};
  LookupArm arm;
  arm.bits = BitPlanes(40, kBits);
  std::mt19937_64 random(9);
  for (std::size_t row = 0; row < 40; ++row) {
    arm.keys.push_back(KeyOf(row));
    for (unsigned p = 0; p < kBits; ++p) arm.bits.Set(row, p, random() & 1);
  }
  LookupSpine spine;
  Integers low, middle, high;
  for (std::size_t row = 0; row < 30; ++row) {
    const std::size_t key = 20 + row;  // 20..39 match
    spine.keys.push_back(KeyOf(key));
    spine.present.push_back(1);
    const auto slice = [&](unsigned first, unsigned count) {
      std::uint64_t value = 0;
      for (unsigned p = 0; p < count && key < 40; ++p)
        value |= std::uint64_t{arm.bits.Get(key, first + p)} << p;
      return value;
    };
    low.push_back(slice(0, 64));
    middle.push_back(slice(64, 64));
    high.push_back(slice(128, 2));
  }
  Integers expected = low;
  expected.insert(expected.end(), middle.begin(), middle.end());
  expected.insert(expected.end(), high.begin(), high.end());
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const Joined joined,
                              LookupJoin(p, shape, IfHeld(p, 0, arm), IfHeld(p, 1, spine)));
        return OpenAll(p, {joined.bits.Planes(0, 64), joined.bits.Planes(64, 64), joined.bits.Planes(128, 2)},
                       {});
      },
      expected);
}

TEST(Lookup, AHundredThousandRowsWithPads) {
  std::mt19937_64 random(4);
  Integers arm_keys = Range(0, 90000);
  Integers spine_keys = Range(40000, 100000);
  std::shuffle(arm_keys.begin(), arm_keys.end(), random);
  std::shuffle(spine_keys.begin(), spine_keys.end(), random);
  std::vector<std::uint8_t> present(spine_keys.size());
  for (std::uint8_t& bit : present) bit = random() % 10 != 0;
  ExpectJoin(Make({1, 0, 2}, arm_keys, 100000, spine_keys, present, 17, 1));
}

TEST(Lookup, DuplicateKeysAndTooManyRowsAreTheCallersErrorBeforeAnythingIsSent) {
  const std::array<PartyId, 3> roles = {0, 1, 2};
  const std::vector<Instance> instances = {
      Make(roles, {4, 5, 4}, 9, {1, 2}, All(2), 0, 0),
      Make(roles, {4, 5, 6}, 2, {1, 2}, All(2), 0, 0),
      Make(roles, {4, 5, 6}, 9, {1, 2, 1}, All(3), 0, 0),
  };
  for (const Instance& instance : instances) {
    const auto run = RunThreeParties([&](Protocol& p) { return JoinAndOpen(p, instance); });
    const bool arm_at_fault = &instance != &instances[2];
    EXPECT_EQ(run.results[arm_at_fault ? 0 : 1].status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(run.views[arm_at_fault ? 0 : 1].bytes_sent, 0u);
    EXPECT_FALSE(run.results[2].ok());
  }
}

}  // namespace
}  // namespace care::mpc
