// The oracle's own unkindness: what a lookup does not match is never zero, and wrong calls end the process.

#include "mpc/protocol/plain.h"

#include "gtest/gtest.h"

namespace care::mpc {
namespace {

JoinKey Key(std::uint8_t byte) {
  JoinKey key{};
  key[0] = byte;
  return key;
}

struct Example {
  LookupShape shape{.arm = 0,
                    .spine = 1,
                    .helper = 2,
                    .arm_bound = 5,
                    .spine_rows = 4,
                    .payload_bits = 70,
                    .payload_rings = 1};
  LookupArm arm{{Key(1), Key(2), Key(3)}, BitPlanes(3, 70), {{10, 20, 30}}};
  LookupSpine spine{{Key(3), Key(9), Key(1), Key(2)}, {1, 1, 1, 0}};
};

TEST(Plain, LookupFindsPresentKeysOnly) {
  Plain plain({});
  const Example example;
  const auto result = plain.Lookup(example.shape, &example.arm, &example.spine);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->matched.part(0).ToIntegers(), (std::vector<std::uint64_t>{1, 0, 1, 0}));
  EXPECT_EQ(result->rings[0].part(0)[0], 30);
  EXPECT_EQ(result->rings[0].part(0)[2], 10);
  for (const std::size_t row : {1, 3}) {
    EXPECT_NE(result->rings[0].part(0)[row], 0);
    EXPECT_TRUE(result->bits.part(0).Get(row, 0));
  }
}

TEST(PlainDeathTest, KeepsTheContracts) {
  Plain plain({});
  Example repeated_arm;
  repeated_arm.arm.keys[1] = Key(1);
  EXPECT_DEATH((void)plain.Lookup(repeated_arm.shape, &repeated_arm.arm, &repeated_arm.spine),
               "check failed");
  Example repeated_spine;
  repeated_spine.spine.keys[0] = Key(1);
  EXPECT_DEATH((void)plain.Lookup(repeated_spine.shape, &repeated_spine.arm, &repeated_spine.spine),
               "check failed");
  Example too_many;
  too_many.shape.arm_bound = 2;
  EXPECT_DEATH((void)plain.Lookup(too_many.shape, &too_many.arm, &too_many.spine), "check failed");
  const std::vector<std::uint32_t> repeats = {0, 0};
  Protocol::Columns columns;
  columns.rings.push_back(plain.PublicRing(std::vector<std::uint64_t>{1, 2}));
  EXPECT_DEATH((void)plain.GatherByOwner(0, &repeats, 2, columns), "check failed");
  EXPECT_DEATH((void)plain.Open(columns.rings[0], Disclosure{.id = 1, .max_values = 2}), "check failed");
}

}  // namespace
}  // namespace care::mpc
