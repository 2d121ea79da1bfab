#include "planner/physical/table_forms.h"

#include <optional>
#include <set>

#include "planner/physical/group_sorts.h"
#include "planner/physical/shared_value.h"
#include "planner/physical/table_circuit.h"

namespace care::planner {
namespace {

bool IsNumber(const DataType& type) { return type.IsExactNumber(); }

// What later nodes want of each column, gathered from the last node to the first.
class Demand {
 public:
  explicit Demand(const PhysicalPlan& plan) : plan_(plan) {
    for (auto node = plan.nodes.rbegin(); node != plan.nodes.rend(); ++node) {
      std::visit([&](const auto& part) { Read(part); }, *node);
    }
  }

  bool bits(ColumnId column) const { return bits_.count(column) != 0; }
  bool ring(ColumnId column) const { return ring_.count(column) != 0; }
  bool opened(ColumnId column) const { return opened_.count(column) != 0; }

 private:
  void Bits(const ExpressionPtr& expression) { CollectColumns(expression, bits_); }

  // The value enters a sum.
  void Ring(const ExpressionPtr& expression) {
    if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
      ring_.insert(column->column);
      return;
    }
    if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
      const bool rounds = StoredScale(cast->operand->type) > StoredScale(expression->type);
      return rounds ? Bits(expression) : Ring(cast->operand);
    }
    if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
      for (const CaseExpression::Branch& branch : chosen->branches) {
        Bits(branch.condition);
        Ring(branch.result);
      }
      if (chosen->otherwise != nullptr) Ring(chosen->otherwise);
      return;
    }
    if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
      switch (call->function) {
        case Function::kAdd:
        case Function::kSubtract:
        case Function::kMultiply:
        case Function::kNegate:
        case Function::kCoalesce:
          for (const ExpressionPtr& argument : call->arguments) Ring(argument);
          return;
        default:
          break;
      }
    }
    Bits(expression);
  }

  void Read(const DeriveTableNode& derive) {
    for (const NamedExpression& item : derive.columns) {
      const bool only_ring = ring(item.column) && !bits(item.column) && IsNumber(item.expression->type);
      if (only_ring) {
        Ring(item.expression);
      } else if (std::holds_alternative<ColumnExpression>(item.expression->node) && ring(item.column)) {
        Ring(item.expression);
        Bits(item.expression);
      } else {
        Bits(item.expression);
      }
    }
  }
  void Read(const FilterTableNode& filter) { Bits(filter.predicate); }
  void Read(const JoinTablesNode& join) {
    // Who looks up, and what is looked up, is known to the owners.
    if (join.method != JoinMethod::kLookup && join.method != JoinMethod::kByOwner) {
      for (const auto& [a, b] : join.keys) bits_.insert({a, b});
    }
    Bits(join.residual);
  }
  void Read(const GroupTableNode& group) {
    if (group.method != TableGroupMethod::kByOwner) {
      bits_.insert(group.group_by.begin(), group.group_by.end());
      bits_.insert(group.determined.begin(), group.determined.end());
    }
    for (const NamedAggregate& named : group.calls) {
      Bits(named.call.filter);
      if (named.call.argument == nullptr) continue;
      if (named.call.function == AggregateFunction::kSum && !named.call.distinct && !SumsByBits(group, named.call)) {
        Ring(named.call.argument);
      } else {
        Bits(named.call.argument);
      }
    }
  }
  bool SumsByBits(const GroupTableNode& group, const AggregateCall& call) const {
    if (group.method == TableGroupMethod::kSorted || group.method == TableGroupMethod::kByOwner || (group.method == TableGroupMethod::kDense && !SortsOf(group).by_cells)) return false;
    const std::optional<ColumnId> argument = ColumnOf(call.argument);
    const auto shape = ShapeOfColumn(plan_.columns[*argument]);
    return shape.ok() && planner::SumsByBits(CellsOf(group), shape->width);
  }
  void Read(const WindowTableNode& window) {
    bits_.insert(window.partition_by.begin(), window.partition_by.end());
    for (const TableKey& key : window.order_by) bits_.insert(key.column);
    for (const NamedWindowCall& named : window.calls) {
      Bits(named.call.fallback);
      if (named.call.argument == nullptr) continue;
      if (named.call.function == WindowFunction::kSum) {
        Ring(named.call.argument);
      } else {
        Bits(named.call.argument);
      }
    }
  }
  void Read(const TopTableNode& top) {
    for (const TableKey& key : top.keys) bits_.insert(key.column);
  }
  void Read(const ConcatTablesNode& concat) {
    for (const std::vector<ColumnId>& columns : concat.input_columns) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (ring(concat.columns[i]) && !bits(concat.columns[i])) ring_.insert(columns[i]);
        else bits_.insert(columns[i]);
      }
    }
  }
  void Read(const GateTableNode& gate) { opened_.insert(gate.person_counts.begin(), gate.person_counts.end()); }
  void Read(const OpenTableNode& open) { opened_.insert(open.columns.begin(), open.columns.end()); }
  template <typename Node>
  void Read(const Node&) {}

  const PhysicalPlan& plan_;
  std::set<ColumnId> bits_;
  std::set<ColumnId> ring_;
  std::set<ColumnId> opened_;  // in whatever form
};

}  // namespace

void ChooseForms(PhysicalPlan& plan) {
  const Demand demand(plan);
  for (PhysicalNode& node : plan.nodes) {
    auto* share = std::get_if<ShareTableNode>(&node);
    if (share == nullptr) continue;
    for (ShareColumn& column : share->columns) {
      column.ring = demand.ring(column.column) && IsNumber(plan.columns[column.column].type);
      column.bits = demand.bits(column.column) || (demand.opened(column.column) && !column.ring) ||
                    (demand.ring(column.column) && !column.ring);
    }
  }
}

}  // namespace care::planner
