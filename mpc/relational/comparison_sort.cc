#include "mpc/relational/comparison_sort.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::mpc {
namespace {

using Rows = std::vector<std::uint32_t>;

constexpr std::size_t kAllPairsRows = 5;  // segments up to this size are compared all with all

std::size_t AllPairs(std::size_t rows) { return rows * (rows - 1) / 2; }

// How a segment is split: 2^levels - 1 splitters, every `spacing`-th row of a sample in order.
struct Split {
  unsigned levels = 1;
  std::size_t spacing = 1;

  std::size_t parts() const { return std::size_t{1} << levels; }
  std::size_t sample() const { return spacing * parts() - 1; }
};

// The more splitters, the fewer samples a row is compared with; the sample's own comparisons stay below a
// fourth of the rows. Figures by simulation (comparison_sort_test.cc keeps their sum in bounds).
Split SplitFor(std::size_t rows) {
  const double most = std::sqrt(2.0 * static_cast<double>(rows) / 4.0);
  for (unsigned levels = 8; levels > 0; --levels) {
    const Split split{levels, 2};
    if (static_cast<double>(split.sample()) <= most) return split;
  }
  return Split{1, 1};
}

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
Rows InOrder(std::span<const std::uint32_t> rows, Answers& answers) {
  std::vector<std::size_t> rank(rows.size(), 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) ++rank[answers.Next() ? j : i];
  }
  Rows sorted(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) sorted[rank[i]] = rows[i];
  return sorted;
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
    split_ = SplitFor(size());
    // A sample of one needs no comparison.
    state_ = split_.sample() > 1 ? State::kSample : State::kDescend;
  }

  std::size_t size() const { return end_ - begin_; }
  // Comparisons that finish this segment at once.
  std::size_t pairs_to_finish() const { return AllPairs(size()); }
  // Rows on their way down have been moved within the segment only.
  void FinishAtOnce() { state_ = State::kAllPairs; }

  void Ask(const Rows& order, std::vector<RowPair>& pairs) {
    const std::span<const std::uint32_t> rows(order.data() + begin_, size());
    if (state_ == State::kAllPairs) return AskAllPairs(rows, pairs);
    if (state_ == State::kSample) return AskAllPairs(rows.first(split_.sample()), pairs);
    if (run_ends_.empty()) StartDescent(Rows(rows.begin(), rows.begin() + split_.sample()));
    std::size_t row = split_.sample();
    for (std::size_t run = 0; run < run_ends_.size(); ++run) {
      const std::uint32_t splitter = SplitterOf(run);
      for (; row < run_ends_[run]; ++row) pairs.push_back({rows[row], splitter});
    }
  }

  // Takes the answers to what it asked; parts that need more work go to `next`.
  void Take(Rows& order, Answers& answers, std::size_t first_ranks, std::vector<Segment>& next) {
    const std::span<std::uint32_t> rows(order.data() + begin_, size());
    if (state_ == State::kAllPairs) {
      std::ranges::copy(InOrder(rows, answers), rows.begin());
      return;
    }
    if (state_ == State::kSample) {
      StartDescent(InOrder(rows.first(split_.sample()), answers));
      state_ = State::kDescend;
      next.push_back(std::move(*this));
      return;
    }
    HalveRuns(rows, answers);
    if (run_ends_.size() < split_.parts()) {
      next.push_back(std::move(*this));
      return;
    }
    Distribute(rows, first_ranks, next);
  }

 private:
  void StartDescent(Rows sample) {
    sample_ = std::move(sample);
    run_ends_ = {size()};
  }
  // Between part `part` and the next.
  std::uint32_t SplitterAfter(std::size_t part) const { return sample_[split_.spacing * (part + 1) - 1]; }
  // In the middle of the parts that a run of rows may belong to.
  std::uint32_t SplitterOf(std::size_t run) const {
    const std::size_t parts = split_.parts() / run_ends_.size();
    return SplitterAfter(run * parts + parts / 2 - 1);
  }

  // Within each run, rows before its splitter move to the front, in the order they had.
  void HalveRuns(std::span<std::uint32_t> rows, Answers& answers) {
    std::vector<std::size_t> ends;
    Rows behind;
    std::size_t row = split_.sample();
    for (const std::size_t end : run_ends_) {
      std::size_t front = row;
      behind.resize(end - row);
      std::size_t back = 0;
      for (; row < end; ++row) {
        // Without a branch on the answer, which nothing predicts.
        const bool before = answers.Next();
        const std::uint32_t number = rows[row];
        rows[front] = number;
        behind[back] = number;
        front += before ? 1 : 0;
        back += before ? 0 : 1;
      }
      std::copy_n(behind.begin(), back, rows.begin() + static_cast<std::ptrdiff_t>(front));
      ends.push_back(front);
      ends.push_back(end);
    }
    run_ends_ = std::move(ends);
  }

  void Distribute(std::span<std::uint32_t> rows, std::size_t first_ranks, std::vector<Segment>& next) {
    Rows placed;
    placed.reserve(rows.size());
    std::size_t row = split_.sample();
    for (std::size_t part = 0; part < split_.parts(); ++part) {
      const std::size_t begin = begin_ + placed.size();
      for (; row < run_ends_[part]; ++row) placed.push_back(rows[row]);
      // The sample's rows come last in their part, so that the next sample is of rows not compared before.
      for (std::size_t k = 0; k + 1 < split_.spacing; ++k) placed.push_back(sample_[split_.spacing * part + k]);
      const std::size_t end = begin_ + placed.size();
      if (end - begin > 1 && begin < first_ranks) next.emplace_back(begin, end);
      if (part + 1 < split_.parts()) placed.push_back(SplitterAfter(part));
    }
    std::ranges::copy(placed, rows.begin());
  }

  std::size_t begin_, end_;
  State state_;
  Split split_;
  Rows sample_;  // in order
  // The rows after the sample, in runs that meet the same splitter next: where each run ends in the segment.
  std::vector<std::size_t> run_ends_;
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
