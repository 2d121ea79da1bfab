// mpc/share/row_split.h
//
// How the rows of one segment of a quicksort move when a splitter divides it: the same for the rows, for their numbers,
// and for whatever goes with them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mpc/kernel/kernels.h"

namespace care::mpc {

// Rows begin .. end - 1. The first are a sample in order, the splitter among them; of the others, those whose bit is set
// come before it. They move in front of it, the rest behind, each with its half of the sample.
struct RowSplit {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t sample = 0;
  std::uint32_t below = 0;    // rows of the sample before the splitter
  bool sample_first = false;  // in the halves
  std::uint32_t low = 0;      // bits that are set
  const std::uint64_t* bits = nullptr;
};

// Kernels' split_words or split_numbers. `scratch` is memory to use again.
template <typename Item>
void MoveSplit(const RowSplit& split, Item* rows, std::vector<Item>& scratch,
               void (*split_items)(const Item*, const std::uint64_t*, std::size_t, Item*, Item*)) {
  const std::size_t size = split.end - split.begin, others = size - split.sample;
  if (scratch.size() < size + Kernels::kSplitSlack) scratch.resize(size + Kernels::kSplitSlack);
  Item* const first = rows + split.begin;
  Item* const sample = scratch.data();
  Item* const high = sample + split.sample;
  std::copy_n(first, split.sample, sample);
  split_items(first + split.sample, split.bits, others, first + (split.sample_first ? split.below : 0), high);
  const std::size_t above = split.sample - split.below - 1;
  Item* const middle = first + split.below + split.low;
  std::copy_n(sample, split.below, split.sample_first ? first : first + split.low);
  *middle = sample[split.below];
  std::copy_n(sample + split.below + 1, above, split.sample_first ? middle + 1 : first + size - above);
  std::copy_n(high, others - split.low, middle + 1 + (split.sample_first ? above : 0));
}

}  // namespace care::mpc
