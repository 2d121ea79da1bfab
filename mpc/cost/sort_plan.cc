#include "mpc/cost/sort_plan.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"

namespace care::mpc {
namespace {

constexpr unsigned kMostLevels = 8;
constexpr std::uint64_t kSpacing = 2;
// What fetching and comparing two rows takes beside the link, three parties on two cores (care bench sort-64).
constexpr std::uint64_t kComparisonNanoseconds = 70;

std::uint64_t AllPairs(std::uint64_t rows) { return rows < 2 ? 0 : rows * (rows - 1) / 2; }

}  // namespace

SortSplit SortSplitFor(std::uint64_t rows) {
  for (unsigned levels = kMostLevels; levels > 0; --levels) {
    const SortSplit split{levels, kSpacing};
    if (2 * split.sample() * split.sample() <= rows) return split;
  }
  // The best of three is worth its comparisons even for few rows.
  return rows >= 8 ? SortSplit{1, kSpacing} : SortSplit{1, 1};
}

namespace {

// `tree`: the ANDs of each round of a comparison that folds.
ComparisonBatch CheaperBatch(std::uint64_t pairs, unsigned bits, const std::vector<unsigned>& tree_ands, const LinkSpeed& link) {
  Cost ripple = AndCost(pairs, 1);
  ripple.bytes *= bits;
  ripple.rounds = bits;
  Cost tree;
  for (const unsigned ands : tree_ands) tree += AndCost(pairs, ands);
  const Cost open = OpenBitsCost(pairs, 1, 3);
  const bool ripples = Microseconds(ripple, link) <= Microseconds(tree, link);
  return {ripples, (ripples ? ripple : tree) + open};
}

std::vector<unsigned> TreeAnds(unsigned bits) { return LessThanCircuit(bits, CompareDepth::kTree).AndsByRound(); }

}  // namespace

ComparisonBatch PlanComparisons(std::uint64_t pairs, unsigned bits, const LinkSpeed& link) {
  return CheaperBatch(pairs, bits, TreeAnds(bits), link);
}

std::vector<std::uint64_t> SortBatches(std::uint64_t rows, std::uint64_t finish_pairs, std::uint64_t first_ranks) {
  std::vector<std::uint64_t> batches;
  if (rows < 2 || first_ranks == 0) return batches;
  std::uint64_t segments = 1, size = rows;
  // A segment between two splitters that have s rows of their sample between them is as long as the sum of s + 1
  // exponential variables: the average of its square is that of the average times 1 + 1 / (s + 1).
  std::uint64_t sample = 0;
  const auto ends = [&] {
    const std::uint64_t spread = segments == 1 ? 0 : segments * AllPairs(size) / (sample + 1);
    const std::uint64_t pairs = segments * AllPairs(size) + spread;
    if (size > kAllPairsRows && pairs > finish_pairs) return false;
    batches.push_back(pairs);
    return true;
  };
  while (true) {
    if (size < 2 || ends()) return batches;
    const SortSplit split = SortSplitFor(size);
    sample = split.sample();
    if (sample > 1) batches.push_back(segments * AllPairs(sample));
    std::uint64_t others = segments * (size - sample);
    for (unsigned level = 1; level <= split.levels; ++level) {
      batches.push_back(others);
      segments *= 2;
      size = (size - 1) / 2;
      // Segments that begin behind the first ranks are left as they are.
      const std::uint64_t wanted = first_ranks / (size + 1) + (first_ranks % (size + 1) == 0 ? 0 : 1);
      if (wanted < segments) {
        others = others / segments * wanted;
        segments = wanted;
      }
      sample = (sample - 1) / 2;
      if (level < split.levels && ends()) return batches;
    }
  }
}

SortPlan PlanSort(std::uint64_t rows, unsigned key_bits, unsigned width, unsigned rings,
                  const LinkSpeed& link, std::uint64_t first_ranks) {
  const unsigned index_bits = static_cast<unsigned>(std::bit_width(std::max<std::uint64_t>(rows, 2) - 1));
  const unsigned bits = key_bits + index_bits;
  const std::vector<unsigned> tree_ands = TreeAnds(bits);
  SortPlan best;
  std::uint64_t least = 0;
  for (std::uint64_t finish = 1024; finish <= kMostFinishPairs; finish *= 4) {
    SortPlan plan;
    plan.link = link;
    plan.finish_pairs = finish;
    plan.cost = ShuffleCost(rows, width + bits, rings);
    for (const std::uint64_t pairs : SortBatches(rows, finish, first_ranks)) {
      const ComparisonBatch batch = CheaperBatch(pairs, bits, tree_ands, link);
      plan.cost += batch.cost;
      plan.comparisons += pairs;
      ++plan.batches;
      plan.rippling += batch.ripples ? 1 : 0;
    }
    const std::uint64_t time = Microseconds(plan.cost, link) + plan.comparisons * kComparisonNanoseconds / 1000;
    if (best.batches == 0 || time < least) {
      best = plan;
      least = time;
    }
  }
  SortPlan radix;
  radix.method = SortPlan::Method::kRadix;
  radix.link = link;
  radix.cost = RadixOrderCost(rows, key_bits) + ShuffleCost(rows, index_bits, 0) +
               OpenBitsCost(rows, index_bits, 3) + ShuffleCost(rows, width + key_bits, rings);
  return rows > 1 && key_bits > 0 && Microseconds(radix.cost, link) < Microseconds(best.cost, link) ? radix : best;
}

Cost RadixOrderCost(std::uint64_t rows, unsigned key_bits) {
  Cost cost;
  if (rows < 2) return cost;
  const unsigned index_bits = static_cast<unsigned>(std::bit_width(rows - 1));
  const unsigned ring_width = index_bits;
  for (unsigned left = key_bits; left > 0;) {
    const unsigned digit = std::min(2u, left);
    left -= digit;
    if (digit == 2) cost += AndCost(rows, 1);
    cost += BitsToRingCost(rows, digit == 2 ? 3 : 1, ring_width);
    cost += MultiplyCost(rows, ring_width);
    cost += ShuffleCost(rows, index_bits + left, 1, ring_width);
    cost += OpenRingCost(rows, 3, ring_width);
  }
  return cost;
}

std::string SortPlan::Describe() const {
  if (method == Method::kRadix) return "radix sort, two bits a pass";
  return absl::StrCat("quicksort of shuffled rows: about ", comparisons, " comparisons in ", batches,
                      " batches, ", rippling, " of which ripple");
}

}  // namespace care::mpc
