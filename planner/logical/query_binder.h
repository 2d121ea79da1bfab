// planner/logical/query_binder.h
//
// The state of one binding, internal to the binder: one method for each construct, in files by topic
// (bind_from.cc, bind_select.cc, bind_aggregate.cc, bind_grouping_sets.cc, bind_groups_of_groups.cc, bind_expression.cc, bind_operator.cc,
// bind_function.cc, bind_fixed_point.cc, bind_subquery.cc, bind_set_operation.cc, bind_window.cc, column_uses.cc). Queries bind from the inside out; a block does not know whether its rows will be released
// or be aggregated again, so it carries along why each would have to be refused, and whoever consumes it
// asks.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grammar/ast.h"
#include "planner/logical/binder.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

struct NamedColumn {
  std::string name;
  ColumnId column;
  DataType shown_as = {};  // double precision or real of a column that is computed as a NUMERIC; unknown of any other
};

// One name of a FROM clause. Columns merged away by USING keep their qualified name only.
struct ScopeTable {
  std::string schema;  // empty where an alias or a subquery hides it
  std::string name;
  std::vector<NamedColumn> columns;
  std::set<std::string> merged;
};

struct Scope {
  std::vector<ScopeTable> tables;
  const Scope* enclosing = nullptr;  // the query around it, whose columns a subquery may read
  bool readable = true;              // false: FROM's earlier tables, which only LATERAL could read
};

// Common tables in force, innermost first.
struct CommonTableFrame {
  const sql::CommonTable* table;
  const CommonTableFrame* next;
};

// Rows under names, and what is wrong with them for each kind of consumer.
struct BoundRows {
  LogicalPtr plan;
  std::vector<NamedColumn> columns;
  absl::Status if_aggregated;  // why they cannot be the input of an aggregate or a join
  absl::Status if_released;    // why their outermost aggregate cannot be released
  absl::Status if_row_level;   // why they are not groups
};

struct BoundFrom {
  LogicalPtr plan;
  std::vector<ScopeTable> tables;
  absl::Status if_aggregated;
  absl::Status if_released;
  absl::Status if_row_level;
};

// GROUPING(a, b), before it is known which groups its arguments are.
struct BoundGrouping {
  ColumnId column;
  std::vector<ExpressionPtr> arguments;
  sql::SourcePosition position;
};

// What a GROUP BY clause says.
struct BoundGroups {
  std::vector<ExpressionPtr> expressions;
  std::vector<std::vector<std::uint32_t>> sets;  // positions in `expressions`; one set of all of them without ROLLUP and the like
  sql::SourcePosition position;                  // of ROLLUP, CUBE or GROUPING SETS

  bool IsPlain() const { return sets.size() == 1; }
};

// The calls over one window, before its expressions are columns.
struct BoundWindow {
  std::vector<ExpressionPtr> partition_by;
  std::vector<SortKey> order_by;
  std::vector<NamedWindowCall> calls;
  std::optional<sql::SourcePosition> by_rows;  // its order must tell all rows apart: a frame is of ROWS, taken as of RANGE
};

struct ExpressionContext {
  const Scope* scope;
  std::string_view clause;                            // "WHERE": for messages
  std::vector<NamedAggregate>* aggregates = nullptr;  // null: aggregates are not allowed here
  const CommonTableFrame* frames = nullptr;           // what a subquery may name
  std::vector<BoundWindow>* windows = nullptr;        // null: window functions are not allowed here
  const std::vector<sql::NamedWindow>* named_windows = nullptr;
  std::vector<BoundGrouping>* groupings = nullptr;  // null: GROUPING is not allowed here
  bool of_released = false;                         // the block's rows are groups that are released
};

// How an expression's value is used (column rules).
enum class ColumnUse { kInner, kFilter, kCount, kAggregate, kGroupKey, kExtreme };

inline constexpr std::string_view kUnnamedGroup = "group";

class QueryBinder {
 public:
  QueryBinder(std::string_view sql, const Catalog& catalog, const BindContext& context)
      : sql_(sql), catalog_(catalog), context_(context) {}

  absl::StatusOr<LogicalPlan> BindTop(const sql::SelectStatement& statement);
  // The columns alone, of a statement that may yield rows.
  absl::StatusOr<std::vector<OutputColumn>> BindColumns(const sql::SelectStatement& statement);
  absl::StatusOr<bool> IsEmptied(const sql::SelectStatement& statement);  // by LIMIT 0
  absl::StatusOr<std::optional<ConstantRow>> BindConstants(const sql::SelectStatement& statement);

 private:
  using Result = absl::StatusOr<ExpressionPtr>;
  using Arguments = std::vector<ExpressionPtr>;

  // bind_select.cc
  struct Item {
    ExpressionPtr expression;
    std::string name;
    sql::SourcePosition position;
    bool untyped = false;  // NULL or a quoted constant by itself: a text unless a set operation says otherwise
    DataType shown_as = {};  // as NamedColumn's
  };
  struct BoundKeys {
    std::vector<SortKey> keys;
    std::vector<sql::SourcePosition> positions;
  };
  absl::StatusOr<BoundRows> BindStatement(const sql::SelectStatement& statement,
                                          const CommonTableFrame* frames, const Scope* enclosing);
  absl::StatusOr<BoundRows> BindCore(const sql::SelectCore& core, const sql::SelectStatement& statement,
                                     const CommonTableFrame* frames, const Scope* enclosing);
  absl::StatusOr<std::vector<Item>> BindItems(const sql::SelectCore& core, ExpressionContext& context);
  absl::StatusOr<BoundKeys> BindOrder(const sql::SelectStatement& statement, const std::vector<Item>& items,
                                      ExpressionContext& context);
  absl::StatusOr<LogicalPtr> AddLimit(const sql::SelectStatement& statement, LogicalPtr plan);
  absl::StatusOr<std::optional<std::uint64_t>> LimitValue(const sql::ExpressionPtr& expression,
                                                          std::string_view clause);
  absl::StatusOr<BoundRows> Finish(const sql::SelectCore& core, const sql::SelectStatement& statement,
                                   LogicalPtr plan, std::vector<Item> items, BoundKeys order, bool aggregated,
                                   BoundFrom from);
  absl::Status RowLevelError(const sql::SelectCore& core, const std::vector<Item>& items);
  absl::Status CheckGroupedUses(const std::vector<Item>& items, const BoundKeys& order,
                                const ExpressionPtr& having, const std::vector<NamedAggregate>& calls) const;
  absl::Status CheckWindowNames(const sql::SelectCore& core);
  void NoteLimit(const sql::SelectStatement& statement, BoundRows& rows) const;

  // bind_set_operation.cc
  absl::StatusOr<BoundRows> BindSetOperation(const sql::SetOperation& operation, const CommonTableFrame* frames,
                                             const Scope* enclosing);
  absl::StatusOr<BoundRows> Combine(sql::SetOperationKind kind, bool all, sql::SourcePosition position, BoundRows left,
                                    BoundRows right);
  ExpressionPtr UntypedConstant(ColumnId column) const;  // null if it is none
  absl::StatusOr<BoundRows> OrderCombined(const sql::SelectStatement& statement, BoundRows rows);
  absl::StatusOr<BoundRows> BindPartitioned(const CatalogPartitioned& entry, sql::SourcePosition position);
  void FlattenUnion(LogicalPtr& plan) const;
  absl::StatusOr<BoundFrom> BindValues(const sql::ValuesTable& table, sql::SourcePosition position);

  // bind_window.cc
  absl::Status ReadWindow(const sql::WindowSpecification& specification, ExpressionContext& context, int depth,
                          BoundWindow& window, bool& reads_default_frame);
  // A frame whose ends are rows at constant distances; nothing of others.
  absl::StatusOr<std::optional<RowsFrame>> ReadRowsFrame(const sql::WindowFrame* frame, ExpressionContext& context);
  Result BindWindowCall(const sql::FunctionCall& call, sql::SourcePosition position, ExpressionContext& context);
  // The column of a call over a window, which it shares with other calls of the block. `shown_as`: of floating point.
  Result PlaceWindowCall(const std::string& name, WindowCall bound, BoundWindow window, const DataType& shown_as, ExpressionContext& context);
  // bind_window_share.cc
  Result BindShareWindow(const sql::FunctionCall& call, sql::SourcePosition position, ExpressionContext& context);
  absl::StatusOr<LogicalPtr> AddWindows(LogicalPtr plan, std::vector<BoundWindow> windows);

  // bind_from.cc
  BoundFrom OneRow(sql::SourcePosition position);
  absl::StatusOr<BoundFrom> BindFromList(const std::vector<sql::TableReference>& list,
                                         const CommonTableFrame* frames, const Scope* enclosing,
                                         sql::SourcePosition position);
  absl::StatusOr<BoundFrom> BindReference(const sql::TableReference& reference,
                                          const CommonTableFrame* frames, const Scope& siblings);
  absl::StatusOr<BoundFrom> BindNamedTable(const sql::NamedTable& table, sql::SourcePosition position,
                                           const CommonTableFrame* frames);
  absl::StatusOr<BoundFrom> BindJoin(const sql::Join& join, sql::SourcePosition position,
                                     const CommonTableFrame* frames, const Scope& siblings);
  absl::StatusOr<ExpressionPtr> BindUsing(const sql::Join& join, const std::vector<sql::Identifier>& names, BoundFrom& left,
                                          BoundFrom& right, std::vector<NamedExpression>& merged);
  absl::StatusOr<BoundFrom> AsTable(BoundRows rows, std::string_view alias, std::string_view name,
                                    const std::vector<sql::Identifier>& column_aliases,
                                    sql::SourcePosition position);
  BoundRows BindScan(int table);
  absl::StatusOr<BoundRows> BindView(const CatalogView& view, sql::SourcePosition position);
  absl::Status NoSuchTable(const sql::NamedTable& table, sql::SourcePosition position,
                           const CommonTableFrame* frames) const;

  // bind_aggregate.cc
  struct Grouping {
    std::vector<ExpressionPtr> expressions;
    std::vector<ColumnId> columns;
    std::set<ColumnId> calls;
    std::set<ColumnId> input;  // what the block's rows have; other columns are of a query around it
    bool in_sets = false;      // ROLLUP and the like: a column above stands for the group or for NULL
  };
  static bool IsAggregateName(std::string_view name);
  absl::Status BindArguments(const sql::FunctionCall& call, ExpressionContext& inner, AggregateCall& bound);
  absl::Status BindFraction(const sql::FunctionCall& call, sql::SourcePosition position, ExpressionContext& inner,
                            AggregateCall& bound);
  Result BindAggregate(const sql::FunctionCall& call, sql::SourcePosition position,
                       ExpressionContext& context);
  absl::Status RefuseOuterAggregate(const AggregateCall& call, const Scope& scope) const;
  absl::Status CheckAggregateUses(const AggregateCall& call, bool of_released);
  absl::StatusOr<ExpressionPtr> BindGroup(const sql::Expression& expression, const std::vector<Item>& items,
                                          const std::vector<NamedAggregate>& calls, ExpressionContext& context);
  // The block's input, with the computed groups as columns of it, and which column each group is.
  LogicalPtr WithGroups(LogicalPtr input, const std::vector<ExpressionPtr>& groups, Grouping& grouping);
  absl::StatusOr<LogicalPtr> Aggregate(LogicalPtr input, const BoundGroups& groups, std::vector<NamedAggregate> calls,
                                       const std::vector<BoundGrouping>& groupings, std::vector<ExpressionPtr*> outputs);
  Result ReplaceGrouped(const ExpressionPtr& expression, Grouping& grouping);
  bool DependsOnGroups(ColumnId column, const Grouping& grouping) const;
  absl::Status WhyNotReleased(const std::vector<ColumnId>& group_by, const std::vector<NamedAggregate>& calls,
                              const std::vector<ExpressionPtr>& groups);

  // bind_grouping_sets.cc
  // Gives a column of its own to each name of a subquery's columns, where grouping sets may tell two names of one column apart.
  void KeepGroupsApart(const sql::SelectCore& core, BoundFrom& from);
  absl::StatusOr<BoundGroups> BindGroupBy(const sql::SelectCore& core, const std::vector<Item>& items,
                                          const std::vector<NamedAggregate>& calls, ExpressionContext context);
  using GroupSets = std::vector<std::vector<std::uint32_t>>;
  absl::StatusOr<GroupSets> SetsOf(const sql::GroupingElement& element, const std::vector<Item>& items,
                                   const std::vector<NamedAggregate>& calls, ExpressionContext& context, BoundGroups& groups);
  Result BindGrouping(const sql::FunctionCall& call, sql::SourcePosition position, ExpressionContext& context);
  absl::StatusOr<std::vector<GroupingSetsNode::Grouping>> GroupingsOf(const std::vector<BoundGrouping>& groupings,
                                                                      const BoundGroups& groups) const;
  LogicalPtr OverSets(LogicalPtr input, const BoundGroups& groups, Grouping& grouping, std::vector<NamedAggregate> calls,
                      std::vector<GroupingSetsNode::Grouping> asked);

  // bind_expression.cc
  Result BindExpression(const sql::Expression& expression, ExpressionContext& context);
  Result BindBoolean(const sql::Expression& expression, ExpressionContext& context);
  Result BindNode(const sql::Literal& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::ColumnName& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Star& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Parameter& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Unary& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Binary& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Between& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::InList& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::InSubquery& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::QuantifiedSubquery& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::RowValue& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Exists& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Like& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::IsNull& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::IsDistinct& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::IsBoolean& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Case& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Cast& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::FunctionCall& node, sql::SourcePosition position, ExpressionContext& context);
  Result BindNode(const sql::Extract& node, sql::SourcePosition position, ExpressionContext& context);
  // A field of a date, also as DATE_PART asks for it.
  Result BindExtract(const std::string& field, const sql::Expression& written, sql::SourcePosition position,
                     ExpressionContext& context);
  Result BindNode(const sql::ScalarSubquery& node, sql::SourcePosition position, ExpressionContext& context);

  // bind_lateral.cc
  absl::StatusOr<BoundFrom> BindLateral(BoundFrom left, const sql::SubqueryTable& subquery, sql::SourcePosition position,
                                        const CommonTableFrame* frames, const Scope* enclosing);
  absl::StatusOr<BoundFrom> BindLateralJoin(const sql::Join& join, BoundFrom left, const sql::SubqueryTable& subquery,
                                            const CommonTableFrame* frames, const Scope& siblings);
  absl::Status CheckLastName(const std::vector<ScopeTable>& tables, sql::SourcePosition position) const;

  // bind_row_value.cc
  static bool IsRow(const sql::Expression& expression) { return std::holds_alternative<sql::RowValue>(expression.node); }
  absl::StatusOr<Arguments> BindRow(const sql::Expression& row, ExpressionContext& context);
  Result BindRowComparison(Function function, const sql::Expression& left, const sql::Expression& right,
                           sql::SourcePosition position, ExpressionContext& context);
  Result CompareRows(Function function, const Arguments& left, const Arguments& right, sql::SourcePosition position);
  Result BindRowInList(const sql::InList& node, sql::SourcePosition position, ExpressionContext& context);

  // bind_quantified.cc
  using RowCondition = std::function<Result(const std::vector<NamedColumn>&)>;
  Result AnyRowMeets(const sql::SelectStatement& statement, const RowCondition& condition, sql::SourcePosition position,
                     ExpressionContext& context);
  Result BindRowInSubquery(const sql::InSubquery& node, sql::SourcePosition position, ExpressionContext& context);

  // bind_groups_of_groups.cc
  bool KeepsPerson(const AggregateNode& aggregate) const;  // groups by whom rows are about
  // Whether all rows come of groups, some of which hold persons and do not keep them, and of rows about nobody.
  bool IsOfForgetfulGroups(const LogicalNode& node) const;
  // Rows about nobody that are joined with such groups: released as they are, of what is `read`.
  absl::StatusOr<LogicalPtr> ListedBesideGroups(const LogicalPtr& rows, const std::set<ColumnId>& read);
  // NULL where an outer join finds no partner, what a release yields has other names than the groups below it.
  void RenameGroups(BoundFrom& groups);
  // The release of one GROUP BY that yields what `outer` does over the groups below it; null where there is none.
  LogicalPtr MergeGroups(const AggregateNode& outer);

  // bind_subquery.cc
  absl::StatusOr<BoundRows> BindSubquery(const sql::SelectStatement& statement, ExpressionContext& context);
  void NoteSubquery(ColumnId column, const BoundRows& rows);
  absl::Status CheckGroupedSubquery(const SubqueryExpression& subquery, sql::SourcePosition position, Grouping& grouping);
  // Release goes directly above the topmost aggregates: what is above sees released groups only.
  // bind_rows.cc: `read` of the node's columns is listed; `otherwise` why not.
  absl::StatusOr<LogicalPtr> WithListedRows(const LogicalPtr& node, std::set<ColumnId> read, const absl::Status& otherwise);
  absl::StatusOr<LogicalPtr> WithRelease(const LogicalPtr& node, std::set<ColumnId> listed);
  absl::StatusOr<LogicalPtr> ReleaseBelow(const LogicalPtr& node, const std::set<ColumnId>& read);

  // bind_operator.cc
  Result Compare(Function function, ExpressionPtr left, ExpressionPtr right, sql::SourcePosition position);
  Result Arithmetic(Function function, ExpressionPtr left, ExpressionPtr right, sql::SourcePosition position);
  Result DateArithmetic(Function function, ExpressionPtr left, ExpressionPtr right,
                        sql::SourcePosition position);
  Result TimestampArithmetic(Function function, ExpressionPtr left, ExpressionPtr right, sql::SourcePosition position);
  // EXTRACT of a field of a date or timestamp, and of the interval between two timestamps.
  Result ExtractField(const std::string& field, ExpressionPtr source, sql::SourcePosition position);
  Result ExtractOfDifference(const std::string& field, ExpressionPtr left, ExpressionPtr right, sql::SourcePosition position);
  Result BindExtractOfAge(const std::string& field, const sql::FunctionCall& call, sql::SourcePosition position, ExpressionContext& context);
  // bind_age.cc: of dates or timestamps.
  Result ExtractOfAge(const std::string& field, ExpressionPtr later, ExpressionPtr earlier, sql::SourcePosition position);
  Result Moved(ExpressionPtr sum) const;  // of a constant date or timestamp, refused where it leaves the calendar
  Result Negate(ExpressionPtr operand, sql::SourcePosition position);
  Result CastTo(ExpressionPtr operand, const DataType& type, sql::SourcePosition position);
  // Brings all to their common type; `what` names the construct in the error.
  absl::StatusOr<DataType> Unify(Arguments& values, std::string_view what, sql::SourcePosition position);
  Result CoerceTo(const ExpressionPtr& expression, const DataType& type);
  // date + interval and DATE_TRUNC of a date are timestamps in PostgreSQL. They are computed as dates, which is cheaper to
  // compare and to share, and become what they are where that shows: in results, groups, texts.
  ExpressionPtr MarkTimestamp(ExpressionPtr expression, const DataType& type);
  ExpressionPtr AsTimestamp(const ExpressionPtr& expression) const;

  // bind_function.cc
  Result BindScalarFunction(const sql::FunctionCall& call, sql::SourcePosition position,
                            ExpressionContext& context);
  // bind_format.cc
  Result BindToChar(Arguments arguments, sql::SourcePosition position);
  Result BindReadByFormat(bool as_date, const Arguments& arguments, sql::SourcePosition position);  // TO_DATE, TO_TIMESTAMP
  // bind_text_function.cc
  Result TextFunction(const sql::FunctionCall& call, Arguments arguments, sql::SourcePosition position);
  Result ConcatFunction(const sql::FunctionCall& call, Arguments arguments, sql::SourcePosition position);
  // bind_rewritten_function.cc: functions that are expressions of others.
  Result RewrittenNumberFunction(const sql::FunctionCall& call, Arguments arguments, sql::SourcePosition position);
  Result WholeQuotient(const ExpressionPtr& x, const ExpressionPtr& by, sql::SourcePosition position);  // DIV: towards zero
  Result RewrittenField(std::string_view field, const ExpressionPtr& date, sql::SourcePosition position);  // null: no such field
  Result NumberFunction(const sql::FunctionCall& call, Arguments arguments, sql::SourcePosition position);
  Result FloatFunction(const sql::FunctionCall& call, Arguments arguments, sql::SourcePosition position);
  absl::Status NoSuchFunction(const sql::FunctionCall& call, const Arguments& arguments,
                              sql::SourcePosition position) const;

  // bind_fixed_point.cc
  void ShowFloats(BoundRows& rows);  // the plan's root yields floating point where the columns are shown as that
  ExpressionPtr Reference(const NamedColumn& column, sql::SourcePosition position) const;  // what its name stands for
  bool IsFixedPoint(const ExpressionPtr& exact) const;
  bool KeepsDigits(const ExpressionPtr& exact) const;
  // The exact number whose cast to floating point this is, where there is one; sums of rounded numbers count as the rounded sum.
  std::optional<ExpressionPtr> ExactOf(const ExpressionPtr& expression) const;
  std::optional<std::vector<ExpressionPtr>> AllExact(const std::vector<ExpressionPtr>& expressions) const;
  std::optional<ExpressionPtr> ExactCall(const CallExpression& call, sql::SourcePosition position) const;
  std::optional<ExpressionPtr> ExactProduct(const ExpressionPtr& left, const ExpressionPtr& right, sql::SourcePosition position) const;
  // What to compare instead of floating point, if that decides alike.
  std::optional<std::pair<ExpressionPtr, ExpressionPtr>> ExactSides(const ExpressionPtr& left, const ExpressionPtr& right) const;
  ExpressionPtr WithoutCast(const ExpressionPtr& expression) const;  // null if it is no cast of an exact number of 15 digits
  ExpressionPtr FixedPointOf(const ExpressionPtr& expression) const;  // likewise, or computed of fixed points; null if neither
  ExpressionPtr ExactChoiceOf(const ExpressionPtr& expression) const;  // likewise, where it chooses among such and computes none
  // The same numbers with as many decimals.
  static std::optional<ExpressionPtr> AtScale(const ExpressionPtr& expression, int scale);
  static std::optional<std::vector<ExpressionPtr>> AtOneScale(const std::vector<ExpressionPtr>& values);
  static DataType FloatResult(AggregateFunction function, const DataType& argument);
  absl::Status MakeExact(AggregateCall& call, std::string_view name);

  // column_uses.cc
  absl::Status CheckUses(const ExpressionPtr& expression, ColumnUse use) const;
  absl::Status CheckKeyPair(const ExpressionPtr& left, const ExpressionPtr& right,
                            sql::SourcePosition position) const;
  absl::Status CheckColumn(ColumnId column, ColumnUse use, sql::SourcePosition position) const;
  const CatalogColumn* KeyOf(const ExpressionPtr& expression) const;  // null if it is not a bare key column
  absl::Status KeyError(const ExpressionPtr& expression, bool constant) const;
  std::set<ColumnId> OriginsOf(const ExpressionPtr& expression) const;
  std::set<ColumnId> OrdersOf(const ExpressionPtr& expression) const;
  // Whether rows may be chosen by it, as LIMIT does by an order: a filter, or a value that is listed anyway.
  absl::Status MayChooseRows(const ExpressionPtr& expression) const;
  // Whether a numeric's digits depend on its value (type_rules.h), also through columns of subqueries.
  bool OpenScale(const ExpressionPtr& expression) const;
  const Expression* ProductOfQuotients(const ExpressionPtr& expression) const;
  absl::Status WhyRaising(const ExpressionPtr& expression) const;

  // binder.cc
  absl::Status Error(sql::SourcePosition position, std::string_view message,
                     std::string_view hint = {}) const;
  absl::Status NotYet(sql::SourcePosition position, std::string_view construct,
                      std::string_view hint = {}) const;
  ColumnId AddColumn(ColumnInfo info, std::set<ColumnId> origins, int scan);
  ColumnId AddComputed(const ExpressionPtr& expression, std::string_view name);
  std::size_t WrittenOut(const ExpressionPtr& expression) const;

  std::string_view sql_;  // the text that positions refer to: the analyst's, or a view's while it is expanded
  std::string view_;      // whose text that is; empty: the analyst's
  const Catalog& catalog_;
  const BindContext& context_;
  LogicalPlan plan_;
  std::vector<std::set<ColumnId>> origins_;  // by ColumnId: the base columns whose values it carries
  std::map<ColumnId, std::size_t> parts_;    // computed columns: how many parts the expression has, written out down to its tables
  absl::Status too_large_;                   // some column has too many
  std::map<ColumnId, std::set<ColumnId>> ordered_by_;  // ranks and the like: the base columns whose order they tell
  std::vector<int> scans_;                   // by ColumnId: which scan yields it, -1 if none
  std::map<ColumnId, ExpressionPtr> untyped_;  // columns that are an untyped constant (Item::untyped)
  std::set<ColumnId> open_scale_;            // computed columns whose digits depend on the value: quotients, averages
  std::set<ColumnId> fixed_points_;          // columns that hold a declared fixed point, or are computed of one
  int next_scan_ = 0;
  std::size_t bound_relations_ = 0;
  std::set<const sql::CommonTable*> referenced_;
  std::vector<std::string> views_in_expansion_;
  std::deque<sql::Statement> view_statements_;
  std::vector<std::pair<ExpressionPtr, DataType>> timestamps_;
  std::map<ColumnId, absl::Status> released_subqueries_;  // by SubqueryExpression::column: why not released
};

// The rows of a subquery whose order means nothing to its consumer (an aggregate or a join).
LogicalPtr WithoutOrder(const LogicalPtr& node);

// Keeps the first reason.
inline void Note(absl::Status& slot, absl::Status reason) {
  if (slot.ok()) slot = std::move(reason);
}

}  // namespace care::planner
