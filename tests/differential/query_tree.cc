#include "tests/differential/query_tree.h"

#include <utility>

namespace care::engine {
namespace {

void Append(const QueryNode& node, std::string& out) {
  if (node.is_list) {
    if (node.children.empty()) return;
    out += node.prefix;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (i > 0) out += node.format;
      Append(*node.children[i], out);
    }
    return;
  }
  std::size_t next = 0;
  for (const char c : node.format) {
    if (c == '%' && next < node.children.size()) {
      Append(*node.children[next++], out);
    } else {
      out += c;
    }
  }
}

// What may stand in a node's place, the smallest first.
std::vector<QueryPtr> Smaller(const QueryNode& node) {
  std::vector<QueryPtr> all;
  for (const std::string& text : node.simpler) {
    if (node.children.empty() && node.format == text) continue;
    all.push_back(Text(text));
  }
  if (node.hoists) all.insert(all.end(), node.children.begin(), node.children.end());
  if (node.is_list && node.children.size() > node.least) {
    for (std::size_t dropped = node.children.size(); dropped-- > 0;) {
      QueryNode fewer = node;
      fewer.children.erase(fewer.children.begin() + static_cast<std::ptrdiff_t>(dropped));
      all.push_back(std::make_shared<const QueryNode>(std::move(fewer)));
    }
  }
  return all;
}

// Every tree that differs from this one in one node, those that lose most first.
void Variants(const QueryPtr& node, const std::function<QueryPtr(QueryPtr)>& around,
              std::vector<QueryPtr>& out) {
  for (QueryPtr smaller : Smaller(*node)) out.push_back(around(std::move(smaller)));
  for (std::size_t i = 0; i < node->children.size(); ++i) {
    Variants(
        node->children[i],
        [&](QueryPtr child) {
          QueryNode changed = *node;
          changed.children[i] = std::move(child);
          return around(std::make_shared<const QueryNode>(std::move(changed)));
        },
        out);
  }
}

}  // namespace

QueryPtr Text(std::string text, std::vector<std::string> simpler) {
  return std::make_shared<const QueryNode>(
      QueryNode{.format = std::move(text), .children = {}, .simpler = std::move(simpler), .prefix = {}});
}

QueryPtr Format(std::string format, std::vector<QueryPtr> children, std::vector<std::string> simpler,
                bool hoists) {
  return std::make_shared<const QueryNode>(QueryNode{.format = std::move(format),
                                                     .children = std::move(children),
                                                     .simpler = std::move(simpler),
                                                     .hoists = hoists,
                                                     .prefix = {}});
}

QueryPtr List(std::string prefix, std::string between, std::vector<QueryPtr> children, std::size_t least) {
  return std::make_shared<const QueryNode>(QueryNode{.format = std::move(between),
                                                     .children = std::move(children),
                                                     .simpler = {},
                                                     .is_list = true,
                                                     .least = least,
                                                     .prefix = std::move(prefix)});
}

std::string Print(const QueryNode& node) {
  std::string out;
  Append(node, out);
  return out;
}

QueryPtr ShrinkQuery(QueryPtr query, const std::function<bool(const std::string&)>& shows, int most_tries) {
  for (bool changed = true; changed && most_tries > 0;) {
    changed = false;
    std::vector<QueryPtr> variants;
    Variants(
        query, [](QueryPtr whole) { return whole; }, variants);
    for (const QueryPtr& variant : variants) {
      if (most_tries-- <= 0) break;
      if (!shows(Print(*variant))) continue;
      query = variant;
      changed = true;
      break;
    }
  }
  return query;
}

}  // namespace care::engine
