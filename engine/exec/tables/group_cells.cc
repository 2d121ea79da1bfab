#include "engine/exec/tables/group_cells.h"

#include <algorithm>
#include <numeric>

#include "engine/exec/tables/public_values.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "mpc/circuit/compare_circuits.h"
#include "mpc/relational/compare.h"
#include "planner/physical/group_sorts.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::BitPlanes;
using planner::GroupTableNode;

absl::StatusOr<BitPlanes> DomainBits(const TableContext& context, const GroupTableNode& node,
                                     std::size_t key) {
  const planner::ColumnInfo& info = context.plan.columns[node.group_by[key]];
  CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape, planner::ShapeOfColumn(info));
  return EncodePublicValues(node.domains[key], shape, info.type.scale);
}

// Position of each cell's value in the key's domain.
std::vector<std::uint32_t> PositionsOfKey(const GroupTableNode& node, std::size_t key) {
  std::uint64_t later = 1;
  for (std::size_t k = key + 1; k < node.domains.size(); ++k) later *= node.domains[k].size();
  std::vector<std::uint32_t> positions(planner::CellsOf(node));
  for (std::size_t cell = 0; cell < positions.size(); ++cell)
    positions[cell] = static_cast<std::uint32_t>(cell / later % node.domains[key].size());
  return positions;
}

}  // namespace

absl::Status SetCellKeys(const TableContext& context, const GroupTableNode& node, SharedTable& cells) {
  for (std::size_t key = 0; key < node.group_by.size(); ++key) {
    CARE_ASSIGN_OR_RETURN(const BitPlanes domain, DomainBits(context, node, key));
    const std::vector<std::uint32_t> positions = PositionsOfKey(node, key);
    SharedValue& value = cells.columns[node.group_by[key]];
    value.bits = Gathered(context.protocol.PublicBits(domain), positions);
    BitPlanes not_null(positions.size(), 1);
    bool has_null = false;
    for (std::size_t cell = 0; cell < positions.size(); ++cell) {
      const bool is_null = IsNull(node.domains[key][positions[cell]]);
      not_null.Set(cell, 0, !is_null);
      has_null = has_null || is_null;
    }
    if (has_null) value.not_null = context.protocol.PublicBits(not_null);
  }
  return absl::OkStatus();
}

absl::StatusOr<BitColumn> CellFlags(TableContext& context, const GroupTableNode& node, SharedTable& table,
                                    const BitColumn& base) {
  mpc::Protocol& protocol = context.protocol;
  BitColumn flags = base;
  for (std::size_t key = 0; key < node.group_by.size(); ++key) {
    CARE_ASSIGN_OR_RETURN(const BitPlanes domain, DomainBits(context, node, key));
    CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(protocol, context.plan, table, node.group_by[key]));
    const std::optional<BitColumn>& not_null = table.columns.at(node.group_by[key]).not_null;
    const std::size_t size = node.domains[key].size();
    std::vector<std::uint64_t> codes(size, 0);
    for (std::size_t value = 0; value < size; ++value) {
      for (unsigned plane = 0; plane < domain.width(); ++plane) codes[value] |= std::uint64_t{domain.Get(value, plane)} << plane;
    }
    CARE_ASSIGN_OR_RETURN(const BitColumn equal, protocol.Evaluate(mpc::OneHotCircuit(bits->width(), codes), std::vector{bits}));
    std::vector<BitColumn> planes;
    for (std::size_t value = 0; value < size; ++value) {
      if (IsNull(node.domains[key][value])) {
        planes.push_back(not_null ? protocol.Not(*not_null) : mpc::PublicConstant(protocol, table.slots, 1, 0));
        continue;
      }
      planes.push_back(equal.Planes(static_cast<unsigned>(value), 1));
      // A NULL's bits are zero.
      if (not_null && codes[value] == 0) {
        CARE_ASSIGN_OR_RETURN(planes.back(), protocol.And(planes.back(), *not_null));
      }
    }
    // Every cell so far with every value of this key.
    std::vector<BitColumn> before, now;
    for (unsigned cell = 0; cell < flags.width(); ++cell) {
      before.insert(before.end(), size, flags.Planes(cell, 1));
      now.insert(now.end(), planes.begin(), planes.end());
    }
    CARE_ASSIGN_OR_RETURN(flags, protocol.And(JoinedPlanes(before), JoinedPlanes(now)));
  }
  return flags;
}

absl::StatusOr<std::vector<std::uint32_t>> RanksOfCells(const TableContext& context,
                                                        const GroupTableNode& node) {
  std::vector<std::uint32_t> ranks(planner::CellsOf(node), 0);
  for (std::size_t key = 0; key < node.group_by.size(); ++key) {
    CARE_ASSIGN_OR_RETURN(const BitPlanes domain, DomainBits(context, node, key));
    const std::vector<Value>& values = node.domains[key];
    std::vector<std::uint32_t> by_rank(values.size());
    std::iota(by_rank.begin(), by_rank.end(), 0);
    std::ranges::sort(by_rank, [&](std::uint32_t a, std::uint32_t b) {
      if (IsNull(values[a]) != IsNull(values[b])) return IsNull(values[b]);
      for (unsigned plane = domain.width(); plane-- > 0;) {
        if (domain.Get(a, plane) != domain.Get(b, plane)) return domain.Get(b, plane);
      }
      return false;
    });
    std::vector<std::uint32_t> rank(values.size());
    for (std::uint32_t r = 0; r < by_rank.size(); ++r) rank[by_rank[r]] = r;
    const std::vector<std::uint32_t> positions = PositionsOfKey(node, key);
    for (std::size_t cell = 0; cell < ranks.size(); ++cell)
      ranks[cell] = ranks[cell] * static_cast<std::uint32_t>(values.size()) + rank[positions[cell]];
  }
  return ranks;
}

}  // namespace care::engine
