// planner/physical/joint_cost.h
//
// What the joint evaluation of an expression costs: walks it as engine/exec/joint_expression.h evaluates it,
// call for call, and adds up mpc/cost. Comparisons that occur twice are computed, and counted, once. The two
// files change together.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "mpc/cost/cost.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// The columns of a slot space as far as costs depend on them.
struct SpaceShape {
  std::uint64_t slots = 0;
  std::set<ColumnId> bits;      // shared as kBits
  std::set<ColumnId> not_null;  // with a plane that says where there is a value
};

class JointCost {
 public:
  JointCost(const PhysicalPlan& plan, const SpaceShape& space) : plan_(plan), space_(space) {}

  void IsTrue(const ExpressionPtr& expression);
  void IsFalse(const ExpressionPtr& expression);
  void Ring(const ExpressionPtr& expression);
  bool NotNull(const ExpressionPtr& expression);  // whether there is a plane for it

  void And(unsigned planes = 1) { total_ += mpc::AndCost(space_.slots, planes); }
  void Multiply() { total_ += mpc::MultiplyCost(space_.slots); }
  void BitsToRing() { total_ += mpc::BitsToRingCost(space_.slots, 1); }

  const mpc::Cost& total() const { return total_; }

 private:
  void Compare(Function function, const ExpressionPtr& left, const ExpressionPtr& right);
  void Comparand(const ExpressionPtr& expression, const ComparisonRange& range);
  void ZeroWhereNull(const ExpressionPtr& expression);
  void BranchSelectors(const CaseExpression& chosen);
  void RingOfCase(const CaseExpression& chosen);
  void RingOfCoalesce(const CallExpression& call);

  const PhysicalPlan& plan_;
  const SpaceShape& space_;
  mpc::Cost total_;
  std::set<std::string> compared_;
  std::set<std::string> comparands_;
};

}  // namespace care::planner
