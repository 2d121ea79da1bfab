#include "mpc/share/ring_column.h"

#include <algorithm>

#include "engine/types/check.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {

RingColumn RingColumn::Rows(std::size_t first, std::size_t count) const {
  CARE_CHECK(first <= rows() && count <= rows() - first);
  const std::size_t words = words_per_row();
  std::vector<std::vector<std::uint64_t>> parts;
  for (const auto& part : parts_) {
    parts.emplace_back(part.begin() + first * words, part.begin() + (first + count) * words);
  }
  return RingColumn(std::move(parts), width_);
}

RingColumn RingColumn::JoinRows(const std::vector<const RingColumn*>& first_to_last) {
  if (first_to_last.empty()) return RingColumn();
  std::size_t words = 0;
  for (const RingColumn* piece : first_to_last) words += piece->rows() * piece->words_per_row();
  std::vector<std::vector<std::uint64_t>> parts(first_to_last[0]->part_count());
  for (unsigned i = 0; i < parts.size(); ++i) {
    parts[i].reserve(words);
    for (const RingColumn* piece : first_to_last) {
      CARE_CHECK(piece->part_count() == parts.size() && piece->width_ == first_to_last[0]->width_);
      parts[i].insert(parts[i].end(), piece->part(i).begin(), piece->part(i).end());
    }
  }
  return RingColumn(std::move(parts), first_to_last[0]->width_);
}

RingColumn RingColumn::Gather(std::span<const std::uint32_t> source) const {
  RingColumn gathered(source.size(), part_count(), width_);
  WithElements(width_, [&](auto elements) {
    for (unsigned i = 0; i < part_count(); ++i) {
      const std::uint64_t* in = parts_[i].data();
      std::uint64_t* out = gathered.parts_[i].data();
      for (std::size_t row = 0; row < source.size(); ++row) elements.Set(out, row, elements.Get(in, source[row]));
    }
  });
  return gathered;
}

RingColumn RingColumn::Narrowed(unsigned width) const {
  CARE_CHECK(width >= 1 && width <= width_);
  if (RingWords(width) == words_per_row()) {
    RingColumn result = *this;
    result.width_ = width;
    return result;
  }
  RingColumn result(rows(), part_count(), width);
  for (unsigned i = 0; i < part_count(); ++i) {
    for (std::size_t row = 0; row < result.rows(); ++row) result.parts_[i][row] = parts_[i][2 * row];
  }
  return result;
}

}  // namespace care::mpc
