// Follows engine/exec/tables/group_cells.cc.
#include <algorithm>
#include <string>
#include <vector>

#include "mpc/circuit/compare_circuits.h"
#include "mpc/cost/relational_cost.h"
#include "planner/physical/group_pricing.h"

namespace care::planner {
namespace {

// The first 64 bits of a value of a public domain, as it is shared; of NULL zero.
std::uint64_t CodeOf(const Value& value, const SharedValueShape& shape, int scale) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (shape.kind == ValueKind::kCode)
      return static_cast<std::uint64_t>(std::lower_bound(shape.domain.begin(), shape.domain.end(), *text) - shape.domain.begin());
    std::uint64_t code = 0;
    for (unsigned i = 0; i < shape.width / 8; ++i) code = code << 8 | (i < text->size() ? static_cast<unsigned char>((*text)[i]) : 0);
    return code;
  }
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  Int128 stored = 0;
  int digits = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) stored = *integer;
  if (const auto* date = std::get_if<Date>(&value)) stored = date->days;
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) stored = timestamp->microseconds;
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    stored = decimal->unscaled;
    digits = decimal->scale;
  }
  if (IsNull(value)) return 0;
  for (; digits < scale; ++digits) stored *= 10;
  return static_cast<std::uint64_t>(stored) - static_cast<std::uint64_t>(shape.base);
}

}  // namespace

void PriceCellFlags(Pricing& pricing, const GroupTableNode& group, PricedTable& table) {
  std::uint64_t cells = 1;
  for (std::size_t key = 0; key < group.group_by.size(); ++key) {
    const ColumnId column = group.group_by[key];
    pricing.BitsOf(table, column);
    const SharedValueShape& shape = pricing.Shape(column);
    if (shape.width > 64) return pricing.Fail();
    const DataType& type = pricing.columns()[column].type;
    std::vector<std::uint64_t> codes;
    for (const Value& value : group.domains[key])
      codes.push_back(CodeOf(value, shape, type.kind == TypeKind::kNumeric ? type.scale : 0));
    pricing.Add(mpc::CircuitCost(table.slots, mpc::OneHotCircuit(shape.width, codes)));
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (!IsNull(group.domains[key][i]) && table.columns[column].not_null && codes[i] == 0) pricing.And(table.slots);
    }
    cells *= codes.size();
    pricing.And(table.slots, static_cast<unsigned>(cells));
  }
}

}  // namespace care::planner
