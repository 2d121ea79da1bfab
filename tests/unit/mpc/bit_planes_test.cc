// Rearrangements of bit planes against a bit-by-bit reading, at sizes around the word.

#include "mpc/share/bit_planes.h"

#include <random>

#include "gtest/gtest.h"
#include "mpc/share/bit_column.h"
#include "mpc/share/ring_column.h"

namespace care::mpc {
namespace {

BitPlanes Random(std::size_t rows, unsigned width, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  BitPlanes planes(rows, width);
  for (std::uint64_t& word : planes.words()) word = generator();  // garbage past the last row included
  return planes;
}

TEST(BitPlanes, IntegersThereAndBack) {
  for (const std::size_t rows : {0, 1, 63, 64, 65, 1000}) {
    for (const unsigned width : {1u, 7u, 63u, 64u}) {
      std::mt19937_64 generator(rows * 100 + width);
      std::vector<std::uint64_t> values(rows);
      for (std::uint64_t& value : values) value = generator();
      const BitPlanes planes = BitPlanes::FromIntegers(values, width);
      for (std::size_t row = 0; row < rows; ++row) {
        for (unsigned p = 0; p < width; ++p) ASSERT_EQ(planes.Get(row, p), values[row] >> p & 1);
      }
      if (width < 64) {
        for (std::uint64_t& value : values) value &= (std::uint64_t{1} << width) - 1;
      }
      EXPECT_EQ(planes.ToIntegers(), values);
    }
  }
}

TEST(BitPlanes, RowsFromAnyStart) {
  const BitPlanes planes = Random(201, 3, 2);
  for (std::size_t first = 0; first <= 201; ++first) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{64}, 201 - first}) {
      if (first + count > 201) continue;
      const BitPlanes slice = planes.Rows(first, count);
      ASSERT_EQ(slice.rows(), count);
      for (std::size_t row = 0; row < count; ++row) {
        for (unsigned p = 0; p < 3; ++p) ASSERT_EQ(slice.Get(row, p), planes.Get(first + row, p));
      }
      if (count % 64 != 0) {
        for (unsigned p = 0; p < 3; ++p) ASSERT_EQ(slice.plane(p).back() >> (count % 64), 0);
      }
    }
  }
}

TEST(BitPlanes, JoinsUndoSlices) {
  const BitPlanes planes = Random(300, 5, 3);
  for (const std::size_t cut : {0, 1, 63, 64, 65, 128, 200, 300}) {
    const BitPlanes head = planes.Rows(0, cut), tail = planes.Rows(cut, 300 - cut);
    const BitPlanes* pieces[] = {&head, &tail};
    EXPECT_EQ(BitPlanes::JoinRows(pieces).ToIntegers(), planes.ToIntegers()) << cut;
  }
  const BitPlanes low = planes.Planes(0, 2), high = planes.Planes(2, 3);
  const BitPlanes* pieces[] = {&low, &high};
  EXPECT_EQ(BitPlanes::JoinPlanes(pieces).ToIntegers(), planes.ToIntegers());
}

// Pieces carry garbage past their last row, which must not reach the piece after them.
TEST(BitPlanes, JoinRowsIgnoresGarbagePastTheLastRow) {
  const BitPlanes a = Random(10, 2, 4), b = Random(70, 2, 5), c = Random(1, 2, 6);
  const BitPlanes* pieces[] = {&a, &b, &c};
  const BitPlanes joined = BitPlanes::JoinRows(pieces);
  ASSERT_EQ(joined.rows(), 81);
  std::vector<std::uint64_t> expected = a.ToIntegers();
  for (const BitPlanes* piece : {&b, &c}) {
    for (const std::uint64_t value : piece->ToIntegers()) expected.push_back(value);
  }
  EXPECT_EQ(joined.ToIntegers(), expected);
}

TEST(BitPlanes, WideRowsThereAndBack) {
  const BitPlanes planes = Random(130, 150, 7);
  std::vector<std::uint64_t> rows(130 * 4);
  planes.ToRows(rows, 4);
  const BitPlanes back = BitPlanes::FromRows(rows, 4, 130, 150);
  for (std::size_t row = 0; row < 130; ++row) {
    for (unsigned p = 0; p < 150; ++p) ASSERT_EQ(back.Get(row, p), planes.Get(row, p));
  }
}

TEST(BitPlanes, ClearPastLastRow) {
  BitPlanes planes = Random(65, 2, 8);
  const std::vector<std::uint64_t> before = planes.ToIntegers();
  planes.ClearPastLastRow();
  EXPECT_EQ(planes.plane(0)[1] >> 1, 0);
  EXPECT_EQ(planes.plane(1)[1] >> 1, 0);
  EXPECT_EQ(planes.ToIntegers(), before);
}

TEST(BitColumn, RearrangesEveryPart) {
  const BitColumn column(std::vector<BitPlanes>{Random(100, 4, 9), Random(100, 4, 10)});
  const BitColumn head = column.Rows(0, 37), tail = column.Rows(37, 63);
  const BitColumn rows = BitColumn::JoinRows({&head, &tail});
  const BitColumn low = column.Planes(0, 1), high = column.Planes(1, 3);
  const BitColumn planes = BitColumn::JoinPlanes({&low, &high});
  for (unsigned i = 0; i < 2; ++i) {
    EXPECT_EQ(rows.part(i).ToIntegers(), column.part(i).ToIntegers());
    EXPECT_EQ(planes.part(i).ToIntegers(), column.part(i).ToIntegers());
  }
}

TEST(RingColumn, RearrangesEveryPart) {
  const RingColumn column(std::vector<std::vector<std::uint64_t>>{{1, 2, 3, 4}, {5, 6, 7, 8}});
  const RingColumn head = column.Rows(0, 1), tail = column.Rows(1, 3);
  const RingColumn joined = RingColumn::JoinRows({&tail, &head});
  EXPECT_EQ(joined.part(0), (std::vector<std::uint64_t>{2, 3, 4, 1}));
  EXPECT_EQ(joined.part(1), (std::vector<std::uint64_t>{6, 7, 8, 5}));
}

}  // namespace
}  // namespace care::mpc
