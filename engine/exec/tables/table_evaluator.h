// engine/exec/tables/table_evaluator.h
//
// Evaluates bound expressions at every slot of a shared table, with SQL's three-valued logic: what DeriveTable, FilterTable
// and the residuals of joins are made of. It computes exactly what planner/physical/table_expressions.h admits, by the
// circuit of planner/physical/table_circuit.h, and in the ring what is cheaper there.
//
//   Shape     columns of n slots; results as shared_table.h says.
//   Rounds    the circuit's (RingToBits' and BitsToRing's where forms change, one for a product).
//   Leakage   none.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"
#include "planner/physical/table_circuit.h"

namespace care::engine {

class TableEvaluator {
 public:
  // Forms that are made on the way stay in the table.
  TableEvaluator(mpc::Protocol& protocol, const planner::PhysicalPlan& plan, SharedTable& table,
                 const mpc::LinkSpeed& link = {})
      : protocol_(protocol), plan_(plan), table_(table), link_(link) {}

  // One plane: 1 where the condition is true; in slots that are not valid, anything.
  absl::StatusOr<mpc::BitColumn> IsTrue(const planner::ExpressionPtr& expression);
  // In the shape and at the scale that `column` has (plan.columns): in the ring where that is the cheaper form.
  absl::StatusOr<SharedValue> Evaluate(const planner::ExpressionPtr& expression, const planner::ColumnInfo& column);

 private:
  planner::FormsOfColumn Forms() const;
  mpc::CompareDepth Depth() const;
  absl::StatusOr<mpc::BitColumn> Run(planner::TableCircuit& circuit);
  absl::StatusOr<mpc::BitColumn> InputPlanes(const planner::CircuitInput& input);
  // The stored integer at the scale of the expression's type.
  absl::StatusOr<mpc::RingColumn> Ring(const planner::ExpressionPtr& expression);
  absl::StatusOr<mpc::RingColumn> RingAt(const planner::ExpressionPtr& expression, int scale);
  absl::StatusOr<mpc::RingColumn> RingOfChoice(const planner::ExpressionPtr& expression,
                                               const std::vector<planner::ExpressionPtr>& results);
  absl::StatusOr<mpc::RingColumn> RingFromBits(const planner::ExpressionPtr& expression);
  mpc::RingColumn Constant(std::uint64_t value) const;

  mpc::Protocol& protocol_;
  const planner::PhysicalPlan& plan_;
  SharedTable& table_;
  mpc::LinkSpeed link_;
};

}  // namespace care::engine
