// Equal values give equal blocks wherever they come from; values that differ give blocks that differ.
#include "engine/exec/local/join_keys.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace care::engine {
namespace {

std::vector<mpc::JoinKey> KeysOf(DataType type, const std::vector<Value>& values) {
  Column column;
  column.type = type;
  for (const Value& value : values) column.Append(value);
  return CanonicalKeys(column);
}
mpc::JoinKey KeyOf(const std::string& text) { return KeysOf(kTextType, {text})[0]; }

TEST(JoinKeys, IntegersOfEveryWidthAgree) {
  const std::int64_t values[] = {0, 1, -1, 12345, -32768, 32767};
  for (const std::int64_t value : values) {
    const mpc::JoinKey key = KeysOf(kBigIntType, {value})[0];
    EXPECT_EQ(KeysOf(kIntegerType, {value})[0], key);
    EXPECT_EQ(KeysOf({TypeKind::kSmallInt}, {value})[0], key);
  }
}

TEST(JoinKeys, DistinctValuesGiveDistinctBlocks) {
  std::set<mpc::JoinKey> seen;
  std::size_t count = 0;
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{256},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    seen.insert(KeysOf(kBigIntType, {value})[0]);
    ++count;
  }
  using namespace std::string_literals;
  for (const std::string& text : {""s,
                                  " "s,
                                  "0"s,
                                  "00"s,
                                  "1"s,
                                  "a"s,
                                  "A"s,
                                  "a "s,
                                  "\0"s,
                                  "\0\0"s,
                                  "a\0"s,
                                  std::string(13, 'x'),
                                  std::string(14, 'x'),
                                  std::string(15, 'x'),
                                  std::string(16, 'x'),
                                  std::string(14, '\0'),
                                  std::string(15, '\0'),
                                  std::string(200, 'x'),
                                  std::string(199, 'x') + "y",
                                  "é"s}) {
    seen.insert(KeyOf(text));
    ++count;
  }
  EXPECT_EQ(seen.size(), count);
}

TEST(JoinKeys, AreStable) {
  // The form is part of what the parties agree on: a change needs a new planner version.
  EXPECT_EQ(KeyOf("abc"), (mpc::JoinKey{2, 3, 'a', 'b', 'c'}));
  EXPECT_EQ(KeysOf(kBigIntType, {std::int64_t{258}})[0], (mpc::JoinKey{1, 0, 0, 0, 0, 0, 0, 0, 2, 1}));
  EXPECT_EQ(KeyOf(std::string(15, 'a'))[0], 3);
}

TEST(JoinKeys, DuplicatesAreFound) {
  const std::vector<mpc::JoinKey> keys =
      KeysOf(kTextType, {std::string("x"), std::string("y"), std::string("z")});
  EXPECT_FALSE(HasDuplicate(keys));
  EXPECT_TRUE(HasDuplicate({keys[0], keys[1], keys[0]}));
  EXPECT_FALSE(HasDuplicate({}));
}

TEST(JoinKeys, DuplicatesAreFoundAmongMany) {
  std::vector<Value> values;
  for (std::int64_t i = 0; i < 5'000; ++i) values.push_back(i * 64);
  EXPECT_FALSE(HasDuplicate(KeysOf(kBigIntType, values)));
  values.push_back(std::int64_t{64} * 4'321);
  EXPECT_TRUE(HasDuplicate(KeysOf(kBigIntType, values)));
}

TEST(JoinKeys, KeysOfSeveralColumnsDependOnEachAndOnTheirOrder) {
  const std::vector<std::vector<mpc::JoinKey>> columns = {KeysOf(kTextType, {"a", "a", "b", "ab", "a"}),
                                                          KeysOf(kTextType, {"b", "c", "a", "", "b"})};
  const std::vector<mpc::JoinKey> keys = CombineKeys(columns);
  ASSERT_EQ(keys.size(), 5u);
  EXPECT_EQ(keys[0], keys[4]);
  EXPECT_EQ(std::set<mpc::JoinKey>(keys.begin(), keys.end()).size(), 4u);
  EXPECT_NE(keys[0], columns[0][0]);
  EXPECT_TRUE(CombineKeys({}).empty());
}

}  // namespace
}  // namespace care::engine
