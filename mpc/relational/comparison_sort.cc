#include "mpc/relational/comparison_sort.h"

#include <algorithm>
#include <numeric>

#include "absl/container/inlined_vector.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/cost/sort_plan.h"

namespace care::mpc {
namespace {

using Rows = std::vector<std::uint32_t>;
// Most segments are small: a hundred thousand of a few rows each, which should not allocate.
using FewRows = absl::InlinedVector<std::uint32_t, 8>;

std::size_t AllPairs(std::size_t rows) { return rows * (rows - 1) / 2; }

// The bits of a batch, in the order in which they were asked.
class Answers {
 public:
  explicit Answers(const BitPlanes& bits) : words_(bits.plane(0)) {}
  bool Next() {
    const bool bit = words_[position_ / 64] >> (position_ % 64) & 1;
    ++position_;
    return bit;
  }

 private:
  std::span<const std::uint64_t> words_;
  std::size_t position_ = 0;
};

void AskAllPairs(std::span<const std::uint32_t> rows, std::vector<RowPair>& pairs) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) pairs.push_back({rows[i], rows[j]});
  }
}

// Each row's rank is the number of rows before it.
void PutInOrder(std::span<std::uint32_t> rows, Answers& answers) {
  absl::InlinedVector<std::uint32_t, 32> rank(rows.size(), 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) ++rank[answers.Next() ? j : i];
  }
  const absl::InlinedVector<std::uint32_t, 32> before(rows.begin(), rows.end());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[rank[i]] = before[i];
}

// Rows begin .. end - 1 of the order: a segment whose ranks are those positions.
class Segment {
 public:
  enum class State { kAllPairs, kSample, kDescend };

  Segment(std::size_t begin, std::size_t end) : begin_(begin), end_(end) {
    if (size() <= kAllPairsRows) {
      state_ = State::kAllPairs;
      return;
    }
    split_ = SortSplitFor(size());
    // A sample of one needs no comparison.
    state_ = split_.sample() > 1 ? State::kSample : State::kDescend;
  }

  std::size_t size() const { return end_ - begin_; }
  // Comparisons that finish this segment at once.
  std::size_t pairs_to_finish() const { return AllPairs(size()); }
  void FinishAtOnce() { state_ = State::kAllPairs; }

  void Ask(const Rows& order, std::vector<RowPair>& pairs) {
    const std::span<const std::uint32_t> rows(order.data() + begin_, size());
    if (state_ == State::kAllPairs) return AskAllPairs(rows, pairs);
    if (state_ == State::kSample) return AskAllPairs(rows.first(split_.sample()), pairs);
    if (node_.empty()) StartDescent(rows.first(split_.sample()));
    // In the order of the rows, not of the search, so that left rows are read one after the other and the few
    // splitters stay close.
    const auto others = rows.subspan(split_.sample());
    const std::size_t first = pairs.size();
    pairs.resize(first + others.size());
    for (std::size_t i = 0; i < others.size(); ++i) pairs[first + i] = {others[i], splitters_[node_[i]]};
  }

  // Takes the answers to what it asked; parts that need more work go to `next`.
  void Take(Rows& order, Answers& answers, std::size_t first_ranks, std::vector<Segment>& next) {
    const std::span<std::uint32_t> rows(order.data() + begin_, size());
    if (state_ == State::kAllPairs) {
      PutInOrder(rows, answers);
      return;
    }
    if (state_ == State::kSample) {
      PutInOrder(rows.first(split_.sample()), answers);
      StartDescent(rows.first(split_.sample()));
      state_ = State::kDescend;
      next.push_back(std::move(*this));
      return;
    }
    for (std::uint16_t& node : node_) node = static_cast<std::uint16_t>(2 * node + (answers.Next() ? 0 : 1));
    if (++level_ < split_.levels) {
      next.push_back(std::move(*this));
      return;
    }
    Distribute(rows, first_ranks, next);
  }

 private:
  // Splitters as a binary search tree: node n has children 2n and 2n + 1, the root is 1.
  void StartDescent(std::span<const std::uint32_t> sample) {
    sample_.assign(sample.begin(), sample.end());
    splitters_.assign(split_.parts(), 0);
    PlaceSplitters(1, 0, split_.parts() - 1);
    node_.assign(size() - sample_.size(), 1);
  }
  void PlaceSplitters(std::size_t node, std::size_t low, std::size_t high) {
    if (node >= split_.parts()) return;
    const std::size_t middle = (low + high) / 2;
    splitters_[node] = SplitterAfter(middle);
    PlaceSplitters(2 * node, low, middle);
    PlaceSplitters(2 * node + 1, middle + 1, high);
  }
  // Between part `part` and the next.
  std::uint32_t SplitterAfter(std::size_t part) const { return sample_[split_.spacing * (part + 1) - 1]; }

  void Distribute(std::span<std::uint32_t> rows, std::size_t first_ranks, std::vector<Segment>& next) {
    const std::size_t parts = split_.parts();
    const auto others = rows.subspan(sample_.size());
    absl::InlinedVector<std::size_t, 8> count(parts, split_.spacing - 1);
    for (const std::uint16_t leaf : node_) ++count[leaf - parts];
    absl::InlinedVector<std::size_t, 8> position(parts, 0);  // where the part's next row goes
    for (std::size_t part = 1; part < parts; ++part) position[part] = position[part - 1] + count[part - 1] + 1;
    const absl::InlinedVector<std::size_t, 8> start = position;
    absl::InlinedVector<std::uint32_t, 64> placed(rows.size());
    for (std::size_t i = 0; i < others.size(); ++i) placed[position[node_[i] - parts]++] = others[i];
    // The sample's rows come last in their part, so that the next sample is of rows not compared before.
    for (std::size_t part = 0; part < parts; ++part) {
      for (std::size_t k = 0; k + 1 < split_.spacing; ++k) {
        placed[position[part]++] = sample_[split_.spacing * part + k];
      }
      if (part + 1 < parts) placed[position[part]] = SplitterAfter(part);
    }
    std::ranges::copy(placed, rows.begin());
    for (std::size_t part = 0; part < parts; ++part) {
      const std::size_t begin = begin_ + start[part];
      if (count[part] > 1 && begin < first_ranks) next.emplace_back(begin, begin + count[part]);
    }
  }

  std::size_t begin_, end_;
  State state_;
  SortSplit split_;
  FewRows sample_;  // in order
  FewRows splitters_;
  absl::InlinedVector<std::uint16_t, 24> node_;  // where each row that is not in the sample stands in the search
  unsigned level_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<std::uint32_t>> ComparisonSort(std::size_t rows, const LessBatch& less,
                                                          const Renumber& renumber,
                                                          const ComparisonSortOptions& options) {
  CARE_CHECK(rows < std::numeric_limits<std::uint32_t>::max());
  Rows order(rows);
  std::iota(order.begin(), order.end(), 0);
  std::vector<Segment> segments;
  if (rows > 1 && options.first_ranks > 0) segments.emplace_back(0, rows);
  Rows renumbered;
  std::vector<RowPair> pairs;
  pairs.reserve(rows + rows / 4);  // of most batches
  while (!segments.empty()) {
    std::size_t to_finish = 0;
    for (const Segment& segment : segments) {
      to_finish += segment.pairs_to_finish();
      if (to_finish > options.finish_pairs) break;
    }
    pairs.clear();
    for (Segment& segment : segments) {
      if (to_finish <= options.finish_pairs) segment.FinishAtOnce();
      segment.Ask(order, pairs);
    }
    CARE_ASSIGN_OR_RETURN(const BitPlanes bits, less(pairs));
    CARE_CHECK(bits.rows() == pairs.size() && bits.width() == 1);
    Answers answers(bits);
    std::vector<Segment> next;
    for (Segment& segment : segments) segment.Take(order, answers, options.first_ranks, next);
    // The first segment is in parts, and nothing remembers a row's number.
    if (renumbered.empty() && next.size() > 1) {
      renumber(order);
      renumbered = std::move(order);
      order.resize(rows);
      std::iota(order.begin(), order.end(), 0);
    }
    segments = std::move(next);
  }
  if (renumbered.empty()) return order;
  for (std::uint32_t& row : order) row = renumbered[row];
  return order;
}

}  // namespace care::mpc
