#include "mpc/share/bit_column.h"

#include "engine/types/check.h"

namespace care::mpc {
namespace {

BitColumn JoinPart(const std::vector<const BitColumn*>& columns,
                   BitPlanes (*join)(std::span<const BitPlanes* const>)) {
  if (columns.empty()) return BitColumn();
  std::vector<BitPlanes> parts;
  for (unsigned i = 0; i < columns[0]->part_count(); ++i) {
    std::vector<const BitPlanes*> pieces;
    pieces.reserve(columns.size());
    for (const BitColumn* column : columns) {
      CARE_CHECK(column->part_count() == columns[0]->part_count());
      pieces.push_back(&column->part(i));
    }
    parts.push_back(join(pieces));
  }
  return BitColumn(std::move(parts));
}

}  // namespace

BitColumn BitColumn::Planes(unsigned first, unsigned count) const {
  std::vector<BitPlanes> parts;
  for (const BitPlanes& part : parts_) parts.push_back(part.Planes(first, count));
  return BitColumn(std::move(parts));
}

BitColumn BitColumn::Rows(std::size_t first, std::size_t count) const {
  std::vector<BitPlanes> parts;
  for (const BitPlanes& part : parts_) parts.push_back(part.Rows(first, count));
  return BitColumn(std::move(parts));
}

BitColumn BitColumn::JoinPlanes(const std::vector<const BitColumn*>& low_to_high) {
  return JoinPart(low_to_high, &BitPlanes::JoinPlanes);
}

BitColumn BitColumn::JoinRows(const std::vector<const BitColumn*>& first_to_last) {
  return JoinPart(first_to_last, &BitPlanes::JoinRows);
}

}  // namespace care::mpc
