// What a star query sums into the cells of its answer: groups, measures, and the proof that each fits the
// ring.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/group_domains.h"
#include "planner/physical/joint_expressions.h"
#include "planner/physical/star_placement.h"

namespace care::planner {
namespace {

UInt128 Magnitude(const ColumnInfo& info) {
  if (!info.min || !info.max) return UInt128{1} << 64;
  const auto absolute = [](std::int64_t v) {
    return v < 0 ? -static_cast<UInt128>(v) : static_cast<UInt128>(v);
  };
  return std::max(absolute(*info.min), absolute(*info.max)) & ((UInt128{1} << 64) - 1);
}

}  // namespace

std::uint32_t StarPlacement::AddMeasure(CellsNode& cells, Measure measure) {
  for (std::size_t i = 0; i < cells.measures.size(); ++i) {
    const Measure& existing = cells.measures[i];
    const bool same_factors = std::equal(existing.factors.begin(), existing.factors.end(),
                                         measure.factors.begin(), measure.factors.end(), SameExpression);
    if (SameOrNull(existing.value, measure.value) && SameOrNull(existing.condition, measure.condition) &&
        same_factors) {
      return static_cast<std::uint32_t>(i);
    }
  }
  cells.measures.push_back(std::move(measure));
  return static_cast<std::uint32_t>(cells.measures.size() - 1);
}

absl::StatusOr<StarPlacement::TopMeasures> StarPlacement::MeasuresOf(const AggregateCall& call) {
  TopMeasures measures;
  measures.has_sum = call.function == AggregateFunction::kSum || call.function == AggregateFunction::kAverage;
  const bool counts =
      call.function == AggregateFunction::kCountStar || call.function == AggregateFunction::kCount;
  if (!measures.has_sum && !counts) {
    return Refuse(call.position,
                  "MIN, MAX, BOOL_AND and BOOL_OR over several owners' rows are not supported yet");
  }
  ExpressionPtr raw_argument = call.argument ? Resolve(call.argument, question_.upper) : nullptr;
  if (call.argument) {
    // COUNT of the key counts rows, or persons if DISTINCT.
    const auto* column = std::get_if<ColumnExpression>(&raw_argument->node);
    ExpressionPtr key =
        question_.inner && column != nullptr ? Resolve(raw_argument, question_.lower) : raw_argument;
    column = std::get_if<ColumnExpression>(&key->node);
    const bool is_key = column != nullptr && Contains(question_.block.key_class, column->column);
    if (is_key) {
      const bool required =
          std::any_of(question_.block.leaves.begin(), question_.block.leaves.end(), [&](const Leaf& leaf) {
            return !leaf.optional && Contains(OutputColumns(*leaf.node), column->column);
          });
      if (!required)
        return Refuse(call.position, "COUNT of a key on the right side of a LEFT JOIN is not supported yet");
      raw_argument = nullptr;
    } else if (call.distinct) {
      return Refuse(call.position,
                    "DISTINCT of a column other than the key is not supported yet across owners");
    }
  }
  ExpressionPtr argument, filter;
  if (question_.inner) {
    CARE_ASSIGN_OR_RETURN(argument, ToKeyLevel(raw_argument));
    CARE_ASSIGN_OR_RETURN(filter, ToKeyLevel(call.filter));
  } else {
    argument = raw_argument ? DropKeyColumns(raw_argument) : nullptr;
    filter = call.filter ? DropKeyColumns(Resolve(call.filter, question_.upper)) : nullptr;
  }
  std::set<int> touched = question_.inner ? std::set<int>{} : LeavesOf(argument);
  if (!question_.inner) touched.merge(LeavesOf(filter));
  bool several = false;
  const std::optional<int> many = SoleManyLeaf(touched, several);
  if (several)
    return Refuse(call.position, "an aggregate over two tables with many rows a key is not supported yet");

  if (many && leaves_[*many].level != Level::kGroupRows) {
    if (measures.has_sum && LeavesOf(argument).size() != 1) {
      return Refuse(call.position, "SUM over an expression of two tables' columns is not supported yet");
    }
    CARE_RETURN_IF_ERROR(CheckUnmatched(*many, argument, filter, call.position));
    const AggregateFunction counting = argument ? AggregateFunction::kCount : AggregateFunction::kCountStar;
    const ColumnId count = PartialOf(*many, counting, argument, filter);
    const ExpressionPtr counted = MakeColumn(count, columns_[count].type);
    measures.persons.condition = MakeCall(Function::kGreater, {counted, CountLiteral(0)}, kBooleanType);
    if (call.distinct) {
      measures.count = measures.persons;
    } else {
      measures.count.value = counted;
      measures.count.factors = Factors(*many);
    }
    if (measures.has_sum) {
      const ColumnId sum = PartialOf(*many, AggregateFunction::kSum, argument, filter);
      measures.sum.value = MakeColumn(sum, columns_[sum].type);
      measures.sum.factors = measures.count.factors;
    }
    return measures;
  }
  std::vector<ExpressionPtr> conditions;
  if (filter) conditions.push_back(filter);
  if (argument && measures.has_sum) measures.sum.value = argument;
  measures.sum.condition = filter;
  const bool nullable = argument && DerivedColumn(argument, columns_).nullable;
  if (nullable) conditions.push_back(NotNull(argument));
  measures.persons.condition = conditions.empty() ? nullptr : MakeConjunction(conditions);
  measures.count = measures.persons;
  if (!question_.inner && !call.distinct && group_rows_leaf_ < 0) {
    measures.count.factors = Factors(-1);
    measures.sum.factors = measures.count.factors;
  }
  return measures;
}

UInt128 StarPlacement::TotalBound(const ExpressionPtr& expression) const {
  constexpr UInt128 kHuge = UInt128{1} << 100;
  const UInt128 slots = std::max<std::uint64_t>(1, sites_[0].row_bound);
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    if (unbounded_.count(column->column) != 0) return kHuge;
    const UInt128 magnitude = Magnitude(columns_[column->column]);
    return totals_.count(column->column) != 0 ? magnitude : magnitude * slots;
  }
  if (std::holds_alternative<LiteralExpression>(expression->node)) {
    return Magnitude(DerivedColumn(expression, columns_)) * slots;
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call != nullptr && call->function == Function::kMultiply) {
    const UInt128 left = TotalBound(call->arguments[0]);
    const UInt128 right = Magnitude(DerivedColumn(call->arguments[1], columns_));
    return right != 0 && left > kHuge / right ? kHuge : std::min(kHuge, left * right);
  }
  UInt128 total = 0;
  for (const ExpressionPtr& child : ChildrenOf(expression)) {
    if (child->type.kind != TypeKind::kBoolean) total = std::min(kHuge, total + TotalBound(child));
  }
  return total;
}

absl::Status StarPlacement::CheckRing(const Measure& measure) const {
  if (!measure.value) return absl::OkStatus();
  UInt128 bound = TotalBound(measure.value);
  for (const ExpressionPtr& factor : measure.factors) {
    const UInt128 most = std::max<UInt128>(1, Magnitude(DerivedColumn(factor, columns_)));
    if (bound > (UInt128{1} << 100) / most)
      bound = UInt128{1} << 100;
    else
      bound *= most;
  }
  if (bound >> 62 == 0) return absl::OkStatus();
  return Refuse(
      measure.value->position,
      absl::StrCat("the declared ranges do not prove that ", std::string(measure.name), " fits 63 bits"),
      "declare min and max of the summed column, and max_rows_per_subject of joined tables, in the "
      "federation file");
}

absl::Status StarPlacement::PlaceGroups(CellsNode& cells) {
  bool known_to_spine = true;
  for (ColumnId column : question_.top.group_by) {
    ExpressionPtr group = Resolve(MakeColumn(column, columns_[column].type), question_.upper);
    if (question_.inner) group = Resolve(Resolve(group, inner_results_), question_.lower);
    std::set<ColumnId> used;
    CollectColumns(group, used);
    for (ColumnId id : used) {
      if (Contains(question_.block.key_class, id)) {
        return Refuse({}, "GROUP BY the key would release a row for each person",
                      "group by what describes them");
      }
    }
    const ExpressionPtr local = group_rows_leaf_ >= 0 ? group : Localize(group, -1);
    const auto* plain = std::get_if<ColumnExpression>(&local->node);
    ColumnId id = 0;
    if (group_rows_leaf_ >= 0) {
      const std::set<int> touched = LeavesOf(group);
      if (touched.size() != 1 || *touched.begin() != group_rows_leaf_) {
        return Refuse(
            {},
            "grouping by a column of a table with many rows a key together with another table's column is "
            "not supported yet");
      }
      if (const auto* direct = std::get_if<ColumnExpression>(&group->node)) {
        id = direct->column;
      } else {
        ColumnInfo info = DerivedColumn(group, columns_);
        info.name = columns_[column].name;
        columns_.push_back(info);
        id = static_cast<ColumnId>(columns_.size() - 1);
      }
      sites_[group_rows_site_].Request(MakeColumn(id, columns_[id].type), columns_);
    } else if (plain == nullptr) {
      return Refuse({}, absl::StrCat("GROUP BY ", std::string(columns_[column].name),
                                     " mixes columns of several owners, which is not supported yet"));
    } else {
      id = plain->column;
    }
    if (columns_[id].table < 0) columns_[id].name = columns_[column].name;
    const std::optional<GroupDomain> domain = DomainOf(id, columns_[id]);
    if (!domain) {
      return Refuse({},
                    absl::StrCat("GROUP BY ", std::string(columns_[column].name), " needs a public domain"),
                    "declare `domain` (text) or `min` and `max` (integer) of the column, or group by a CASE "
                    "of constants");
    }
    if (SiteOfColumn(id, group_rows_site_) != 0) known_to_spine = false;
    cells.groups.push_back(*domain);
  }
  if (cells.cells() > kMaxCells)
    return Refuse({}, absl::StrCat("the groups span ", cells.cells(), " cells, more than ", kMaxCells));
  cells.method = !cells.groups.empty() && known_to_spine ? GroupMethod::kBoundaries : GroupMethod::kOneHot;
  if (group_rows_leaf_ >= 0) cells.method = GroupMethod::kRowBoundaries;
  return absl::OkStatus();
}

absl::Status StarPlacement::PlaceTopCalls(PhysicalPlan& plan) {
  CellsNode cells;
  CARE_RETURN_IF_ERROR(PlaceGroups(cells));
  GateNode gate;
  AddMeasure(cells, Measure{.name = "persons"});
  gate.person_measures.push_back(0);
  if (group_rows_leaf_ >= 0) {
    CARE_RETURN_IF_ERROR(PlaceGroupRows(cells, gate, plan));
  } else {
    for (const NamedAggregate& named : question_.top.calls) {
      const AggregateCall& call = named.call;
      CARE_ASSIGN_OR_RETURN(TopMeasures measures, MeasuresOf(call));
      FinishCall finish{.column = named.column, .function = call.function, .type = call.type};
      const std::string name = columns_[named.column].name;
      measures.count.name = absl::StrCat("count of ", name);
      measures.persons.name = absl::StrCat("persons in ", name);
      finish.count_measure = AddMeasure(cells, measures.count);
      if (measures.has_sum) {
        measures.sum.name = absl::StrCat("sum of ", name);
        finish.scale = RingScale(measures.sum.value, columns_);
        finish.sum_measure = AddMeasure(cells, measures.sum);
      }
      const std::uint32_t persons = AddMeasure(cells, measures.persons);
      if (!Contains(gate.person_measures, persons)) gate.person_measures.push_back(persons);
      plan.calls.push_back(finish);
    }
  }
  for (std::size_t i = 0; i < sites_.size(); ++i) FinishSite(sites_[i], static_cast<int>(i));
  CARE_RETURN_IF_ERROR(CheckSizes());
  for (const Measure& measure : cells.measures) CARE_RETURN_IF_ERROR(CheckRing(measure));
  CARE_RETURN_IF_ERROR(CollectForms(cells, plan));
  Emit(std::move(cells), plan);
  gate.cells = static_cast<NodeId>(plan.nodes.size() - 1);
  plan.nodes.push_back(gate);
  plan.columns = columns_;
  plan.null_where_zero = null_where_zero_;
  return absl::OkStatus();
}

// The groups are columns of the spine owner's own rows: it aggregates per (key, group) in its database, and
// each such row is one person in one cell. What other owners know enters as one bit a row.
absl::Status StarPlacement::PlaceGroupRows(CellsNode& cells, GateNode& gate, PhysicalPlan& plan) {
  LeafPlan& planned = leaves_[group_rows_leaf_];
  Site& site = sites_[group_rows_site_];
  const ColumnId key = question_.block.leaves[group_rows_leaf_].key;
  // Group expressions become columns below the owner's aggregate.
  ProjectNode below{planned.node, {}};
  for (ColumnId column : OutputColumns(*planned.node)) {
    below.columns.push_back({column, MakeColumn(column, columns_[column].type)});
  }
  std::vector<ColumnId> group_by{key};
  for (std::size_t i = 0; i < question_.top.group_by.size(); ++i) {
    const ColumnId column = question_.top.group_by[i];
    const ExpressionPtr group = Resolve(MakeColumn(column, columns_[column].type), question_.upper);
    if (!std::holds_alternative<ColumnExpression>(group->node))
      below.columns.push_back({cells.groups[i].column, group});
    group_by.push_back(cells.groups[i].column);
  }
  AggregateNode rows{MakeNode(below), group_by, {}};
  const auto add_partial = [&](AggregateFunction function, const ExpressionPtr& argument,
                               const ExpressionPtr& filter) {
    ColumnInfo info{.type = kBigIntType, .nullable = false};
    if (function == AggregateFunction::kSum && argument->type.kind == TypeKind::kNumeric) {
      info.type = {TypeKind::kNumeric, 18, RingScale(argument, columns_)};
      info.nullable = true;
    }
    info.name = "per_key_and_group";
    columns_.push_back(info);
    const auto id = static_cast<ColumnId>(columns_.size() - 1);
    rows.calls.push_back(
        {id, AggregateCall{.function = function, .argument = argument, .filter = filter, .type = info.type}});
    return id;
  };
  cells.measure_columns.push_back(site.Request(CountLiteral(1), columns_));
  for (const NamedAggregate& named : question_.top.calls) {
    const AggregateCall& call = named.call;
    const ExpressionPtr argument =
        call.argument ? DropKeyColumns(Resolve(call.argument, question_.upper)) : nullptr;
    const ExpressionPtr filter =
        call.filter ? DropKeyColumns(Resolve(call.filter, question_.upper)) : nullptr;
    std::set<int> touched = LeavesOf(argument);
    touched.merge(LeavesOf(filter));
    touched.erase(group_rows_leaf_);
    if (!touched.empty()) {
      return Refuse(
          call.position,
          "an aggregate over another owner's column, grouped by rows of this one, is not supported yet");
    }
    FinishCall finish{.column = named.column, .function = call.function, .type = call.type};
    const std::string name = columns_[named.column].name;
    const bool is_key = call.argument != nullptr && LeavesOf(argument).empty();
    const bool sums =
        call.function == AggregateFunction::kSum || call.function == AggregateFunction::kAverage;
    if (!sums && call.function != AggregateFunction::kCount &&
        call.function != AggregateFunction::kCountStar) {
      return Refuse(call.position,
                    "MIN, MAX, BOOL_AND and BOOL_OR over several owners' rows are not supported yet");
    }
    if (call.distinct && !is_key)
      return Refuse(call.position,
                    "DISTINCT of a column other than the key is not supported yet across owners");
    const bool counts_values = argument != nullptr && !is_key;
    const ColumnId count =
        add_partial(counts_values ? AggregateFunction::kCount : AggregateFunction::kCountStar,
                    counts_values ? argument : nullptr, filter);
    const auto add = [&](std::string label, ColumnId column) {
      for (std::size_t i = 0; i < cells.measure_columns.size(); ++i) {
        if (cells.measure_columns[i] == column) return static_cast<std::uint32_t>(i);
      }
      cells.measures.push_back(Measure{.name = std::move(label)});
      cells.measure_columns.push_back(column);
      return static_cast<std::uint32_t>(cells.measures.size() - 1);
    };
    const ExpressionPtr counted = MakeColumn(count, kBigIntType);
    // A row stands for a person with at least one row of the table: without a condition everybody
    // contributes.
    const bool everybody = !filter && !(counts_values && DerivedColumn(argument, columns_).nullable);
    const ColumnId person =
        everybody ? cells.measure_columns[0]
                  : site.Request(When(MakeCall(Function::kGreater, {counted, CountLiteral(0)}, kBooleanType),
                                      CountLiteral(1), CountLiteral(0)),
                                 columns_);
    const std::uint32_t persons = add(absl::StrCat("persons in ", name), person);
    if (!Contains(gate.person_measures, persons)) gate.person_measures.push_back(persons);
    if (call.distinct) {
      finish.count_measure = persons;
    } else {
      finish.count_measure = add(absl::StrCat("count of ", name), site.Request(counted, columns_));
    }
    if (sums) {
      const ColumnInfo facts = DerivedColumn(argument, columns_);
      const UInt128 bound = Magnitude(facts) * question_.block.leaves[group_rows_leaf_].row_bound;
      if (bound >> 62 != 0) {
        return Refuse(call.position, "the declared ranges do not prove that this sum fits 63 bits",
                      "declare min and max of the summed column in the federation file");
      }
      const ColumnId sum = add_partial(AggregateFunction::kSum, argument, filter);
      finish.scale = RingScale(argument, columns_);
      finish.sum_measure =
          add(absl::StrCat("sum of ", name), site.Request(MakeColumn(sum, columns_[sum].type), columns_));
    }
    plan.calls.push_back(finish);
  }
  planned.keys = planned.node;
  planned.node = MakeNode(std::move(rows));
  return absl::OkStatus();
}

}  // namespace care::planner
