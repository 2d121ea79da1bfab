// Rows that are compared: moved about, and read back as columns and as the two sides of pairs, against a table of integers
// that moves alike. Widths and numbers of rows lie around words and groups of words; runs are as short and as long.
#include "mpc/share/compared_rows.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

#include "gtest/gtest.h"
#include "mpc/share/row_split.h"

namespace care::mpc {
namespace {

// Two parts of up to 100 bits, bit by bit.
struct Clear {
  std::vector<std::vector<bool>> rows;  // the first part's bits, then the second's

  Clear(std::size_t count, unsigned width, std::uint64_t seed) : rows(count, std::vector<bool>(2 * width)) {
    std::mt19937_64 random(seed);
    for (auto& row : rows) {
      for (std::size_t bit = 0; bit < row.size(); ++bit) row[bit] = (random() & 1) != 0;
    }
  }
  BitColumn Column(unsigned width) const {
    BitColumn column(rows.size(), width, 2);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (unsigned bit = 0; bit < 2 * width; ++bit)
        column.part(bit / width).Set(row, bit % width, rows[row][bit]);
    }
    return column;
  }
};

void ExpectRow(const BitColumn& column, std::size_t row, const std::vector<bool>& expected, unsigned width,
               unsigned first, unsigned count) {
  for (unsigned part = 0; part < 2; ++part) {
    for (unsigned p = 0; p < count; ++p) {
      ASSERT_EQ(column.part(part).Get(row, p), expected[part * width + first + p])
          << "row " << row << ", bit " << p;
    }
  }
}

TEST(ComparedRows, MoveAndComeBack) {
  for (const unsigned width : {1u, 31u, 32u, 33u, 64u, 84u, 100u}) {
    for (const std::size_t count : {1u, 63u, 64u, 511u, 512u, 513u, 1300u}) {
      SCOPED_TRACE(testing::Message() << count << " rows of " << width << " bits");
      Clear clear(count, width, width + count);
      ComparedRows rows(clear.Column(width));
      // Some consecutive rows, in another order.
      const std::size_t first = count / 3;
      std::vector<std::uint32_t> source(count - first - count / 4);
      std::iota(source.begin(), source.end(), static_cast<std::uint32_t>(first));
      std::mt19937_64 random(count);
      std::ranges::shuffle(source, random);
      rows.Reorder(first, source);
      const auto before = clear.rows;
      for (std::size_t i = 0; i < source.size(); ++i) clear.rows[first + i] = before[source[i]];

      for (const unsigned from : {0u, width / 2}) {
        const BitColumn column = rows.Column(from, width - from);
        ASSERT_EQ(column.rows(), count);
        for (std::size_t row = 0; row < count; ++row)
          ExpectRow(column, row, clear.rows[row], width, from, width - from);
      }
    }
  }
}

TEST(ComparedRows, SplitAsTheirNumbersDo) {
  constexpr std::size_t kRows = 1500;
  constexpr unsigned kWidth = 84;
  std::mt19937_64 random(1);
  for (const std::uint32_t sample : {1u, 3u, 31u}) {
    for (const bool sample_first : {false, true}) {
      const Clear clear(kRows, kWidth, sample);
      ComparedRows rows(clear.Column(kWidth));
      std::vector<std::uint32_t> numbers(kRows);
      std::iota(numbers.begin(), numbers.end(), 0);
      RowSplit split{
          .begin = 100, .end = 1400, .sample = sample, .below = sample / 2, .sample_first = sample_first};
      std::vector<std::uint64_t> bits(1300 / 64 + 1);
      std::ranges::generate(bits, std::ref(random));
      std::vector<std::uint32_t> before(numbers.begin() + 100, numbers.begin() + 100 + split.below), after;
      const std::size_t others = 1300 - sample;
      for (std::size_t i = 0; i < others; ++i) {
        const auto row = static_cast<std::uint32_t>(100 + sample + i);
        const bool low = (bits[i / 64] >> (i % 64) & 1) != 0;
        split.low += low;
        (low ? before : after).push_back(row);
      }
      split.bits = bits.data();
      if (!sample_first) std::ranges::rotate(before, before.begin() + split.below);
      std::vector<std::uint32_t> above(numbers.begin() + 100 + split.below + 1,
                                       numbers.begin() + 100 + sample);
      after.insert(sample_first ? after.begin() : after.end(), above.begin(), above.end());
      before.push_back(100 + split.below);
      before.insert(before.end(), after.begin(), after.end());
      std::ranges::copy(before, numbers.begin() + 100);

      rows.Split(split);
      const BitColumn column = rows.Column(0, kWidth);
      for (std::size_t row = 0; row < kRows; ++row)
        ExpectRow(column, row, clear.rows[numbers[row]], kWidth, 0, kWidth);
    }
  }
}

TEST(ComparedRows, PairsOfRuns) {
  constexpr std::size_t kRows = 2000;
  for (const unsigned width : {1u, 32u, 40u, 84u}) {
    const Clear clear(kRows, width, width);
    const ComparedRows rows(clear.Column(width));
    std::mt19937_64 random(width);
    for (const std::uint32_t longest : {1u, 5u, 100u, 1500u}) {
      SCOPED_TRACE(testing::Message() << width << " bits, runs of up to " << longest);
      std::vector<RowRun> runs;
      std::vector<RowRun> pairs;
      while (pairs.size() < 3000) {
        const auto length = static_cast<std::uint32_t>(random() % (longest + 1));  // none, too
        const auto first = static_cast<std::uint32_t>(random() % (kRows - length));
        const auto with = static_cast<std::uint32_t>(random() % kRows);
        runs.push_back({first, length, with});
        for (std::uint32_t i = 0; i < length; ++i) pairs.push_back({first + i, 1, with});
      }
      ASSERT_EQ(PairCount(runs), pairs.size());
      const auto [left, right] = rows.Gather(runs);
      ASSERT_EQ(left.rows(), pairs.size());
      for (std::size_t i = 0; i < pairs.size(); ++i) {
        ExpectRow(left, i, clear.rows[pairs[i].first], width, 0, width);
        ExpectRow(right, i, clear.rows[pairs[i].with], width, 0, width);
      }
    }
  }
}

}  // namespace
}  // namespace care::mpc
