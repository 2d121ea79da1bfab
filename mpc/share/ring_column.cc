#include "mpc/share/ring_column.h"

#include "engine/types/check.h"

namespace care::mpc {

RingColumn RingColumn::Rows(std::size_t first, std::size_t count) const {
  CARE_CHECK(first <= rows() && count <= rows() - first);
  std::vector<std::vector<std::uint64_t>> parts;
  for (const auto& part : parts_) parts.emplace_back(part.begin() + first, part.begin() + first + count);
  return RingColumn(std::move(parts), width_);
}

RingColumn RingColumn::JoinRows(const std::vector<const RingColumn*>& first_to_last) {
  if (first_to_last.empty()) return RingColumn();
  std::size_t rows = 0;
  for (const RingColumn* piece : first_to_last) rows += piece->rows();
  std::vector<std::vector<std::uint64_t>> parts(first_to_last[0]->part_count());
  for (unsigned i = 0; i < parts.size(); ++i) {
    parts[i].reserve(rows);
    for (const RingColumn* piece : first_to_last) {
      CARE_CHECK(piece->part_count() == parts.size() && piece->width_ == first_to_last[0]->width_);
      parts[i].insert(parts[i].end(), piece->part(i).begin(), piece->part(i).end());
    }
  }
  return RingColumn(std::move(parts), first_to_last[0]->width_);
}

RingColumn RingColumn::Narrowed(unsigned width) const {
  CARE_CHECK(width >= 1 && width <= width_);
  RingColumn result = *this;
  result.width_ = width;
  return result;
}

}  // namespace care::mpc
