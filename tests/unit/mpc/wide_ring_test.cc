// Rings of more than 64 bits: exact against the processor's own 128-bit integers, on both protocols: arithmetic,
// conversions, moving rows, the operators that sum; elements that travel in exactly their width; and the masks of
// products, whose loop is not the kernels'.

#include <numeric>
#include <string>

#include "mpc/cost/relational_cost.h"
#include "mpc/relational/compact.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/expand.h"
#include "mpc/relational/group_boundaries.h"
#include "mpc/relational/group_by_sort.h"
#include "mpc/relational/group_dense.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segments.h"
#include "mpc/relational/sort.h"
#include "mpc/relational/sum_by_sorted_codes.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/metered.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::mpc {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr unsigned kWidths[] = {65, 96, 127, 128};

Wide Modulo(Wide value, unsigned width) { return value << (128 - width) >> (128 - width); }

// Two words an element.
Integers WordsOf(const std::vector<Wide>& values, unsigned width) {
  Integers words;
  for (const Wide value : values) {
    const Wide low = Modulo(value, width);
    words.push_back(static_cast<std::uint64_t>(low));
    words.push_back(static_cast<std::uint64_t>(low >> 64));
  }
  return words;
}

std::vector<Wide> RandomWide(std::mt19937_64& random, std::size_t count) {
  std::vector<Wide> values(count);
  for (Wide& value : values) value = static_cast<Wide>(random()) << 64 | random();
  return values;
}

absl::StatusOr<RingColumn> Input(Protocol& p, PartyId owner, const std::vector<Wide>& values, unsigned width) {
  const Integers words = WordsOf(values, 128);  // what is above the width must not matter
  return p.InputRing(owner, IfHeld(p, owner, words), values.size(), width);
}

absl::StatusOr<BitColumn> InputPlanes(Protocol& p, PartyId owner, const std::vector<Wide>& values, unsigned width) {
  const BitPlanes planes = BitPlanes::FromRows(WordsOf(values, 128), 2, values.size(), width);
  return p.InputBits(owner, IfHeld(p, owner, planes), values.size(), width);
}

void Append(Integers& to, const Integers& more) { to.insert(to.end(), more.begin(), more.end()); }

TEST(WideRing, ArithmeticIsThatOfInt128) {
  std::mt19937_64 random(1);
  for (const unsigned width : kWidths) {
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{65}, std::size_t{9000}}) {
      SCOPED_TRACE(std::to_string(width) + " bits, " + std::to_string(rows) + " rows");
      const std::vector<Wide> a = RandomWide(random, rows), b = RandomWide(random, rows);
      std::vector<Wide> results;
      for (std::size_t i = 0; i < rows; ++i) results.push_back(a[i] + b[i]);
      for (std::size_t i = 0; i < rows; ++i) results.push_back(a[i] - b[i]);
      for (std::size_t i = 0; i < rows; ++i) results.push_back(a[i] * b[i]);
      for (std::size_t i = 0; i < rows; ++i) results.push_back(a[i] * b[i] + b[i] * b[i]);
      for (std::size_t i = 0; i < rows; ++i) results.push_back(a[i] * (Wide{7} << 70));
      for (std::size_t i = 0; i < rows; ++i) results.push_back(0 - a[i]);
      Wide sum = 0, products = 0;
      for (std::size_t i = 0; i < rows; ++i) results.push_back(sum += a[i]);
      for (std::size_t i = 0; i < rows; ++i) products += a[i] * b[i];
      results.push_back(products);
      results.push_back(sum);
      ExpectOnBoth(
          [&, width = width](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const RingColumn x, Input(p, 0, a, width));
            CARE_ASSIGN_OR_RETURN(const RingColumn y, Input(p, 2, b, width));
            EXPECT_EQ(x.rows(), rows);
            CARE_ASSIGN_OR_RETURN(const RingColumn product, p.Multiply(x, y));
            CARE_ASSIGN_OR_RETURN(const RingColumn two, p.SumOfProducts({x, y}, {y, y}));
            CARE_ASSIGN_OR_RETURN(const RingColumn dot, p.DotProducts(std::vector{&x}, std::vector{&y}));
            return OpenAll(p, {},
                           {p.Add(x, y), p.Subtract(x, y), product, two, p.MultiplyPublic(x, absl::uint128(7) << 70),
                            p.MultiplyPublic(x, -1), p.PrefixSum(x), dot, p.Sum(x)});
          },
          WordsOf(results, width));
    }
  }
}

// The charge of TPC-H, and a sum of squares, at their limits.
TEST(WideRing, SumsOfProductsThatNeedMoreThan64Bits) {
  const std::uint64_t largest = ~std::uint64_t{0} >> 1;
  std::vector<Wide> a, b;
  Wide expected = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    a.push_back(largest - i);
    b.push_back(i % 2 == 0 ? Wide{largest - 3 * i} : 0 - Wide{i});
    expected += a.back() * b.back();
  }
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const RingColumn x, Input(p, 0, a, 128));
        CARE_ASSIGN_OR_RETURN(const RingColumn y, Input(p, 1, b, 128));
        CARE_ASSIGN_OR_RETURN(const RingColumn z, p.Multiply(x, y));
        return OpenAll(p, {}, {p.Sum(z)});
      },
      WordsOf({expected}, 128));
}

TEST(WideRing, BitsThereAndBack) {
  std::mt19937_64 random(2);
  for (const unsigned width : kWidths) {
    for (const unsigned bits : {1u, 40u, 64u, 65u, 128u}) {
      SCOPED_TRACE(std::to_string(bits) + " bits in " + std::to_string(width));
      std::vector<Wide> a = RandomWide(random, 131);
      for (Wide& value : a) value = Modulo(value, bits);
      std::vector<Wide> results;
      for (const Wide value : a) results.push_back(value & 1);
      for (int depth = 0; depth < 2; ++depth) results.insert(results.end(), a.begin(), a.end());
      Integers expected = WordsOf(results, width);
      for (int depth = 0; depth < 2; ++depth) Append(expected, WordsOf(a, std::min(bits, width)));
      ExpectOnBoth(
          [&, width = width, bits = bits](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const BitColumn x, InputPlanes(p, 1, a, bits));
            CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> rings, p.BitsToRing(x.Planes(0, 1), width));
            std::vector<BitColumn> again;
            for (const CompareDepth depth : {CompareDepth::kRipple, CompareDepth::kTree}) {
              CARE_ASSIGN_OR_RETURN(rings.emplace_back(), p.IntegersToRing(x, width, depth));
              CARE_ASSIGN_OR_RETURN(again.emplace_back(), p.RingToBits(rings.back(), std::min(bits, width), depth));
            }
            CARE_ASSIGN_OR_RETURN(Integers opened, OpenAll(p, {}, rings));
            for (const BitColumn& column : again) {
              CARE_ASSIGN_OR_RETURN(const auto planes, p.Open(column, TestDisclosure()));
              Integers words(2 * a.size());
              planes->ToRows(words, 2);
              Append(opened, words);
            }
            return opened;
          },
          expected);
    }
  }
}

// Signed values in order, with the sign's bit flipped.
TEST(WideRing, Compares) {
  std::mt19937_64 random(3);
  std::vector<Wide> a = RandomWide(random, 200), b = RandomWide(random, 200);
  for (std::size_t i = 0; i < a.size(); i += 3) b[i] = a[i] + (i % 2 == 0 ? 1 : 0);
  Integers expected;
  for (std::size_t i = 0; i < a.size(); ++i) {
    __extension__ using Signed = __int128;
    expected.push_back(static_cast<Signed>(a[i]) < static_cast<Signed>(b[i]));
  }
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        std::vector<BitColumn> sides;
        for (const auto* values : {&a, &b}) {
          CARE_ASSIGN_OR_RETURN(const RingColumn ring, Input(p, 0, *values, 128));
          CARE_ASSIGN_OR_RETURN(const BitColumn bits, p.RingToBits(ring, 128));
          const BitColumn low = bits.Planes(0, 127), sign = p.Not(bits.Planes(127, 1));
          sides.push_back(BitColumn::JoinPlanes({&low, &sign}));
        }
        CARE_ASSIGN_OR_RETURN(const BitColumn less, LessThanBits(p, sides[0], sides[1]));
        return OpenAll(p, {less}, {});
      },
      expected);
}

// A block of bits and rings of several widths, in no order of widths.
TEST(WideRing, MovesBesideOtherColumns) {
  std::mt19937_64 random(4);
  constexpr std::size_t kRows = 150;
  const std::vector<Wide> a = RandomWide(random, kRows), b = RandomWide(random, kRows);
  const Integers narrow = RandomIntegers(random, kRows, 20), bits = RandomIntegers(random, kRows, 7);
  std::vector<std::uint32_t> source(kRows);
  std::iota(source.begin(), source.end(), 0);
  std::ranges::shuffle(source, random);
  source.resize(90);
  const std::vector<std::uint32_t> positions = {3, 149, 3, 0};
  const auto gathered = [](const auto& values, const std::vector<std::uint32_t>& rows) {
    std::decay_t<decltype(values)> result;
    for (const std::uint32_t row : rows) result.push_back(values[row]);
    return result;
  };
  Integers expected;
  Append(expected, gathered(bits, source));
  Append(expected, WordsOf(gathered(a, source), 128));
  Append(expected, gathered(narrow, source));
  Append(expected, WordsOf(gathered(b, source), 80));
  Append(expected, WordsOf(gathered(a, positions), 128));
  Append(expected, gathered(narrow, positions));
  Append(expected, WordsOf(gathered(b, positions), 80));
  Append(expected, bits);
  Append(expected, WordsOf(a, 128));
  Append(expected, narrow);
  Append(expected, WordsOf(b, 80));
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        Protocol::Columns block;
        CARE_ASSIGN_OR_RETURN(block.bits.emplace_back(), InputBitsForTest(p, 0, bits, 7));
        CARE_ASSIGN_OR_RETURN(block.rings.emplace_back(), Input(p, 0, a, 128));
        CARE_ASSIGN_OR_RETURN(block.rings.emplace_back(), p.InputRing(1, IfHeld(p, 1, narrow), kRows, 20));
        CARE_ASSIGN_OR_RETURN(block.rings.emplace_back(), Input(p, 2, b, 80));
        Integers opened;
        const auto open = [&](const std::vector<BitColumn>& planes, const std::vector<RingColumn>& rings) {
          auto more = OpenAll(p, planes, rings);
          if (more.ok()) Append(opened, *more);
          return more.status();
        };
        CARE_ASSIGN_OR_RETURN(const auto moved, p.GatherByOwner(1, IfHeld(p, 1, source), source.size(), block));
        CARE_RETURN_IF_ERROR(open(moved.bits, moved.rings));
        CARE_ASSIGN_OR_RETURN(const auto read,
                              p.ReadByOwner(2, IfHeld(p, 2, positions), positions.size(), block.rings));
        CARE_RETURN_IF_ERROR(open({}, read));
        CARE_ASSIGN_OR_RETURN(const auto shuffled, p.Shuffle(block));
        CARE_ASSIGN_OR_RETURN(const auto back, p.Unshuffle(shuffled.permutation, shuffled.columns));
        CARE_RETURN_IF_ERROR(open(back.bits, back.rings));
        return opened;
      },
      expected);
}

TEST(WideRing, MasksWhatItsOwnerKnows) {
  std::mt19937_64 random(5);
  const std::vector<Wide> a = RandomWide(random, 130), b = RandomWide(random, 130);
  const Integers flags = RandomIntegers(random, 130, 1);
  for (const unsigned width : {90u, 128u}) {
    std::vector<Wide> results;
    for (const auto* values : {&a, &b}) {
      for (std::size_t i = 0; i < flags.size(); ++i) results.push_back(flags[i] * (*values)[i]);
    }
    ExpectOnBoth(
        [&, width = width](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn flag, InputBitsForTest(p, 2, flags, 1));
          const std::vector<Integers> values = {WordsOf(a, 128), WordsOf(b, 128)};
          CARE_ASSIGN_OR_RETURN(const auto masked, p.MaskOwned(flag, 0, IfHeld(p, 0, values), 2, width));
          return OpenAll(p, {}, masked);
        },
        WordsOf(results, width));
  }
}

// All values near the ends of what fits, and random ones; the same sharing never repeats, so carries of all kinds occur.
TEST(WideRing, WidensSignedValues) {
  std::mt19937_64 random(7);
  for (const auto& [from, to] : std::vector<std::pair<unsigned, unsigned>>{
           {64, 128}, {64, 65}, {64, 100}, {20, 64}, {20, 21}, {20, 84}, {20, 85}, {20, 128}, {3, 4}}) {
    SCOPED_TRACE(testing::Message() << from << " to " << to);
    const std::int64_t bound = std::int64_t{1} << (from - 2);
    std::vector<std::int64_t> values = {-bound, bound - 1, 0, -1};
    for (int i = 0; i < 1000; ++i) values.push_back(static_cast<std::int64_t>(random()) >> (66 - from));
    Integers words(values.begin(), values.end());
    std::vector<Wide> wide(values.begin(), values.end());  // with their signs
    Integers expected = WordsOf(wide, to);
    if (to <= 64) {
      for (std::size_t i = 0; 2 * i < expected.size(); ++i) expected[i] = expected[2 * i];
      expected.resize(values.size());
    }
    ExpectOnBoth(
        [&, from = from, to = to](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const RingColumn x, p.InputRing(1, IfHeld(p, 1, words), words.size(), from));
          // Shares of a product are random in all three.
          CARE_ASSIGN_OR_RETURN(const RingColumn y, p.Multiply(x, PublicElements(p, words.size(), 1, from)));
          CARE_ASSIGN_OR_RETURN(const RingColumn z, p.Widen(y, to));
          return OpenAll(p, {}, {z});
        },
        expected);
    ExpectMetered("widen", WidenCost(words.size(), from, to), [&, from = from, to = to](Protocol& p) {
      return p.Widen(PublicElements(p, words.size(), 0, from), to).status();
    });
  }
}

TEST(WideRing, NarrowsToOneWord) {
  const std::vector<Wide> a = {(Wide{5} << 64) + 7, (Wide{1} << 100) + (Wide{1} << 63) + 3};
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const RingColumn x, Input(p, 0, a, 128));
        return OpenAll(p, {}, {x.Narrowed(64), x.Narrowed(8), x.Narrowed(66)});
      },
      {7, (std::uint64_t{1} << 63) + 3, 7, 3, 7, 1, (std::uint64_t{1} << 63) + 3, 0});
}

// Groups of sums that each need more than 64 bits, by every way to sum.
TEST(WideRing, OperatorsSumExactly) {
  std::mt19937_64 random(6);
  constexpr std::size_t kRows = 120;
  constexpr std::uint64_t kDomain = 5;
  const std::vector<Wide> values = RandomWide(random, kRows);
  const Integers keys = [&] {
    Integers drawn(kRows);
    for (std::uint64_t& key : drawn) key = random() % kDomain;
    std::ranges::sort(drawn);
    for (std::uint64_t key = 0; key < kDomain; ++key) drawn[key] = 0;
    return drawn;
  }();
  std::vector<Wide> sums(kDomain, 0);
  Integers counts(kDomain, 0);
  std::vector<std::uint32_t> ends(kDomain, 0);
  for (std::size_t i = 0; i < kRows; ++i) {
    sums[keys[i]] += values[i];
    ++counts[keys[i]];
    for (std::uint64_t key = keys[i]; key < kDomain; ++key) ends[key] = static_cast<std::uint32_t>(i + 1);
  }
  Integers expected;
  for (int ways = 0; ways < 4; ++ways) Append(expected, WordsOf(sums, 128));
  const Disclosure any = TestDisclosure();
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const RingColumn value, Input(p, 0, values, 128));
        CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 1, keys, 3));
        std::vector<BitColumn> is_code;
        for (std::uint64_t code = 0; code < kDomain; ++code) {
          CARE_ASSIGN_OR_RETURN(is_code.emplace_back(), EqualBits(p, key, PublicConstant(p, kRows, 3, code)));
        }
        std::vector<const BitColumn*> one_hot;
        for (const BitColumn& column : is_code) one_hot.push_back(&column);
        CARE_ASSIGN_OR_RETURN(const auto dense, SumByCodes(p, {BitColumn::JoinPlanes(one_hot)}, {value}));
        CARE_ASSIGN_OR_RETURN(const auto read, SumByBoundaries(p, 1, IfHeld(p, 1, ends), kDomain, {value}));
        const BitColumn all = PublicConstant(p, kRows, 1, 1);
        CARE_ASSIGN_OR_RETURN(const CodeSums coded, SumBySortedCodes(p, key, all, kDomain, {value}, any, any));
        CARE_ASSIGN_OR_RETURN(const GroupedRows bounded,
                              GroupRowsTo(p, {kDomain, any, "groups"}, key, {}, {value}, any, any));
        return OpenAll(p, {}, {dense[0], read[0], coded.sums[0], bounded.sums[0]});
      },
      expected);

  // Without a bound: a group's row is its last.
  std::map<std::uint64_t, Wide> groups;
  for (std::size_t i = 0; i < kRows; ++i) groups[keys[i]] += values[i];
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const RingColumn value, Input(p, 0, values, 128));
        CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 1, keys, 3));
        CARE_ASSIGN_OR_RETURN(const GroupedRows grouped, GroupRows(p, key, {}, {value}, any));
        CARE_ASSIGN_OR_RETURN(const Integers valid, OpenAll(p, {grouped.valid}, {}));
        CARE_ASSIGN_OR_RETURN(const Integers all, OpenAll(p, {}, {grouped.sums[0]}));
        Integers opened;
        for (std::size_t row = 0; row < kRows; ++row) {
          if (valid[row] != 0) opened.insert(opened.end(), {all[2 * row], all[2 * row + 1]});
        }
        return opened;
      },
      WordsOf([&] {
        std::vector<Wide> in_order;
        for (const auto& [key, sum] : groups) in_order.push_back(sum);
        return in_order;
      }(), 128));
}

TEST(WideRing, TravelsInExactlyItsBits) {
  for (const unsigned width : {1u, 20u, 64u, 65u, 100u, 128u}) {
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{65}, std::size_t{1000}}) {
      const std::string what = std::to_string(width) + " bits, " + std::to_string(rows) + " rows";
      const Integers words(rows * RingWords(width));
      const auto ring = [&](Protocol& p) { return p.PublicRing(words, width); };
      ExpectMetered("input " + what, InputRingCost(rows, width),
                    [&](Protocol& p) { return p.InputRing(1, IfHeld(p, 1, words), rows, width).status(); });
      ExpectMetered("multiply " + what, MultiplyCost(rows, width),
                    [&](Protocol& p) { return p.Multiply(ring(p), ring(p)).status(); });
      ExpectMetered("dot " + what, DotProductsCost(3, width), [&](Protocol& p) {
        const RingColumn x = ring(p);
        const std::vector<const RingColumn*> sides(3, &x);
        return p.DotProducts(sides, sides).status();
      });
      ExpectMetered("open " + what, OpenRingCost(rows, 3, width),
                    [&](Protocol& p) { return p.Open(ring(p), TestDisclosure()).status(); });
      ExpectMetered("bits " + what, BitsToRingCost(rows, 2, width),
                    [&](Protocol& p) { return p.BitsToRing(PublicZeroes(p, rows, 2), width).status(); });
      ExpectMetered("integers " + what, IntegersToRingCost(rows, 9, width, CompareDepth::kTree), [&](Protocol& p) {
        return p.IntegersToRing(PublicZeroes(p, rows, 9), width, CompareDepth::kTree).status();
      });
      ExpectMetered("to bits " + what, RingToBitsCost(rows, width), [&](Protocol& p) {
        return p.RingToBits(ring(p), width).status();
      });
      ExpectMetered("shuffle " + what, ShuffleCost(rows, 3, 2, width), [&](Protocol& p) {
        return p.Shuffle({{PublicZeroes(p, rows, 3)}, {ring(p), ring(p)}}).status();
      });
      ExpectMetered("mask owned " + what, MaskOwnedCost(rows, 2, width), [&](Protocol& p) {
        const std::vector<Integers> values(2, words);
        return p.MaskOwned(PublicZeroes(p, rows, 1), 2, IfHeld(p, 2, values), 2, width).status();
      });
      ExpectMetered("gather " + what, GatherByOwnerCost(rows, rows / 2, 3, 2, width), [&](Protocol& p) {
        std::vector<std::uint32_t> source(rows / 2);
        std::iota(source.begin(), source.end(), 0);
        return p.GatherByOwner(0, IfHeld(p, 0, source), rows / 2, {{PublicZeroes(p, rows, 3)}, {ring(p), ring(p)}})
            .status();
      });
      if (rows == 0) continue;
      ExpectMetered("read " + what, ReadByOwnerCost(rows, 3, 2, width), [&](Protocol& p) {
        const std::vector<std::uint32_t> positions(3, 0);
        return p.ReadByOwner(0, IfHeld(p, 0, positions), 3, {ring(p), ring(p)}).status();
      });
      ExpectMetered("compact " + what, CompactCost(rows, 0, 1, nullptr, width), [&](Protocol& p) {
        return Compact(p, PublicZeroes(p, rows, 1), {{}, {ring(p)}}, TestDisclosure()).status();
      });
      ExpectMetered("sums by codes " + what, SumByCodesCost(rows, std::vector<unsigned>{3, 2}, 2, width),
                    [&](Protocol& p) {
                      return SumByCodes(p, {PublicZeroes(p, rows, 3), PublicZeroes(p, rows, 2)}, {ring(p), ring(p)})
                          .status();
                    });
      const Cost sort = Metered([&](Protocol& p) {
        return SortRows(p, PublicZeroes(p, rows, 4), {{}, {ring(p)}}, TestDisclosure()).status();
      });
      ExpectMetered("group " + what, sort + GroupRowsCost(rows, 4, false, 1, width), [&](Protocol& p) {
        return GroupRows(p, PublicZeroes(p, rows, 4), {}, {ring(p)}, TestDisclosure()).status();
      });
      ExpectMetered("group to " + what, sort + GroupRowsToCost(rows, 10, 4, false, 1, width), [&](Protocol& p) {
        return GroupRowsTo(p, {10, TestDisclosure(), "groups"}, PublicZeroes(p, rows, 4), {}, {ring(p)},
                           TestDisclosure(), TestDisclosure())
            .status();
      });
    }
  }
}

// What arrives, with the mask of every product and without it. All operands are public zeros.
TEST(WideRing, ProductsAndSharesAreMasked) {
  static const Kernels without = [] {
    Kernels broken = BestKernels();
    broken.key_stream = [](const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes) {
      BestKernels().key_stream(key, counter, out, bytes);
      if ((counter.high >> 24 & 0xff) == 0) std::fill_n(out, bytes, std::uint8_t{0});
    };
    return broken;
  }();
  constexpr std::size_t kRows = 2048;  // two words each
  using Run = std::function<absl::StatusOr<RingColumn>(Protocol&)>;
  const Integers zeros(2 * kRows);
  const std::vector<std::pair<const char*, Run>> runs = {
      {"multiply",
       [&](Protocol& p) { return p.Multiply(p.PublicRing(zeros, 128), p.PublicRing(zeros, 128)); }},
      {"sum of products",
       [&](Protocol& p) { return p.SumOfProducts({p.PublicRing(zeros, 128)}, {p.PublicRing(zeros, 128)}); }},
      {"bits to ring",
       [&](Protocol& p) -> absl::StatusOr<RingColumn> {
         CARE_ASSIGN_OR_RETURN(auto rings, p.BitsToRing(PublicZeroes(p, kRows, 1), 128));
         return rings[0];
       }},
      {"mask owned",
       [&](Protocol& p) -> absl::StatusOr<RingColumn> {
         const std::vector<Integers> values = {zeros};
         CARE_ASSIGN_OR_RETURN(auto rings, p.MaskOwned(PublicZeroes(p, kRows, 1), 1, IfHeld(p, 1, values), 1, 128));
         return rings[0];
       }},
      {"widen", [&](Protocol& p) { return p.Widen(PublicZeroes(p, 2 * kRows), 128); }},
      {"input", [&](Protocol& p) { return p.InputRing(2, IfHeld(p, 2, zeros), kRows, 128); }},
  };
  for (const auto& [name, run_it] : runs) {
    for (const bool masked : {true, false}) {
      SCOPED_TRACE(testing::Message() << name << ", masked " << masked);
      auto run = RunThreeParties(run_it, {.keep_received_bytes = std::size_t{1} << 22,
                                          .kernels = masked ? &BestKernels() : &without});
      ASSERT_TRUE(run.ok()) << run.status();
      double worst = 0;
      for (unsigned role = 0; role < 3; ++role) {
        std::vector<Integers> columns;
        for (const auto* received : {&run.views[role].next_received, &run.views[role].previous_received}) {
          const Integers words = Words(*received);
          for (std::size_t first = 0; first + zeros.size() <= words.size(); first += zeros.size()) {
            columns.emplace_back(words.begin() + first, words.begin() + first + zeros.size());
          }
        }
        for (unsigned part = 0; part < 2 && std::string(name) != "input"; ++part) {
          columns.push_back(run.value(role).part(part));
          if (std::string(name) != "widen") continue;
          // The low words of a widened column are those that it had.
          for (std::size_t row = 0; row < zeros.size(); ++row) columns.back()[row] = columns.back()[2 * row + 1];
          columns.back().resize(zeros.size());
        }
        if (masked) {
          // A message may be a share's own words: those that are equal are one column.
          std::vector<Integers> distinct;
          for (Integers& column : columns) {
            if (std::ranges::find(distinct, column) == distinct.end()) distinct.push_back(std::move(column));
          }
          columns = std::move(distinct);
        }
        for (const Integers& column : columns) worst = std::max(worst, WorstByteStatistic(column));
      }
      if (masked) {
        EXPECT_LT(worst, kUniformityBound);
      } else {
        EXPECT_GT(worst, kUniformityBound);
      }
    }
  }
}

}  // namespace
}  // namespace care::mpc
