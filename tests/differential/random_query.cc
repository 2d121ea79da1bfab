#include "tests/differential/random_query.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/differential/random_expression.h"

namespace care::engine {
namespace {

ValueKind KindOf(RandomKind kind) {
  switch (kind) {
    case RandomKind::kKey:
    case RandomKind::kInteger:
      return ValueKind::kInteger;
    case RandomKind::kNumeric:
      return ValueKind::kNumeric;
    case RandomKind::kDate:
      return ValueKind::kDate;
    case RandomKind::kBoolean:
      return ValueKind::kBoolean;
    case RandomKind::kText:
      return ValueKind::kText;
    case RandomKind::kTimestamp:
      return ValueKind::kTimestamp;
    case RandomKind::kFloat:
      return ValueKind::kFloat;
  }
  return ValueKind::kInteger;
}

// What stands in FROM, and its columns.
struct Source {
  QueryPtr text;
  Scope scope;
};

// A SELECT and the kinds of its columns, which are called c1, c2, ...
struct Block {
  QueryPtr text;
  std::vector<ScopeColumn> columns;
};

class QueryMaker {
 public:
  QueryMaker(const RandomSchema& schema, RandomStream& random)
      : schema_(schema), random_(random), expressions_(random) {
    expressions_.SetSubqueries([this](const Scope& scope) { return ConditionSubquery(scope); });
  }

  RandomQuery Make() {
    QueryPtr with = Text("");
    of_groups_ = schema_.about_persons && Chance(3);
    if (Chance(8)) {
      common_ = of_groups_ ? ForgetfulBlock() : SubqueryBlock(1);
      with = Format("WITH w AS (%)\n", {common_.text});
    }
    std::vector<ValueKind> kinds;
    QueryPtr body = Chance(of_groups_ ? 3 : 8) ? Rows(kinds) : Aggregates(kinds);
    if (Chance(10)) {
      constexpr const char* kOperators[] = {"UNION", "UNION ALL", "INTERSECT", "EXCEPT"};
      const QueryPtr other = AggregatesOf(kinds);
      if (other != nullptr)
        body = Format(absl::StrCat("%\n", kOperators[random_.Below(4)], "\n%"), {body, other}, {}, true);
    }
    RandomQuery query;
    QueryPtr order = Text("");
    if (Chance(2)) {
      query.is_ordered = true;
      order = OrderBy(kinds.size());
    }
    query.tree = Format("%%%", {with, body, order});
    return query;
  }

 private:
  bool Chance(std::uint64_t one_in) { return random_.Below(one_in) == 0; }

  // By all columns, so that nothing depends on what SQL leaves open.
  QueryPtr OrderBy(std::size_t columns) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < columns; ++i)
      places.insert(places.begin() + static_cast<std::ptrdiff_t>(random_.Below(places.size() + 1)), i);
    std::vector<std::string> keys;
    for (const std::size_t place : places) {
      constexpr const char* kWays[] = {"", " DESC", " NULLS FIRST", " DESC NULLS LAST"};
      keys.push_back(absl::StrCat("o", place + 1, kWays[random_.Below(4)]));
    }
    const QueryPtr limit =
        Chance(3) ? Text(absl::StrCat(" LIMIT ", random_.Below(5), Chance(3) ? " OFFSET 1" : ""), {""})
                  : Text("");
    return Format(absl::StrCat("\nORDER BY ", absl::StrJoin(keys, ", "), "%"), {limit}, {""});
  }

  Source TableSource() {
    const RandomTable& table = schema_.tables[random_.Below(schema_.tables.size())];
    const std::string alias = absl::StrCat("a", ++aliases_);
    Source source{Text(absl::StrCat(table.owner, ".", table.name, " ", alias)), {}};
    for (const RandomColumn& column : table.columns) {
      source.scope.push_back({absl::StrCat(alias, ".", column.declared.name), KindOf(column.kind),
                              column.kind == RandomKind::kKey});
    }
    return source;
  }

  Source Aliased(const std::string& format, const Block& block) {
    const std::string alias = absl::StrCat("a", ++aliases_);
    Source source{format == "w" ? Text(absl::StrCat("w ", alias)) : Format("(%) " + alias, {block.text}), {}};
    for (const ScopeColumn& column : block.columns) {
      source.scope.push_back({absl::StrCat(alias, ".", column.name), column.kind, column.is_key});
    }
    return source;
  }

  Source AnySource(int depth) {
    if (common_.text != nullptr && Chance(2)) return Aliased("w", common_);
    if (of_groups_) return Aliased("", ForgetfulBlock());
    if (depth > 0 && Chance(4)) return Aliased("", SubqueryBlock(depth - 1));
    return TableSource();
  }

  QueryPtr KeysEqual(const Scope& left, const Scope& right) {
    std::vector<const ScopeColumn*> of_left, of_right;
    for (const ScopeColumn& column : left) {
      if (column.is_key) of_left.push_back(&column);
    }
    for (const ScopeColumn& column : right) {
      if (column.is_key) of_right.push_back(&column);
    }
    if (of_groups_) {
      const ScopeColumn& column = left[random_.Below(left.size())];
      const QueryPtr other = expressions_.Column(column.kind, right);
      return other == nullptr ? Text("TRUE") : Text(absl::StrCat(column.name, " = ", Print(*other)));
    }
    if (of_left.empty() || of_right.empty()) return Text("TRUE");
    return Text(absl::StrCat(of_left[random_.Below(of_left.size())]->name, " = ",
                             of_right[random_.Below(of_right.size())]->name));
  }

  Source From(int depth) {
    Source from = AnySource(depth);
    const std::uint64_t more = random_.Below(5) / 2;
    for (std::uint64_t i = 0; i < more; ++i) {
      const Source other = AnySource(depth);
      Scope both = from.scope;
      both.insert(both.end(), other.scope.begin(), other.scope.end());
      QueryPtr condition = KeysEqual(from.scope, other.scope);
      if (Chance(4)) condition = Format("% AND %", {condition, expressions_.Condition(both, 1)}, {}, true);
      const std::uint64_t kind = random_.Below(12);
      if (kind == 0) {
        from.text = Format("%\n  CROSS JOIN %", {from.text, other.text}, {}, true);
      } else {
        const char* name = kind < 7    ? "JOIN"
                           : kind < 9  ? "LEFT JOIN"
                           : kind < 10 ? "RIGHT JOIN"
                                       : "FULL JOIN";
        from.text =
            Format(absl::StrCat("%\n  ", name, " % ON %"), {from.text, other.text, condition}, {}, true);
      }
      from.scope = std::move(both);
    }
    return from;
  }

  QueryPtr Where(const Scope& scope, std::uint64_t one_in) {
    if (!Chance(one_in)) return Text("");
    std::vector<QueryPtr> conditions;
    for (std::uint64_t i = 0; i < 1 + random_.Below(2); ++i)
      conditions.push_back(expressions_.Condition(scope, 2));
    return List("\nWHERE ", " AND ", std::move(conditions), 0);
  }

  // EXISTS, IN, ANY, ALL or a scalar aggregate, mostly correlated by a key.
  QueryPtr ConditionSubquery(const Scope& scope) {
    if (nesting_ > 0) return nullptr;
    ++nesting_;
    const Source inner = TableSource();
    const QueryPtr correlation = KeysEqual(scope, inner.scope);
    const QueryPtr filter =
        Chance(2) ? Format(" AND %", {expressions_.Condition(inner.scope, 1)}, {""}) : Text("");
    const QueryPtr where = Format("\n    WHERE %%", {Chance(4) ? Text("TRUE") : correlation, filter}, {""});
    QueryPtr made;
    switch (random_.Below(6)) {
      case 4: {
        const ValueKind kind = Chance(2) ? ValueKind::kInteger : expressions_.AnyKind();
        const QueryPtr value = expressions_.Column(kind, inner.scope);
        const QueryPtr sought = expressions_.Column(kind, scope);
        if (value == nullptr || sought == nullptr) break;
        constexpr const char* kCompares[] = {"=", "<>", "<", "<=", ">", ">="};
        made = Format(absl::StrCat("(% ", kCompares[random_.Below(6)], Chance(2) ? " ANY" : " ALL", " (SELECT % FROM %%))"),
                      {sought, value, inner.text, Chance(3) ? Text("") : where}, {"TRUE", "FALSE"});
        break;
      }
      case 5: {
        const ValueKind kind = expressions_.AnyKind(), other = expressions_.AnyKind();
        const QueryPtr a = expressions_.Column(kind, inner.scope), b = expressions_.Column(other, inner.scope);
        const QueryPtr c = expressions_.Column(kind, scope), d = expressions_.Column(other, scope);
        if (a == nullptr || b == nullptr || c == nullptr || d == nullptr) break;
        made = Format(absl::StrCat("((%, %)", Chance(3) ? " NOT" : "", " IN (SELECT %, % FROM %%))"),
                      {c, d, a, b, inner.text, Chance(2) ? Text("") : where}, {"TRUE", "FALSE"});
        break;
      }
      case 0:
      case 1:
        made = Format(absl::StrCat(Chance(2) ? "(NOT EXISTS" : "(EXISTS", " (SELECT 1 FROM %%))"),
                      {inner.text, where}, {"TRUE", "FALSE"});
        break;
      case 2: {
        const ValueKind kind = Chance(2) ? ValueKind::kInteger : expressions_.AnyKind();
        const QueryPtr value = expressions_.Column(kind, inner.scope);
        const QueryPtr sought = expressions_.Column(kind, scope);
        if (value == nullptr || sought == nullptr) break;
        made = Format(absl::StrCat("(%", Chance(3) ? " NOT" : "", " IN (SELECT % FROM %%))"),
                      {sought, value, inner.text, Chance(2) ? Text("") : where}, {"TRUE", "FALSE"});
        break;
      }
      default: {
        ValueKind kind;
        const QueryPtr value = expressions_.Aggregate(inner.scope, kind);
        const QueryPtr compared = expressions_.Of(kind, scope, 0);
        made = Format(absl::StrCat("(%", Chance(2) ? " > " : " = ", "(SELECT % FROM %%))"),
                      {compared, value, inner.text, where}, {"TRUE", "FALSE"});
      }
    }
    --nesting_;
    return made;
  }

  Block SubqueryBlock(int depth) {
    switch (random_.Below(7)) {
      case 0:
      case 1:
      case 2:
        return GroupedBlock(depth);
      case 3:
        return WindowBlock(depth);
      case 4:
        return UnionBlock();
      default:
        return PlainBlock(depth, Chance(4) ? "SELECT DISTINCT " : "SELECT ");
    }
  }

  // c1 is a key where the scope has one, so that the block can be joined.
  void AddColumn(const ScopeColumn& column, std::vector<QueryPtr>& items, Block& block) {
    block.columns.push_back({absl::StrCat("c", items.size() + 1), column.kind, column.is_key});
    items.push_back(Text(absl::StrCat(column.name, " AS c", items.size() + 1)));
  }
  const ScopeColumn& KeyOrAny(const Scope& scope) {
    for (const ScopeColumn& column : scope) {
      if (column.is_key && !Chance(3)) return column;
    }
    return scope[random_.Below(scope.size())];
  }

  Block PlainBlock(int depth, const std::string& select) {
    Block block;
    const Source from = From(depth);
    std::vector<QueryPtr> items;
    AddColumn(KeyOrAny(from.scope), items, block);
    for (std::uint64_t i = 0; i < 1 + random_.Below(3); ++i)
      AddColumn(from.scope[random_.Below(from.scope.size())], items, block);
    if (Chance(2)) {
      const ValueKind kind = expressions_.AnyKind();
      const QueryPtr value = expressions_.Of(kind, from.scope, 2);
      const bool is_key = std::any_of(from.scope.begin(), from.scope.end(), [written = Print(*value)](const ScopeColumn& column) {
        return column.is_key && column.name == written;
      });
      block.columns.push_back({absl::StrCat("c", items.size() + 1), kind, is_key});
      items.push_back(Format(absl::StrCat("% AS c", items.size() + 1), {value}));
    }
    block.text =
        Format("%\nFROM %%", {List(select, ", ", std::move(items)), from.text, Where(from.scope, 2)});
    return block;
  }

  void AddAggregates(const Scope& scope, std::vector<QueryPtr>& items, Block& block) {
    for (std::uint64_t i = 0; i < 1 + random_.Below(2); ++i) {
      ValueKind kind;
      const QueryPtr call = expressions_.Aggregate(scope, kind);
      block.columns.push_back({absl::StrCat("c", items.size() + 1), kind});
      items.push_back(Format(absl::StrCat("% AS c", items.size() + 1), {call}));
    }
  }

  Block GroupedBlock(int depth) {
    Block block;
    const Source from = From(depth);
    std::vector<QueryPtr> items;
    std::vector<QueryPtr> keys;
    for (std::uint64_t i = 0; i < random_.Below(3); ++i) {
      const ScopeColumn& key = i == 0 ? KeyOrAny(from.scope) : from.scope[random_.Below(from.scope.size())];
      AddColumn(key, items, block);
      keys.push_back(Text(key.name));
    }
    AddAggregates(from.scope, items, block);
    const QueryPtr having =
        Chance(5) ? Text(absl::StrCat("\nHAVING COUNT(*) > ", random_.Below(3)), {""}) : Text("");
    block.text =
        Format("%\nFROM %%%%", {List("SELECT ", ", ", std::move(items)), from.text, Where(from.scope, 2),
                                List("\nGROUP BY ", ", ", std::move(keys), 0), having});
    return block;
  }

  // Groups of persons that do not keep the person.
  Block ForgetfulBlock() {
    const bool outer = std::exchange(of_groups_, false);
    Block block;
    const Source from = From(0);
    std::vector<QueryPtr> items, keys;
    for (std::uint64_t i = 0; i < random_.Below(4); ++i) {
      const ScopeColumn& key = from.scope[random_.Below(from.scope.size())];
      if (key.is_key) continue;
      AddColumn(key, items, block);
      keys.push_back(Text(key.name));
    }
    AddAggregates(from.scope, items, block);
    const QueryPtr having = Chance(6) ? Text("\nHAVING COUNT(*) > 1", {""}) : Text("");
    block.text = Format("%\nFROM %%%%", {List("SELECT ", ", ", std::move(items)), from.text, Where(from.scope, 2),
                                         List("\nGROUP BY ", ", ", std::move(keys), 0), having});
    of_groups_ = outer;
    return block;
  }

  Block WindowBlock(int depth) {
    Block block;
    const Source from = From(depth);
    std::vector<QueryPtr> items;
    AddColumn(KeyOrAny(from.scope), items, block);
    AddColumn(from.scope[random_.Below(from.scope.size())], items, block);
    std::vector<std::string> all;
    for (const ScopeColumn& column : from.scope) all.push_back(column.name);
    const std::string ordered = absl::StrCat("ORDER BY ", absl::StrJoin(all, ", "));
    const std::string partition =
        Chance(4) ? ""
                  : absl::StrCat("PARTITION BY ", from.scope[random_.Below(from.scope.size())].name, " ");
    const ScopeColumn& one = from.scope[random_.Below(from.scope.size())];
    ValueKind kind = ValueKind::kInteger;
    std::string call;
    const auto direction = [&]() {
      constexpr const char* kDirections[] = {"", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"};
      return std::string(kDirections[random_.Below(5)]);
    };
    switch (random_.Below(11)) {
      case 9: {
        const QueryPtr number = expressions_.Column(ValueKind::kInteger, from.scope);
        constexpr const char* kFunctions[] = {"SUM(", "COUNT(", "MIN(", "MAX(", "FIRST_VALUE(", "LAST_VALUE("};
        constexpr const char* kFrames[] = {"2 PRECEDING AND CURRENT ROW", "1 PRECEDING AND 1 FOLLOWING", "CURRENT ROW AND 3 FOLLOWING",
                                           "3 PRECEDING AND 1 PRECEDING", "1 FOLLOWING AND 2 FOLLOWING", "1 PRECEDING AND 3 PRECEDING"};
        call = absl::StrCat(kFunctions[random_.Below(6)], number == nullptr ? "1" : Print(*number), ") OVER (", partition, ordered, direction(),
                            " ROWS BETWEEN ", kFrames[random_.Below(6)], ")");
        break;
      }
      case 10:
        call = absl::StrCat("NTILE(", random_.Between(1, 5), ") OVER (", partition, ordered, direction(), ")");
        break;
      case 0:
      case 1:
        call = absl::StrCat("ROW_NUMBER() OVER (", partition, ordered, direction(), ")");
        break;
      case 2:
        call = absl::StrCat(Chance(2) ? "RANK" : "DENSE_RANK", "() OVER (", partition, "ORDER BY ", one.name,
                            direction(), ")");
        break;
      case 3:
        call = absl::StrCat(Chance(2) ? "LAG(" : "LEAD(", one.name, Chance(3) ? ", 2" : "", ") OVER (", partition, ordered,
                            direction(), ")");
        kind = one.kind;
        break;
      case 4:
        call = absl::StrCat("COUNT(", one.name, ") OVER (", partition,
                            Chance(2) ? absl::StrCat("ORDER BY ", all[random_.Below(all.size())]) : "", ")");
        break;
      case 5:
      case 6:
        // The last peer's value is any of theirs unless the order tells rows apart.
        call = absl::StrCat(Chance(2) ? "FIRST_VALUE(" : "LAST_VALUE(", one.name, ") OVER (", partition, ordered, direction(), ")");
        kind = one.kind;
        break;
      case 7: {
        const QueryPtr number = expressions_.Column(ValueKind::kInteger, from.scope);
        call = absl::StrCat(Chance(2) ? "MIN(" : "MAX(", number == nullptr ? "1" : Print(*number), ") OVER (", partition,
                            Chance(2) ? absl::StrCat("ORDER BY ", all[random_.Below(all.size())], direction()) : "", ")");
        break;
      }
      default: {
        const QueryPtr number = expressions_.Column(ValueKind::kInteger, from.scope);
        call = absl::StrCat("SUM(", number == nullptr ? "1" : Print(*number), ") OVER (", partition,
                            Chance(2) ? absl::StrCat("ORDER BY ", all[random_.Below(all.size())]) : "", ")");
      }
    }
    block.columns.push_back({"c3", kind});
    items.push_back(Text(call + " AS c3"));
    block.text =
        Format("%\nFROM %%", {List("SELECT ", ", ", std::move(items)), from.text, Where(from.scope, 3)});
    return block;
  }

  // Columns of the same kinds of two tables.
  Block UnionBlock() {
    const Source first = TableSource(), second = TableSource();
    Block block;
    std::vector<std::string> of_first, of_second;
    for (std::size_t tries = 0; tries < 8 && of_first.size() < 3; ++tries) {
      const ScopeColumn& column =
          tries == 0 ? first.scope[0] : first.scope[random_.Below(first.scope.size())];
      QueryPtr other =
          tries == 0 ? Text(second.scope[0].name) : expressions_.Column(column.kind, second.scope);
      if (other == nullptr) continue;
      const std::string name = absl::StrCat("c", of_first.size() + 1);
      of_first.push_back(absl::StrCat(column.name, " AS ", name));
      of_second.push_back(Print(*other));
      block.columns.push_back({name, column.kind, tries == 0});
    }
    constexpr const char* kOperators[] = {"UNION ALL", "UNION ALL", "UNION",
                                          "INTERSECT", "EXCEPT",    "EXCEPT ALL"};
    block.text = Format(
        absl::StrCat("SELECT ", absl::StrJoin(of_first, ", "), " FROM %%\n", kOperators[random_.Below(6)],
                     "\nSELECT ", absl::StrJoin(of_second, ", "), " FROM %%"),
        {first.text, Where(first.scope, 3), second.text, Where(second.scope, 3)});
    return block;
  }

  // Columns o1, o2, ... of the outermost level.
  QueryPtr Rows(std::vector<ValueKind>& kinds) {
    const Source from = From(1);
    std::vector<QueryPtr> items;
    for (std::uint64_t i = 0; i < 1 + random_.Below(3); ++i) {
      const ScopeColumn& column = from.scope[random_.Below(from.scope.size())];
      kinds.push_back(column.kind);
      items.push_back(Text(absl::StrCat(column.name, " AS o", items.size() + 1)));
    }
    return Format("%\nFROM %%", {List(Chance(3) ? "SELECT DISTINCT " : "SELECT ", ", ", std::move(items)),
                                 from.text, Where(from.scope, 2)});
  }

  QueryPtr Aggregates(std::vector<ValueKind>& kinds) {
    const Source from = From(1);
    std::vector<QueryPtr> items, keys;
    // PostgreSQL 15 does not order by a constant that grouping sets make NULL; and of two keys that the join equates it orders by
    // either one for the other, though grouping sets make NULLs of one alone (seed 270667, when this was not kept out).
    bool may_be_constant = false;
    int joined_keys = 0;
    for (std::uint64_t i = 0; i < random_.Below(3); ++i) {
      const ScopeColumn& column = from.scope[random_.Below(from.scope.size())];
      if (Chance(5)) {
        may_be_constant = true;
        const ValueKind kind = expressions_.AnyKind();
        kinds.push_back(kind);
        items.push_back(Format(absl::StrCat("% AS o", kinds.size()), {expressions_.Of(kind, from.scope, 2)}));
        keys.push_back(Text(absl::StrCat("o", kinds.size())));
        continue;
      }
      kinds.push_back(column.kind);
      items.push_back(Text(absl::StrCat(column.name, " AS o", kinds.size())));
      keys.push_back(Text(column.name));
      if (column.is_key) ++joined_keys;
    }
    for (std::uint64_t i = 0; i < 1 + random_.Below(3); ++i) {
      ValueKind kind;
      QueryPtr call = expressions_.Aggregate(from.scope, kind);
      const bool is_number = kind == ValueKind::kInteger || kind == ValueKind::kNumeric;
      if (is_number && Chance(6))
        call = Format("% + %", {call, expressions_.Literal(ValueKind::kInteger)}, {}, true);
      kinds.push_back(kind);
      items.push_back(Format(absl::StrCat("% AS o", kinds.size()), {call}));
    }
    QueryPtr having = Text("");
    if (Chance(6)) {
      ValueKind kind;
      const QueryPtr call = expressions_.Aggregate(from.scope, kind);
      having = Format(absl::StrCat("\nHAVING % ", Chance(2) ? ">=" : "<>", " %"),
                      {call, expressions_.Literal(kind)}, {""});
    }
    QueryPtr groups = List("\nGROUP BY ", ", ", keys, 0);
    if (!keys.empty() && !may_be_constant && joined_keys < 2 && Chance(6)) {
      groups = keys.size() > 1 && Chance(3)
                   ? Format("\nGROUP BY GROUPING SETS ((%), (%))", {keys[0], keys[1]})
                   : List(Chance(2) ? "\nGROUP BY ROLLUP (" : "\nGROUP BY CUBE (", ", ", keys, 1);
      if (groups->is_list) groups = Format("%)", {groups});
      kinds.push_back(ValueKind::kInteger);
      items.push_back(Format(absl::StrCat("GROUPING(%) AS o", kinds.size()), {keys[random_.Below(keys.size())]}));
    }
    return Format("%\nFROM %%%%",
                  {List("SELECT ", ", ", std::move(items)), from.text, Where(from.scope, 2), groups, having});
  }

  // One group with columns of these kinds; null where there is no such column.
  QueryPtr AggregatesOf(const std::vector<ValueKind>& kinds) {
    const Source from = From(0);
    std::vector<std::string> items;
    for (const ValueKind kind : kinds) {
      const QueryPtr column = expressions_.Column(kind, from.scope);
      if (column == nullptr) return nullptr;
      const std::string name = Print(*column);
      items.push_back(absl::StrCat(kind == ValueKind::kInteger   ? "COUNT("
                                   : kind == ValueKind::kNumeric || kind == ValueKind::kFloat ? "SUM("
                                   : kind == ValueKind::kBoolean ? "BOOL_OR("
                                                                 : "MAX(",
                                   name, ") AS o", items.size() + 1));
    }
    return Format(absl::StrCat("SELECT ", absl::StrJoin(items, ", "), "\nFROM %%"),
                  {from.text, Where(from.scope, 2)});
  }

  const RandomSchema& schema_;
  RandomStream& random_;
  RandomExpressions expressions_;
  Block common_;
  bool of_groups_ = false;  // what stands in FROM are groups of persons that forgot them
  int aliases_ = 0;
  int nesting_ = 0;
};

}  // namespace

RandomQuery MakeRandomQuery(const RandomSchema& schema, RandomStream& random) {
  return QueryMaker(schema, random).Make();
}

}  // namespace care::engine
