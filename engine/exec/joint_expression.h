// engine/exec/joint_expression.h
//
// Evaluates bound expressions over the shared columns of one slot space, with SQL's three-valued logic:
// conditions to a bit that is 1 where they are true, numbers to the ring. It accepts exactly what
// planner/physical/joint_expressions.h admits. Comparisons that occur twice are computed once.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/exec/slot_space.h"
#include "mpc/protocol/protocol.h"
#include "planner/physical/physical_plan.h"

namespace care::engine {

class JointEvaluator {
 public:
  JointEvaluator(mpc::Protocol& protocol, const planner::PhysicalPlan& plan, SlotSpace& space)
      : protocol_(protocol), plan_(plan), space_(space) {}

  absl::StatusOr<mpc::BitColumn> IsTrue(const planner::ExpressionPtr& expression);
  absl::StatusOr<mpc::BitColumn> IsFalse(const planner::ExpressionPtr& expression);
  // At the scale of planner::RingScale. Zero where NULL only for plain columns: mask by NotNull otherwise.
  absl::StatusOr<mpc::RingColumn> Ring(const planner::ExpressionPtr& expression);
  // Nothing if the expression is never NULL in a valid slot.
  absl::StatusOr<std::optional<mpc::BitColumn>> NotNull(const planner::ExpressionPtr& expression);

 private:
  absl::StatusOr<mpc::BitColumn> Compare(planner::Function function, const planner::ExpressionPtr& left,
                                         const planner::ExpressionPtr& right);
  absl::StatusOr<mpc::BitColumn> Less(const planner::ExpressionPtr& left,
                                      const planner::ExpressionPtr& right);
  absl::StatusOr<mpc::BitColumn> Equal(const planner::ExpressionPtr& left,
                                       const planner::ExpressionPtr& right);
  absl::StatusOr<mpc::BitColumn> Comparand(const planner::ExpressionPtr& expression,
                                           const planner::ComparisonRange& range);
  absl::StatusOr<mpc::RingColumn> ZeroWhereNull(const planner::ExpressionPtr& expression);
  absl::StatusOr<mpc::RingColumn> RingOfCase(const planner::CaseExpression& node,
                                             const planner::ExpressionPtr& whole);
  absl::StatusOr<std::vector<mpc::BitColumn>> BranchSelectors(const planner::CaseExpression& node);
  mpc::BitColumn Constant(bool value) const;

  mpc::Protocol& protocol_;
  const planner::PhysicalPlan& plan_;
  SlotSpace& space_;
  std::map<std::string, mpc::BitColumn> comparisons_;
  std::map<std::string, mpc::BitColumn> comparands_;
};

}  // namespace care::engine
