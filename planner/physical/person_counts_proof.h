// planner/physical/person_counts_proof.h
//
// What the validator proves of the counts that a gate over shared tables reads: each is at most the number of distinct persons
// behind its row. It is traced from the gate down to COUNT(DISTINCT subject), or to a COUNT of rows of which no two are about
// one person, whatever the rewrites made of it on the way: partial counts that are added up, cells, names that joined later.
//
// Between the groups that are released and the gate nothing may drop rows by their values: which groups are left would then say
// something of groups that the gate hides. Below, rows are dropped as the question says, also between partial counts and their sum.
//
// What runs in partitions is proven as if it ran on all rows at once, but for groups of which each partition yields a part.
//
// Deliberately not the code that placement decides by (rules/count_persons.cc, logical/row_facts.h): a mistake there must not
// excuse itself here.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "planner/catalog/catalog.h"
#include "planner/physical/partition_columns.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

class PersonCountsProof {
 public:
  // `columns`: by node, the columns that it yields. All must outlive this.
  PersonCountsProof(const PhysicalPlan& plan, const Catalog& catalog,
                    const std::vector<std::set<ColumnId>>& columns, const PartitionColumns& partitions)
      : plan_(plan), catalog_(catalog), columns_(columns), partitions_(partitions) {}

  // Empty if the column of the node is proven to be such a count; else what is missing.
  std::string WhyNot(NodeId node, ColumnId count) const { return WhyNot(node, count, Rows::kOfGroups); }

 private:
  using ColumnSet = std::set<ColumnId>;
  enum class Rows : std::uint8_t { kOfGroups, kOfParts };  // what is released; what is added up to it

  std::string WhyNot(NodeId node, ColumnId count, Rows rows) const;
  std::string WhyNot(const GroupTableNode& group, const NamedAggregate& named, Rows rows) const;
  std::string WhyNotInFragment(const LogicalNode& node, ColumnId count, Rows rows) const;
  std::string WhyNotInFragment(const AggregateNode& aggregate, const AggregateCall& call) const;

  // Whether a row's person stands in the column, or NULL.
  bool IsSubject(NodeId node, ColumnId column) const;
  bool IsSubjectOf(const LogicalNode& node, ColumnId column) const;
  bool HasSubject(NodeId node) const;
  // Whether no two rows agree on all of the columns, NULLs aside.
  bool TellsApart(NodeId node, const ColumnSet& columns) const;
  bool JoinTellsApart(const JoinTablesNode& join, const ColumnSet& columns) const;
  // Whether each row of the node is at most once among the rows that a join yields.
  bool HasOneRow(NodeId node) const;
  bool KeepsLeftOnce(const JoinTablesNode& join) const;
  bool KeepsRightOnce(const JoinTablesNode& join) const;
  bool OnePersonARow(NodeId node) const;
  // Whether the column's values are those of one side of a join.
  bool IsFromJoin(NodeId node, ColumnId column) const;
  // Whether no person is behind two rows' values of the column.
  bool PersonsApart(NodeId node, ColumnId count) const;
  // Of a GROUP BY over what partitions yielded of the same groups: whether no person is counted in two of them.
  bool PartsAreApart(const GroupTableNode& group, ColumnId part) const;

  const PhysicalPlan& plan_;
  const Catalog& catalog_;
  const std::vector<ColumnSet>& columns_;
  const PartitionColumns& partitions_;
};

}  // namespace care::planner
