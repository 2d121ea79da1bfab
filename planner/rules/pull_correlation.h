// planner/rules/pull_correlation.h
//
// The predicates by which a subquery refers to the query around it, pulled out of it: what is left yields the
// rows for every outer row at once, and the predicates say which belong to which. Where that would change the answer it is
// refused by name.
#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

struct PulledSubquery {
  LogicalPtr plan;                        // reads no outer column, and yields what the predicates read of it
  std::vector<ExpressionPtr> predicates;  // of its columns and outer ones
};

class CorrelationPuller {
 public:
  // `duplicates_matter`: whether the consumer can tell how often a row comes (not so for EXISTS and IN).
  CorrelationPuller(LogicalPlan& plan, std::string_view sql, sql::SourcePosition position, bool duplicates_matter)
      : plan_(plan), sql_(sql), position_(position), duplicates_matter_(duplicates_matter) {}

  absl::StatusOr<PulledSubquery> Pull(const LogicalPtr& node) const;

 private:
  absl::StatusOr<PulledSubquery> PullFilter(const FilterNode& filter) const;
  absl::StatusOr<PulledSubquery> PullProject(const ProjectNode& project) const;
  absl::StatusOr<PulledSubquery> PullJoin(const JoinNode& join) const;
  absl::StatusOr<PulledSubquery> PullAggregate(const AggregateNode& aggregate) const;
  absl::Status Refuse(std::string_view what) const;

  LogicalPlan& plan_;
  std::string_view sql_;
  sql::SourcePosition position_;
  bool duplicates_matter_;
};

// inner = outer, where the inner side reads columns of the subquery only and the outer side none of them.
struct CorrelationKey {
  ExpressionPtr inner;
  ExpressionPtr outer;
  Function function = Function::kEqual;  // or kIsNotDistinct
};
std::optional<CorrelationKey> AsKey(const ExpressionPtr& predicate, const std::set<ColumnId>& inner_columns);

// All predicates as equalities of columns of the plan, which computes what is not a column; nothing if one is no equality.
struct KeyedSubquery {
  LogicalPtr plan;
  std::vector<ColumnId> keys;          // each once
  std::vector<ExpressionPtr> equalities;
};
std::optional<KeyedSubquery> AsKeyed(const PulledSubquery& pulled, LogicalPlan& plan);

}  // namespace care::planner
