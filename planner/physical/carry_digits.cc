#include "planner/physical/carry_digits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/joint_expressions.h"

namespace care::planner {
namespace {

// Windows know MAX of numbers.
ExpressionPtr AsNumber(const ExpressionPtr& flag) { return When(flag, CountLiteral(1), CountLiteral(0)); }

}  // namespace

ColumnId DigitCarrier::Flag(std::string name, DataType type) {
  ColumnInfo info;
  info.name = std::move(name);
  info.type = type;
  return plan_.AddColumn(std::move(info));
}

ColumnId DigitCarrier::FlagOf(ColumnId column, std::uint8_t scale) {
  const auto known = flags_.find({column, scale});
  if (known != flags_.end()) return known->second;
  const bool two = digits_.Of(MakeColumn(column, plan_.columns[column].type))->size() == 2;
  const std::string name = two ? absl::StrCat(plan_.columns[column].name, " has decimals")
                               : absl::StrCat(plan_.columns[column].name, " has ", scale, " or more decimals");
  return flags_[{column, scale}] = Flag(name, kBooleanType);
}

ExpressionPtr DigitCarrier::AtLeast(const ExpressionPtr& expression, std::uint8_t scale, Wanted& wanted) {
  return digits_.AtLeast(expression, scale, [&](ColumnId column, std::uint8_t needed) {
    wanted.insert({column, needed});
    return MakeColumn(FlagOf(column, needed), kBooleanType);
  });
}

absl::Status DigitCarrier::Undetermined(ColumnId column, sql::SourcePosition position) const {
  return sql::QueryError(sql_, position,
                         absl::StrCat("the digits of \"", plan_.columns[column].name,
                                      "\" would depend on which rows it comes from: it mixes numbers of different scales"),
                         kVaryingScaleHint);
}

absl::StatusOr<LogicalPtr> DigitCarrier::Carry(const LogicalPtr& node, const Wanted& wanted, sql::SourcePosition position) {
  if (wanted.empty()) return node;
  const auto known = carried_.find({node.get(), wanted});
  if (known != carried_.end()) return known->second;
  CARE_ASSIGN_OR_RETURN(LogicalPtr carried, CarryNew(node, wanted, position));
  return carried_[{node.get(), wanted}] = carried;
}

absl::StatusOr<LogicalPtr> DigitCarrier::CarryNew(const LogicalPtr& node, const Wanted& wanted, sql::SourcePosition position) {
  if (const auto* project = std::get_if<ProjectNode>(&node->node)) return Project(*project, wanted, position);
  if (const auto* join = std::get_if<JoinNode>(&node->node)) return Join(node, *join, wanted, position);
  if (const auto* aggregate = std::get_if<AggregateNode>(&node->node)) return Aggregate(*aggregate, wanted, position);
  if (const auto* operation = std::get_if<SetOperationNode>(&node->node)) return UnionAll(*operation, wanted, position);
  if (const auto* window = std::get_if<WindowNode>(&node->node)) return Window(*window, wanted, position);
  if (const auto* values = std::get_if<ValuesNode>(&node->node)) {
    ValuesNode wider = *values;
    for (const auto& [column, scale] : wanted) {
      const auto place = std::find(values->columns.begin(), values->columns.end(), column) - values->columns.begin();
      wider.columns.push_back(FlagOf(column, scale));
      for (std::vector<Value>& row : wider.rows) {
        const auto* decimal = std::get_if<Decimal>(&row[place]);
        row.emplace_back(decimal != nullptr && decimal->scale >= static_cast<int>(scale));
      }
    }
    return MakeNode(std::move(wider));
  }
  const bool passes = std::holds_alternative<FilterNode>(node->node) || std::holds_alternative<SortNode>(node->node) ||
                      std::holds_alternative<LimitNode>(node->node);
  if (!passes) return Undetermined(wanted.begin()->first, position);
  CARE_ASSIGN_OR_RETURN(LogicalPtr below, Carry(ChildrenOf(*node)[0], wanted, position));
  return WithChildren(node, {std::move(below)});
}

absl::StatusOr<LogicalPtr> DigitCarrier::Project(const ProjectNode& project, const Wanted& wanted, sql::SourcePosition position) {
  Wanted below;
  ProjectNode wider{nullptr, project.columns};
  for (const auto& [column, scale] : wanted) {
    const auto item = std::find_if(project.columns.begin(), project.columns.end(),
                                   [column = column](const NamedExpression& named) { return named.column == column; });
    if (item == project.columns.end()) return absl::InternalError("a projection lacks a column whose digits are asked for");
    const auto* passed = std::get_if<ColumnExpression>(&item->expression->node);
    const ColumnId flag = FlagOf(column, scale);
    if (passed != nullptr && passed->column == column) {
      below.insert({column, scale});
      wider.columns.push_back({flag, MakeColumn(flag, kBooleanType)});
    } else {
      wider.columns.push_back({flag, AtLeast(item->expression, scale, below)});
    }
  }
  CARE_ASSIGN_OR_RETURN(wider.child, Carry(project.child, below, position));
  return MakeNode(std::move(wider));
}

absl::StatusOr<LogicalPtr> DigitCarrier::Join(const LogicalPtr& node, const JoinNode& join, const Wanted& wanted,
                                              sql::SourcePosition position) {
  Wanted left, right;
  const std::vector<ColumnId> outputs = OutputColumns(*join.left);
  for (const auto& item : wanted) (Contains(outputs, item.first) ? left : right).insert(item);
  CARE_ASSIGN_OR_RETURN(LogicalPtr new_left, Carry(join.left, left, position));
  CARE_ASSIGN_OR_RETURN(LogicalPtr new_right, Carry(join.right, right, position));
  return WithChildren(node, {std::move(new_left), std::move(new_right)});
}

absl::StatusOr<LogicalPtr> DigitCarrier::Aggregate(const AggregateNode& aggregate, const Wanted& wanted, sql::SourcePosition position) {
  Wanted below;
  AggregateNode wider = aggregate;
  for (const auto& [column, scale] : wanted) {
    const auto named = std::find_if(aggregate.calls.begin(), aggregate.calls.end(),
                                    [column = column](const NamedAggregate& call) { return call.column == column; });
    if (named == aggregate.calls.end() || named->call.function != AggregateFunction::kSum || named->call.distinct)
      return Undetermined(column, position);
    AggregateCall any;
    any.function = AggregateFunction::kBoolOr;
    any.argument = When(NotNull(named->call.argument), AtLeast(named->call.argument, scale, below), nullptr);
    any.filter = named->call.filter;
    any.type = kBooleanType;
    any.position = named->call.position;
    wider.calls.push_back({FlagOf(column, scale), std::move(any)});
  }
  CARE_ASSIGN_OR_RETURN(wider.child, Carry(aggregate.child, below, position));
  return MakeNode(std::move(wider));
}

absl::StatusOr<LogicalPtr> DigitCarrier::UnionAll(const SetOperationNode& operation, const Wanted& wanted, sql::SourcePosition position) {
  if (operation.kind != sql::SetOperationKind::kUnion || !operation.all) return Undetermined(wanted.begin()->first, position);
  SetOperationNode wider = operation;
  for (const auto& [column, scale] : wanted) wider.columns.push_back(FlagOf(column, scale));
  for (std::size_t input = 0; input < operation.inputs.size(); ++input) {
    Wanted below;
    ProjectNode marked;
    for (ColumnId output : OutputColumns(*operation.inputs[input]))
      marked.columns.push_back({output, MakeColumn(output, plan_.columns[output].type)});
    for (const auto& [column, scale] : wanted) {
      const auto place = std::find(operation.columns.begin(), operation.columns.end(), column) - operation.columns.begin();
      const ColumnId source = operation.input_columns[input][place];
      const ColumnId flag = Flag(absl::StrCat(plan_.columns[column].name, " has decimals"), kBooleanType);
      marked.columns.push_back({flag, AtLeast(MakeColumn(source, plan_.columns[source].type), scale, below)});
      wider.input_columns[input].push_back(flag);
    }
    CARE_ASSIGN_OR_RETURN(marked.child, Carry(operation.inputs[input], below, position));
    wider.inputs[input] = MakeNode(std::move(marked));
  }
  return MakeNode(std::move(wider));
}

absl::StatusOr<LogicalPtr> DigitCarrier::Window(const WindowNode& window, const Wanted& wanted, sql::SourcePosition position) {
  Wanted below;
  WindowNode wider = window;
  ProjectNode above;
  for (ColumnId output : OutputColumns(*window.child)) above.columns.push_back({output, MakeColumn(output, plan_.columns[output].type)});
  for (const NamedWindowCall& named : window.calls) above.columns.push_back({named.column, MakeColumn(named.column, named.call.type)});
  for (const auto& [column, scale] : wanted) {
    const ColumnId flag = FlagOf(column, scale);
    const auto named = std::find_if(window.calls.begin(), window.calls.end(),
                                    [column = column](const NamedWindowCall& call) { return call.column == column; });
    if (named == window.calls.end()) {
      below.insert({column, scale});
      above.columns.push_back({flag, MakeColumn(flag, kBooleanType)});
      continue;
    }
    WindowCall call = named->call;
    if (call.function == WindowFunction::kMin || call.function == WindowFunction::kMax) return Undetermined(column, position);
    const ExpressionPtr has = AtLeast(call.argument, scale, below);
    if (call.function == WindowFunction::kSum) {
      call.function = WindowFunction::kMax;
      call.argument = When(NotNull(call.argument), AsNumber(has), nullptr);
    } else {
      call.argument = AsNumber(has);
    }
    if (call.fallback != nullptr) call.fallback = AsNumber(AtLeast(call.fallback, scale, below));
    call.type = kBigIntType;
    const ColumnId number = Flag(plan_.columns[flag].name, kBigIntType);
    above.columns.push_back({flag, MakeCall(Function::kEqual, {MakeColumn(number, kBigIntType), CountLiteral(1)}, kBooleanType)});
    wider.calls.push_back({number, std::move(call)});
  }
  CARE_ASSIGN_OR_RETURN(wider.child, Carry(window.child, below, position));
  above.child = MakeNode(std::move(wider));
  return MakeNode(std::move(above));
}

}  // namespace care::planner
