// tests/differential/random_expression.h
//
// Random expressions over the columns in scope, for random_query.cc. None can fail on a row: divisors are constants.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/frontend/generate/random_stream.h"
#include "tests/differential/query_tree.h"

namespace care::engine {

enum class ValueKind : std::uint8_t { kInteger, kNumeric, kDate, kBoolean, kText, kFloat, kTimestamp };

struct ScopeColumn {
  std::string name;  // alias.column
  ValueKind kind;
  bool is_key = false;
};
using Scope = std::vector<ScopeColumn>;

class RandomExpressions {
 public:
  explicit RandomExpressions(RandomStream& random) : random_(random) {}
  // Yields a condition with a subquery over other tables that may name columns of the scope; may be empty.
  using SubqueryMaker = std::function<QueryPtr(const Scope&)>;
  void SetSubqueries(SubqueryMaker maker) { subquery_ = std::move(maker); }

  QueryPtr Of(ValueKind kind, const Scope& scope, int depth);
  QueryPtr Condition(const Scope& scope, int depth);
  // Over groups of rows of the scope; sets what kind of value it yields.
  QueryPtr Aggregate(const Scope& scope, ValueKind& kind);
  ValueKind AnyKind() { return static_cast<ValueKind>(random_.Below(7)); }
  // A column of this kind, null if there is none.
  QueryPtr Column(ValueKind kind, const Scope& scope);
  QueryPtr Literal(ValueKind kind);

 private:
  QueryPtr Integer(const Scope& scope, int depth);
  QueryPtr Numeric(const Scope& scope, int depth);
  QueryPtr Day(const Scope& scope, int depth);
  QueryPtr Moment(const Scope& scope, int depth);
  QueryPtr Quarters(const Scope& scope, int depth);
  QueryPtr Letters(const Scope& scope, int depth);
  QueryPtr Choice(ValueKind kind, const Scope& scope, int depth);

  RandomStream& random_;
  SubqueryMaker subquery_;
};

}  // namespace care::engine
