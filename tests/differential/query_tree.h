// tests/differential/query_tree.h
//
// The text of a query as a tree, so that a query that shows a fault can be made smaller without knowing SQL: a node is
// replaced by something simpler, by one of its parts, or an element is dropped from its list, as long as the fault stays.
// What becomes nonsense on the way is refused by PostgreSQL and so not kept.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace care::engine {

struct QueryNode;
using QueryPtr = std::shared_ptr<const QueryNode>;

struct QueryNode {
  std::string format;  // "%" stands for the next child; of a list: what stands between its elements
  std::vector<QueryPtr> children;
  std::vector<std::string> simpler;  // texts that may stand in its place; "" drops it
  bool hoists = false;               // a child may stand in its place
  bool is_list = false;
  std::size_t least = 1;  // elements of a list that must stay
  std::string prefix;     // of a list: before its elements, if there are any
};

QueryPtr Text(std::string text, std::vector<std::string> simpler = {});
QueryPtr Format(std::string format, std::vector<QueryPtr> children, std::vector<std::string> simpler = {},
                bool hoists = false);
QueryPtr List(std::string prefix, std::string between, std::vector<QueryPtr> children, std::size_t least = 1);

std::string Print(const QueryNode& node);

// A smaller tree for which `shows` still holds; tries at most `most_tries` texts.
QueryPtr ShrinkQuery(QueryPtr query, const std::function<bool(const std::string& sql)>& shows,
                     int most_tries);

}  // namespace care::engine
