#include "mpc/relational/spread.h"

#include <string>

#include "engine/types/status_macros.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

struct Case {
  std::size_t keys;
  std::size_t rows;
  std::vector<std::uint32_t> key_of_row;
};

std::vector<Case> Cases() {
  std::mt19937_64 random(1);
  std::vector<Case> cases = {{1, 1, {}},     {1, 1, {0}},          {1, 5, {}},           {4, 3, {0, 1, 2}},
                             {3, 3, {0, 1, 2}}, {3, 6, {0, 0, 1, 2, 2, 2}}, {9, 4, {0, 0, 0, 0}}, {1000, 2, {0, 1}}};
  Case many{100, 333, {}};
  std::uint32_t key = 0;
  while (many.key_of_row.size() < 300) {
    many.key_of_row.push_back(key);
    if (key < 90 && random() % 3 == 0) ++key;
  }
  cases.push_back(many);
  return cases;
}

TEST(Spread, EveryRowGetsItsKeysValue) {
  std::mt19937_64 random(2);
  for (const Case& c : Cases()) {
    SCOPED_TRACE(std::to_string(c.keys) + " keys, " + std::to_string(c.rows) + " rows");
    const Integers bits = RandomIntegers(random, c.keys, 11);
    const Integers flags = RandomIntegers(random, c.keys, 1);
    const Integers numbers = RandomIntegers(random, c.keys, 64);
    Integers expected;
    for (const Integers& column : {bits, flags, numbers}) {
      for (const std::uint32_t key : c.key_of_row) expected.push_back(column[key]);
    }
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          Protocol::Columns at_keys;
          CARE_ASSIGN_OR_RETURN(BitColumn b, InputBitsForTest(p, 0, bits, 11));
          CARE_ASSIGN_OR_RETURN(BitColumn f, InputBitsForTest(p, 0, flags, 1));
          CARE_ASSIGN_OR_RETURN(RingColumn r, InputRingForTest(p, 2, numbers));
          at_keys.bits = {b, f};
          at_keys.rings = {r};
          CARE_ASSIGN_OR_RETURN(const Protocol::Columns spread,
                                Spread(p, 1, IfHeld(p, 1, c.key_of_row), c.keys, c.rows, at_keys));
          CARE_ASSIGN_OR_RETURN(const Integers slots, OpenAll(p, spread.bits, spread.rings));
          Integers rows;
          for (std::size_t column = 0; column < 3; ++column) {
            const auto begin = slots.begin() + static_cast<std::ptrdiff_t>(column * c.rows);
            rows.insert(rows.end(), begin, begin + static_cast<std::ptrdiff_t>(c.key_of_row.size()));
          }
          return rows;
        },
        expected);
  }
}

}  // namespace
}  // namespace care::mpc
