#include "engine/exec/tables/concat_tables.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "planner/physical/columns_read.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_circuit.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::RingColumn;
using planner::SharedValueShape;

template <typename Form>
Form Joined(const std::vector<Form>& parts) {
  std::vector<const Form*> pointers;
  for (const Form& part : parts) pointers.push_back(&part);
  return Form::JoinRows(pointers);
}

}  // namespace

absl::StatusOr<SharedTable> ConcatTables(TableContext& context, const planner::ConcatTablesNode& node) {
  std::vector<SharedTable*> inputs;
  SharedTable result;
  std::vector<BitColumn> valid;
  for (const planner::NodeId input : node.inputs) {
    inputs.push_back(&context.tables.at(input));
    result.slots += inputs.back()->slots;
    valid.push_back(inputs.back()->valid);
  }
  result.valid = Joined(valid);
  for (std::size_t c = 0; c < node.columns.size(); ++c) {
    const planner::ColumnInfo& info = context.plan.columns[node.columns[c]];
    bool all_bits = true, all_rings = true, nullable = false;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const planner::ColumnId id = node.input_columns[i][c];
      const auto found = inputs[i]->columns.find(id);
      if (found == inputs[i]->columns.end()) return absl::InternalError("the plan reads a column that its table lacks");
      if (planner::StoredScale(context.plan.columns[id].type) != planner::StoredScale(info.type))
        return absl::InternalError("tables are joined end to end whose numbers have different digits");
      all_bits = all_bits && found->second.bits.has_value();
      all_rings = all_rings && found->second.ring.has_value();
      nullable = nullable || found->second.not_null.has_value();
    }
    SharedValue& value = result.columns[node.columns[c]];
    std::vector<BitColumn> bits, known;
    std::vector<RingColumn> rings;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const planner::ColumnId id = node.input_columns[i][c];
      const SharedValue& from = inputs[i]->columns.at(id);
      if (nullable) {
        known.push_back(from.not_null ? *from.not_null
                                      : mpc::PublicConstant(context.protocol, inputs[i]->slots, 1, 1));
      }
      if (all_rings) rings.push_back(*from.ring);
      if (all_rings && !all_bits) continue;
      CARE_ASSIGN_OR_RETURN(const SharedValueShape shape, planner::ShapeOfColumn(context.plan.columns[id]));
      CARE_ASSIGN_OR_RETURN(const SharedValueShape target, planner::ShapeOfColumn(info));
      CARE_ASSIGN_OR_RETURN(const BitColumn* const own, BitsOf(context.protocol, context.plan, *inputs[i], id));
      CARE_ASSIGN_OR_RETURN(BitColumn reshaped, Reshape(context.protocol, *own, shape, target));
      const bool moved = shape.base != target.base || shape.domain != target.domain || shape.kind != target.kind;
      if (moved) {
        CARE_ASSIGN_OR_RETURN(reshaped, ZeroWhereNull(context.protocol, reshaped, from.not_null));
      }
      bits.push_back(std::move(reshaped));
    }
    if (!bits.empty()) value.bits = Joined(bits);
    if (!rings.empty()) value.ring = Joined(rings);
    if (nullable) value.not_null = Joined(known);
  }
  return result;
}

absl::StatusOr<SharedTable> GatherPartitions(const planner::PhysicalPlan& plan, planner::NodeId id, std::vector<SharedTable> parts) {
  const std::set<planner::ColumnId> read = planner::ColumnsReadAfter(plan, id);
  SharedTable result;
  std::vector<BitColumn> valid;
  for (SharedTable& part : parts) {
    result.slots += part.slots;
    valid.push_back(std::move(part.valid));
  }
  result.valid = Joined(valid);
  // The forms are the plan's, the same in each.
  for (const auto& [column, forms] : parts.front().columns) {
    if (!read.contains(column)) continue;
    std::vector<BitColumn> bits, known;
    std::vector<RingColumn> rings;
    for (SharedTable& part : parts) {
      const auto found = part.columns.find(column);
      if (found == part.columns.end()) return absl::InternalError("partitions differ in their columns");
      if (found->second.bits) bits.push_back(*std::move(found->second.bits));
      if (found->second.not_null) known.push_back(*std::move(found->second.not_null));
      if (found->second.ring) rings.push_back(*std::move(found->second.ring));
    }
    for (const std::size_t have : {bits.size(), known.size(), rings.size()})
      if (have != 0 && have != parts.size()) return absl::InternalError("partitions differ in their forms");
    SharedValue& value = result.columns[column];
    if (!bits.empty()) value.bits = Joined(bits);
    if (!known.empty()) value.not_null = Joined(known);
    if (!rings.empty()) value.ring = Joined(rings);
  }
  return result;
}

}  // namespace care::engine
