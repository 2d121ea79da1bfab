#include "mpc/relational/comparison_sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "absl/container/inlined_vector.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/cost/sort_plan.h"

namespace care::mpc {
namespace {

using Rows = std::vector<std::uint32_t>;

// Segments of so many rows move by themselves, others with their neighbours.
constexpr std::size_t kManyRows = 256;

std::size_t AllPairs(std::size_t rows) { return rows * (rows - 1) / 2; }

// The bits of a batch, in the order in which they were asked.
class Answers {
 public:
  explicit Answers(const BitPlanes& bits) : words_(bits.plane(0)) {}

  // The next `count`, at most 64, and zeroes.
  std::uint64_t Next(std::size_t count) {
    const std::size_t word = position_ / 64, shift = position_ % 64;
    std::uint64_t bits = words_[word] >> shift;
    if (shift + count > 64) bits |= words_[word + 1] << (64 - shift);
    position_ += count;
    return count == 64 ? bits : bits & ((std::uint64_t{1} << count) - 1);
  }
  // The next `count` to the front of `bits`; how many of them are set.
  std::uint32_t Next(std::size_t count, std::vector<std::uint64_t>& bits) {
    bits.resize((count + 63) / 64);
    std::uint32_t set = 0;
    for (std::uint64_t& word : bits) {
      const std::size_t some = std::min<std::size_t>(64, count);
      word = Next(some);
      set += static_cast<std::uint32_t>(std::popcount(word));
      count -= some;
    }
    return set;
  }

 private:
  std::span<const std::uint64_t> words_;
  std::size_t position_ = 0;
};

// Where rows come from, segment after segment, told to the rows' owner about a thousand at a time: a call costs as much
// as many rows, and too many rows would leave the caches.
class Moves {
 public:
  Moves(const RowMoves& row_moves, Rows& order) : row_moves_(row_moves), order_(order) {}

  // Memory to use again.
  std::vector<std::uint64_t>& bits() { return bits_; }
  Rows& scratch() { return moved_; }

  // A segment that does not overlap what was given room.
  void Split(const RowSplit& split) {
    row_moves_.split(split);
    MoveSplit(split, order_.data(), moved_, BestKernels().split_numbers);
  }

  // Room for the sources of rows first .. first + count - 1, in increasing order of `first`, and of one more that is
  // not read.
  std::uint32_t* For(std::size_t first, std::size_t count) {
    constexpr std::size_t kFew = 16, kMany = 1024;
    const std::size_t end = first_ + count_;
    if (count_ > 0 && (first - end > kFew || count_ > kMany)) Flush();
    if (count_ == 0) first_ = first;
    const std::size_t gap = first - (first_ + count_);
    if (source_.size() < count_ + gap + count + 1) source_.resize(2 * (count_ + gap + count) + 1);
    // What lies between stays.
    std::iota(source_.begin() + count_, source_.begin() + count_ + gap,
              static_cast<std::uint32_t>(first_ + count_));
    count_ += gap + count;
    return source_.data() + count_ - count;
  }

  void Flush() {
    if (count_ == 0) return;
    const auto source = std::span<const std::uint32_t>(source_).first(count_);
    row_moves_.reorder(first_, source);
    if (moved_.size() < count_) moved_.resize(source_.size());
    for (std::size_t i = 0; i < count_; ++i) moved_[i] = order_[source[i]];
    std::copy_n(moved_.begin(), count_, order_.begin() + first_);
    count_ = 0;
  }

 private:
  const RowMoves& row_moves_;
  Rows& order_;
  Rows source_, moved_;
  std::vector<std::uint64_t> bits_;
  std::size_t first_ = 0, count_ = 0;
};

// Rows begin .. end - 1, whose ranks are those positions.
class Segment {
 public:
  Segment(std::size_t begin, std::size_t end)
      : begin_(static_cast<std::uint32_t>(begin)), end_(static_cast<std::uint32_t>(end)) {
    if (size() <= kAllPairsRows) {
      state_ = State::kAllPairs;
      return;
    }
    const SortSplit split = SortSplitFor(size());
    sample_ = static_cast<std::uint16_t>(split.sample());
    levels_ = static_cast<std::uint8_t>(split.levels);
    // A sample of one needs no comparison.
    state_ = sample_ > 1 ? State::kSample : State::kDescend;
  }

  std::size_t size() const { return end_ - begin_; }
  // Comparisons that finish this segment at once.
  std::size_t pairs_to_finish() const { return AllPairs(size()); }
  void FinishAtOnce() { state_ = State::kAllPairs; }

  void Ask(std::vector<RowRun>& runs) const {
    switch (state_) {
      case State::kAllPairs:
        return AskAllPairs(end_, runs);
      case State::kSample:
        return AskAllPairs(begin_ + sample_, runs);
      case State::kDescend:
        runs.push_back({begin_ + sample_, others(), splitter()});
    }
  }

  // Takes the answers to what it asked; parts that need more work go to `next`.
  void Take(Answers& answers, std::size_t first_ranks, Moves& moves, std::vector<Segment>& next) const {
    switch (state_) {
      case State::kAllPairs:
        return PutInOrder(size(), answers, moves);
      case State::kSample: {
        PutInOrder(sample_, answers, moves);
        Segment& sampled = next.emplace_back(*this);
        sampled.state_ = State::kDescend;
        return;
      }
      case State::kDescend:
        return Split(answers, first_ranks, moves, next);
    }
  }

 private:
  enum class State : std::uint8_t { kAllPairs, kSample, kDescend };

  // The first `sample_` rows are in order, once it descends; the middle one splits the others.
  std::uint32_t below() const { return (sample_ - 1u) / 2; }  // rows of the sample below the splitter
  std::uint32_t splitter() const { return begin_ + below(); }
  std::uint32_t others() const { return end_ - begin_ - sample_; }

  void AskAllPairs(std::uint32_t end, std::vector<RowRun>& runs) const {
    for (std::uint32_t row = begin_; row + 1 < end; ++row) runs.push_back({row + 1, end - row - 1, row});
  }

  // The first rows of the segment. Each row's rank is the number of rows before it.
  void PutInOrder(std::size_t rows, Answers& answers, Moves& moves) const {
    absl::InlinedVector<std::uint32_t, 32> rank(rows, 0);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = i + 1; j < rows;) {
        const std::size_t some = std::min<std::size_t>(64, rows - j);
        std::uint64_t before = answers.Next(some);
        for (const std::size_t end = j + some; j < end; ++j, before >>= 1) {
          rank[i] += before & 1;
          rank[j] += ~before & 1;
        }
      }
    }
    std::uint32_t* source = moves.For(begin_, rows);
    for (std::size_t i = 0; i < rows; ++i) source[rank[i]] = begin_ + static_cast<std::uint32_t>(i);
  }

  void Split(Answers& answers, std::size_t first_ranks, Moves& moves, std::vector<Segment>& next) const {
    std::vector<std::uint64_t>& bits = moves.bits();
    RowSplit split{.begin = begin_, .end = end_, .sample = sample_, .below = below()};
    split.low = answers.Next(others(), bits);
    split.bits = bits.data();
    // A part's sample comes first while it will split the part. After that it comes last: the next sample is of rows
    // not compared before.
    split.sample_first = levels_ > 1;
    if (size() >= kManyRows) {
      moves.Split(split);
    } else {
      // Few rows are numbered, and their numbers split.
      std::array<std::uint32_t, kManyRows> numbers;
      std::iota(numbers.begin(), numbers.begin() + size(), begin_);
      RowSplit within = split;
      within.begin = 0;
      within.end = static_cast<std::uint32_t>(size());
      MoveSplit(within, numbers.data(), moves.scratch(), BestKernels().split_numbers);
      std::copy_n(numbers.begin(), size(), moves.For(begin_, size()));
    }
    const std::uint32_t middle = begin_ + split.below + split.low;
    AddPart(begin_, middle, split.below, first_ranks, next);
    AddPart(middle + 1, end_, sample_ - split.below - 1, first_ranks, next);
  }
  void AddPart(std::uint32_t begin, std::uint32_t end, std::uint32_t sample, std::size_t first_ranks,
               std::vector<Segment>& next) const {
    if (end - begin < 2 || begin >= first_ranks) return;
    if (levels_ > 1 && sample == end - begin) return;  // all in order already
    Segment& part = next.emplace_back(begin, end);
    if (levels_ == 1 || part.state_ == State::kAllPairs) return;
    part.state_ = State::kDescend;
    part.sample_ = static_cast<std::uint16_t>(sample);
    part.levels_ = static_cast<std::uint8_t>(levels_ - 1);
  }

  std::uint32_t begin_, end_;
  std::uint16_t sample_ = 0;
  std::uint8_t levels_ = 0;  // of splits by this sample
  State state_;
};

}  // namespace

absl::StatusOr<std::vector<std::uint32_t>> ComparisonSort(std::size_t rows, const LessBatch& less,
                                                          const RowMoves& row_moves,
                                                          const ComparisonSortOptions& options) {
  CARE_CHECK(rows < std::numeric_limits<std::uint32_t>::max());
  Rows order(rows);
  std::iota(order.begin(), order.end(), 0);
  std::vector<Segment> segments, next;
  if (rows > 1 && options.first_ranks > 0) segments.emplace_back(0, rows);
  std::vector<RowRun> runs;
  Moves moves(row_moves, order);
  while (!segments.empty()) {
    std::size_t to_finish = 0;
    for (const Segment& segment : segments) {
      to_finish += segment.pairs_to_finish();
      if (to_finish > options.finish_pairs) break;
    }
    runs.clear();
    for (Segment& segment : segments) {
      if (to_finish <= options.finish_pairs) segment.FinishAtOnce();
      segment.Ask(runs);
    }
    CARE_ASSIGN_OR_RETURN(const BitPlanes bits, less(runs));
    CARE_CHECK(bits.rows() == PairCount(runs) && bits.width() == 1);
    Answers answers(bits);
    next.clear();
    for (const Segment& segment : segments) segment.Take(answers, options.first_ranks, moves, next);
    moves.Flush();
    std::swap(segments, next);
  }
  return order;
}

}  // namespace care::mpc
