#include "engine/exec/tables/owner_values.h"

#include <bit>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

absl::Status OutOfShape() { return absl::OutOfRangeError("a value is outside of what its column declares"); }

absl::StatusOr<mpc::BitPlanes> TextBits(const Column& column, const planner::SharedValueShape& shape) {
  mpc::BitPlanes planes(column.size(), shape.width);
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.IsNull(row)) continue;
    const std::string_view text = column.texts[row];
    if (text.size() * 8 > shape.width) return OutOfShape();
    for (std::size_t byte = 0; byte < text.size(); ++byte) {
      const unsigned first = shape.width - 8 * (static_cast<unsigned>(byte) + 1);
      const auto character = static_cast<unsigned char>(text[byte]);
      for (unsigned bit = 0; bit < 8; ++bit) {
        if (character >> bit & 1) planes.Set(row, first + bit, true);
      }
    }
  }
  return planes;
}

}  // namespace

absl::StatusOr<mpc::BitPlanes> OwnerBits(const Column& column, const planner::SharedValueShape& shape) {
  if (shape.kind == planner::ValueKind::kBytes) return TextBits(column, shape);
  if (shape.kind == planner::ValueKind::kHash)
    return absl::InternalError("a private lookup was planned to bring a text of unknown length");
  std::vector<std::uint64_t> numbers(column.size(), 0);
  absl::flat_hash_map<std::string_view, std::uint64_t> code_of;
  for (std::size_t code = 0; code < shape.domain.size(); ++code) code_of[shape.domain[code]] = code;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.IsNull(row)) continue;
    if (shape.kind == planner::ValueKind::kCode) {
      const auto code = code_of.find(column.texts[row]);
      if (code == code_of.end()) return OutOfShape();
      numbers[row] = code->second;
      continue;
    }
    if (column.integers[row] < shape.base) return OutOfShape();
    numbers[row] = static_cast<std::uint64_t>(column.integers[row]) - static_cast<std::uint64_t>(shape.base);
    if (static_cast<unsigned>(std::bit_width(numbers[row])) > shape.width) return OutOfShape();
  }
  return mpc::BitPlanes::FromIntegers(numbers, shape.width);
}

mpc::BitPlanes OwnerNotNull(const Column& column) {
  mpc::BitPlanes planes(column.size(), 1);
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!column.IsNull(row)) planes.Set(row, 0, true);
  }
  return planes;
}

std::vector<std::uint64_t> OwnerIntegers(const Column& column) {
  return {column.integers.begin(), column.integers.end()};
}

}  // namespace care::engine
