#include "planner/physical/serialise.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

namespace care::planner {
namespace {

// One overload of Add for each kind of part; no catch-all, so that a new field or node must be thought of
// here.
class Writer {
 public:
  explicit Writer(const Catalog& catalog) : catalog_(catalog) {}

  std::string Take() { return std::move(bytes_); }

  void Number(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
  }
  void Signed(std::int64_t value) { Number(static_cast<std::uint64_t>(value)); }
  void Flag(bool value) { bytes_.push_back(value ? 1 : 0); }
  template <typename Enum>
  void Kind(Enum value) {
    bytes_.push_back(static_cast<char>(value));
  }
  void Text(std::string_view text) {
    Number(text.size());
    bytes_.append(text);
  }
  void Party(PartyId party) {
    const bool known = party < catalog_.parties.size();
    Flag(known);
    if (known)
      Text(catalog_.PartyName(party));
    else
      Number(party);
  }
  template <typename Items, typename AddItem>
  void List(const Items& items, AddItem add_item) {
    Number(items.size());
    for (const auto& item : items) add_item(item);
  }
  void Columns(const std::vector<ColumnId>& columns) {
    List(columns, [&](ColumnId column) { Number(column); });
  }
  template <typename Integer>
  void Optional(const std::optional<Integer>& value) {
    Flag(value.has_value());
    if (value) Number(static_cast<std::uint64_t>(*value));
  }

  void Add(const DataType& type) {
    Kind(type.kind);
    Number(type.precision);
    Number(type.scale);
    Number(type.max_length);
  }
  void Add(const Value& value) {
    Kind(value.index());
    std::visit(
        [&](const auto& part) {
          using Part = std::decay_t<decltype(part)>;
          if constexpr (std::is_same_v<Part, bool>) {
            Flag(part);
          } else if constexpr (std::is_same_v<Part, std::int64_t>) {
            Signed(part);
          } else if constexpr (std::is_same_v<Part, Decimal>) {
            const auto unscaled = static_cast<UInt128>(part.unscaled);
            Number(static_cast<std::uint64_t>(unscaled));
            Number(static_cast<std::uint64_t>(unscaled >> 64));
            Signed(part.scale);
          } else if constexpr (std::is_same_v<Part, Date>) {
            Signed(part.days);
          } else if constexpr (std::is_same_v<Part, std::string>) {
            Text(part);
          } else if constexpr (std::is_same_v<Part, double>) {
            Number(std::bit_cast<std::uint64_t>(part));
          } else if constexpr (std::is_same_v<Part, float>) {
            Number(std::bit_cast<std::uint32_t>(part));
          } else if constexpr (std::is_same_v<Part, Interval>) {
            Signed(part.months);
            Signed(part.days);
            Signed(part.microseconds);
          } else if constexpr (std::is_same_v<Part, Timestamp>) {
            Signed(part.microseconds);
            Flag(part.with_time_zone);
          } else {
            static_assert(std::is_same_v<Part, Null>);
          }
        },
        value);
  }
  void Add(const ExpressionPtr& expression) {
    Flag(expression != nullptr);
    if (!expression) return;
    Kind(expression->node.index());
    Add(expression->type);
    std::visit([&](const auto& node) { Add(node); }, expression->node);
  }
  void Add(const LiteralExpression& literal) { Add(literal.value); }
  void Add(const ColumnExpression& column) { Number(column.column); }
  void Add(const CallExpression& call) {
    Kind(call.function);
    List(call.arguments, [&](const ExpressionPtr& argument) { Add(argument); });
  }
  void Add(const CaseExpression& chosen) {
    List(chosen.branches, [&](const CaseExpression::Branch& branch) {
      Add(branch.condition);
      Add(branch.result);
    });
    Add(chosen.otherwise);
  }
  void Add(const CastExpression& cast) { Add(cast.operand); }
  void Add(const InListExpression& in) {
    Add(in.operand);
    List(in.values, [&](const Value& value) { Add(value); });
  }
  void Add(const SubqueryExpression& subquery) {
    Kind(subquery.kind);
    Add(subquery.operand);
    Add(subquery.plan);
    Number(subquery.column);
  }
  void Add(const AggregateCall& call) {
    Kind(call.function);
    Flag(call.distinct);
    Add(call.argument);
    Add(call.second);
    Add(call.filter);
    Add(Value(call.fraction));
    Flag(call.descending);
    Add(call.type);
  }
  void Add(const ColumnInfo& info) {
    Text(info.name);
    Add(info.type);
    Flag(info.nullable);
    Flag(info.table >= 0);
    if (info.table >= 0) {
      const CatalogTable& table = catalog_.tables[info.table];
      Text(table.FullName());
      Text(table.columns[info.table_column].name);
    }
    Optional(info.min);
    Optional(info.max);
    List(info.domain, [&](const std::string& value) { Text(value); });
    Number(info.max_bytes);
    Text(info.period);
  }
  void Add(const OutputColumn& output) {
    Number(output.column);
    Text(output.name);
    Add(output.type);
  }

  void Add(const LogicalPtr& node) {
    Flag(node != nullptr);
    if (!node) return;
    Kind(node->node.index());
    std::visit([&](const auto& part) { Add(part); }, node->node);
  }
  void Add(const ScanNode& scan) {
    const CatalogTable& table = catalog_.tables[scan.table];
    Text(table.FullName());
    List(scan.columns, [&](const ScanNode::Output& output) {
      Number(output.column);
      Text(table.columns[output.table_column].name);
    });
  }
  void Add(const FilterNode& filter) {
    Add(filter.predicate);
    Add(filter.child);
  }
  void Add(const ProjectNode& project) {
    List(project.columns, [&](const NamedExpression& item) {
      Number(item.column);
      Add(item.expression);
    });
    Add(project.child);
  }
  void Add(const JoinNode& join) {
    Kind(join.kind);
    Add(join.condition);
    Add(join.left);
    Add(join.right);
  }
  void Add(const AggregateNode& aggregate) {
    Columns(aggregate.group_by);
    List(aggregate.calls, [&](const NamedAggregate& named) {
      Number(named.column);
      Add(named.call);
    });
    Add(aggregate.child);
  }
  void Add(const ReleaseNode& release) {
    Columns(release.read_by_gate);
    Add(release.child);
  }
  void Add(const SortNode& sort) {
    SortKeys(sort.keys);
    Add(sort.child);
  }
  void Add(const LimitNode& limit) {
    Optional(limit.limit);
    Number(limit.offset);
    Add(limit.child);
  }
  void Add(const DistinctNode& distinct) { Add(distinct.child); }
  void Add(const ValuesNode& values) {
    Columns(values.columns);
    List(values.rows, [&](const std::vector<Value>& row) { List(row, [&](const Value& value) { Add(value); }); });
  }
  void Add(const SetOperationNode& operation) {
    Kind(operation.kind);
    Flag(operation.all);
    Columns(operation.columns);
    List(operation.input_columns, [&](const std::vector<ColumnId>& columns) { Columns(columns); });
    List(operation.inputs, [&](const LogicalPtr& input) { Add(input); });
  }
  void SortKeys(const std::vector<SortKey>& keys) {
    List(keys, [&](const SortKey& key) {
      Add(key.expression);
      Flag(key.descending);
      Flag(key.nulls_first);
    });
  }
  void Add(const WindowNode& window) {
    Columns(window.partition_by);
    SortKeys(window.order_by);
    WindowCalls(window.calls);
    Add(window.child);
  }
  void Positions(const std::vector<std::uint32_t>& positions) {
    List(positions, [&](std::uint32_t position) { Number(position); });
  }
  void Add(const GroupingSetsNode& sets) {
    Columns(sets.keys);
    Columns(sets.key_outputs);
    List(sets.sets, [&](const std::vector<std::uint32_t>& set) { Positions(set); });
    List(sets.calls, [&](const NamedAggregate& named) {
      Number(named.column);
      Add(named.call);
    });
    List(sets.grouping, [&](const GroupingSetsNode::Grouping& grouping) {
      Number(grouping.column);
      Positions(grouping.keys);
    });
    Add(sets.child);
  }

  void Add(const SharedForm& form) {
    Number(form.column);
    Kind(form.form);
    Signed(form.base);
    Number(form.width);
    Flag(form.null_plane);
  }
  void Forms(const std::vector<SharedForm>& forms) {
    List(forms, [&](const SharedForm& form) { Add(form); });
  }
  void Add(const LocalNode& local) {
    Party(local.party);
    Add(local.fragment);
    Number(local.row_bound);
    Optional(local.key);
    Flag(local.key_unique);
    Optional(local.max_rows_per_key);
    // Not local.outside: it follows from the party and the federation file, whose digest is hashed as well.
  }
  void Add(const KeysNode& keys) {
    Number(keys.local);
    Forms(keys.columns);
    Columns(keys.order_by_groups);
  }
  void Add(const LookupNode& lookup) {
    Number(lookup.keys);
    Number(lookup.arm);
    Party(lookup.helper);
    Flag(lookup.keeps_unmatched);
    Forms(lookup.columns);
  }
  void Add(const RowsNode& rows) {
    Number(rows.local);
    Number(rows.keys);
    Forms(rows.columns);
    Forms(rows.expanded);
  }
  void Add(const RowSumsNode& sums) {
    Number(sums.rows);
    List(sums.sums, [&](const RowSum& sum) {
      Number(sum.output);
      Number(sum.value);
      Add(sum.condition);
    });
  }
  void Add(const ConditionNode& condition) {
    Number(condition.keys);
    Add(condition.predicate);
  }
  void Add(const CellsNode& cells) {
    Kind(cells.method);
    Number(cells.source);
    List(cells.groups, [&](const GroupDomain& group) {
      Number(group.column);
      List(group.values, [&](const Value& value) { Add(value); });
      Flag(group.has_null);
    });
    List(cells.measures, [&](const Measure& measure) {
      Text(measure.name);
      Add(measure.value);
      Add(measure.condition);
      List(measure.factors, [&](const ExpressionPtr& factor) { Add(factor); });
    });
    Columns(cells.measure_columns);
  }
  void Add(const GateNode& gate) {
    Number(gate.cells);
    List(gate.person_measures, [&](std::uint32_t measure) { Number(measure); });
  }
  void Ids(const std::vector<NodeId>& ids) {
    List(ids, [&](NodeId id) { Number(id); });
  }
  void Named(const std::vector<NamedExpression>& items) {
    List(items, [&](const NamedExpression& item) {
      Number(item.column);
      Add(item.expression);
    });
  }
  void Add(const ShareTableNode& share) {
    Number(share.local);
    List(share.columns, [&](const ShareColumn& column) {
      Number(column.column);
      Flag(column.bits);
      Flag(column.ring);
    });
    Columns(share.order_by);
    Flag(share.partitions.has_value());
    if (share.partitions) Number(share.partitions->column), Number(share.partitions->count), Number(share.partitions->slots);
  }
  void Add(const GatherPartitionsNode& gather) {
    Number(gather.input);
    Flag(gather.is_partial);
  }
  void Add(const ConcatTablesNode& concat) {
    Ids(concat.inputs);
    Columns(concat.columns);
    List(concat.input_columns, [&](const std::vector<ColumnId>& columns) { Columns(columns); });
  }
  void Add(const DeriveTableNode& derive) {
    Number(derive.input);
    Named(derive.columns);
  }
  void Add(const FilterTableNode& filter) {
    Number(filter.input);
    Add(filter.predicate);
  }
  void Add(const JoinTablesNode& join) {
    Kind(join.kind);
    Number(join.left);
    Number(join.right);
    List(join.keys, [&](const std::pair<ColumnId, ColumnId>& key) {
      Number(key.first);
      Number(key.second);
    });
    Add(join.residual);
    Kind(join.method);
    Number(join.most_matches);
    Party(join.helper);
    Number(join.left_keys);
  }
  void Calls(const std::vector<NamedAggregate>& calls) {
    List(calls, [&](const NamedAggregate& named) {
      Number(named.column);
      Add(named.call);
    });
  }
  void Add(const GroupTableNode& group) {
    Number(group.input);
    Kind(group.method);
    Columns(group.group_by);
    Columns(group.determined);
    List(group.domains, [&](const std::vector<Value>& domain) {
      List(domain, [&](const Value& value) { Add(value); });
    });
    Calls(group.calls);
    Number(group.group_bound);
    Flag(group.sorts_cells);
  }
  void TableKeys(const std::vector<TableKey>& keys) {
    List(keys, [&](const TableKey& key) {
      Number(key.column);
      Flag(key.descending);
      Flag(key.nulls_first);
    });
  }
  void WindowCalls(const std::vector<NamedWindowCall>& calls) {
    List(calls, [&](const NamedWindowCall& named) {
      Number(named.column);
      Kind(named.call.function);
      Add(named.call.argument);
      Number(named.call.distance);
      Flag(named.call.rows.has_value());
      if (named.call.rows) Number(named.call.rows->first), Number(named.call.rows->last);
      Add(named.call.fallback);
      Add(named.call.type);
    });
  }
  void Add(const WindowTableNode& window) {
    Number(window.input);
    Columns(window.partition_by);
    TableKeys(window.order_by);
    WindowCalls(window.calls);
  }
  void Add(const TopTableNode& top) {
    Number(top.input);
    TableKeys(top.keys);
    Number(top.rows);
  }
  void Add(const CompactTableNode& compact) {
    Number(compact.input);
    Number(compact.bound);
  }
  void Add(const GateTableNode& gate) {
    Number(gate.input);
    Columns(gate.person_counts);
    Positions(gate.dimensions);
    Flag(gate.person_in_one_cell);
  }
  void Add(const OpenTableNode& open) {
    Number(open.input);
    Columns(open.columns);
    Number(open.release);
    Flag(open.dense);
  }
  void Add(const PhysicalNode& node) {
    Kind(node.index());
    std::visit([&](const auto& part) { Add(part); }, node);
  }
  void Add(const FinishCall& call) {
    Number(call.column);
    Kind(call.function);
    Number(call.sum_measure);
    Number(call.count_measure);
    Number(call.scale);
    Add(call.type);
  }
  void Add(const NullWhereZero& pair) {
    Number(pair.sum);
    Number(pair.count);
  }
  void Add(const ComparisonRange& range) {
    Kind(range.kind);
    Number(range.scale);
    Signed(range.base);
    Number(range.width);
  }
  void Add(const Disclosure& disclosure) {
    Number(disclosure.id);
    Text(disclosure.what);
    Party(disclosure.recipient);
    Number(disclosure.max_values);
    Text(disclosure.rule);
  }
  template <typename Item>
  void AddAll(const std::vector<Item>& items) {
    List(items, [&](const Item& item) { Add(item); });
  }

 private:
  const Catalog& catalog_;
  std::string bytes_;
};

}  // namespace

std::string SerialiseLogical(const LogicalPlan& plan, const Catalog& catalog) {
  Writer writer(catalog);
  writer.Add(plan.root);
  writer.AddAll(plan.output);
  writer.AddAll(plan.columns);
  return writer.Take();
}

std::string SerialisePhysical(const PhysicalPlan& plan, const Catalog& catalog) {
  Writer writer(catalog);
  writer.AddAll(plan.nodes);
  writer.AddAll(plan.columns);
  writer.AddAll(plan.null_where_zero);
  writer.AddAll(plan.comparison_ranges);
  writer.AddAll(plan.calls);
  writer.Add(plan.finish);
  writer.AddAll(plan.output);
  writer.Party(plan.recipient);
  writer.Number(plan.lanes);
  return writer.Take();
}

std::string SerialiseDisclosures(const std::vector<Disclosure>& disclosures, const Catalog& catalog) {
  Writer writer(catalog);
  writer.AddAll(disclosures);
  return writer.Take();
}

std::string SerialiseText(std::string_view text) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(std::uint64_t{text.size()} >> (8 * i)));
  return bytes.append(text);
}

std::string SerialiseParty(PartyId party, const Catalog& catalog) {
  Writer writer(catalog);
  writer.Party(party);
  return writer.Take();
}

}  // namespace care::planner
