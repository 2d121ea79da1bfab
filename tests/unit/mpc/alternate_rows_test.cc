// Every other row and back, for sizes around the words' ends.
#include "mpc/share/alternate_rows.h"

#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

TEST(AlternateRows, EveryOtherRowAndBack) {
  std::mt19937_64 random(1);
  for (const std::size_t rows : {0u, 1u, 2u, 3u, 63u, 64u, 65u, 127u, 128u, 129u, 192u, 1000u}) {
    SCOPED_TRACE(rows);
    const Integers values = RandomIntegers(random, rows, 37);
    Integers even, odd;
    for (std::size_t i = 0; i < rows; ++i) (i % 2 == 0 ? even : odd).push_back(values[i]);
    const BitColumn bits({BitPlanes::FromIntegers(values, 37), BitPlanes::FromIntegers(values, 37)});
    const RingColumn ring({values, values});
    for (unsigned part = 0; part < 2; ++part) {
      EXPECT_EQ(EvenRows(bits).part(part).ToIntegers(), even);
      EXPECT_EQ(OddRows(bits).part(part).ToIntegers(), odd);
      EXPECT_EQ(AlternateRows(EvenRows(bits), OddRows(bits)).part(part).ToIntegers(), values);
      EXPECT_EQ(EvenRows(ring).part(part), even);
      EXPECT_EQ(OddRows(ring).part(part), odd);
      EXPECT_EQ(AlternateRows(EvenRows(ring), OddRows(ring)).part(part), values);
    }
  }
}

}  // namespace
}  // namespace care::mpc
