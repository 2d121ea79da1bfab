// planner/physical/site.h
//
// A site is a place where clear values of one owner meet the joint computation: the spine's key space, an arm
// that is looked up, or a row space of the spine's owner. Placement asks a site for columns and for
// expressions that its owner can compute alone; the site becomes one local fragment with exactly those
// outputs. Whatever an owner can compute, it computes: only the results are shared.
#pragma once

#include <optional>
#include <vector>

#include "planner/logical/logical_plan.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

enum class SiteKind : std::uint8_t { kKeys, kArm, kRows };

class Site {
 public:
  Site(SiteKind kind, PartyId owner, bool optional, ColumnId key)
      : kind(kind), owner(owner), optional(optional), key(key) {}

  // A column of the site that holds `expression`: the column itself, or one that the owner derives. Equal
  // expressions share a column. New columns are added to `columns`.
  ColumnId Request(const ExpressionPtr& expression, std::vector<ColumnInfo>& columns);

  // The fragment: `base`, NULL keys dropped, `predicates` applied, then exactly the key and what was
  // requested.
  LogicalPtr Fragment(const std::vector<ColumnInfo>& columns) const;

  SiteKind kind;
  PartyId owner;
  bool optional;  // an arm that may have no row for a key (LEFT JOIN)
  ColumnId key;
  bool unique = true;
  std::uint64_t row_bound = 0;
  LogicalPtr base;                        // set once its leaves are joined
  std::vector<ExpressionPtr> predicates;  // over base's columns
  std::vector<SharedForm> forms;          // what of the outputs is shared, and how

  // Adds a form of a column, once.
  void Share(const SharedForm& form);

 private:
  std::vector<NamedExpression> outputs_;
};

}  // namespace care::planner
