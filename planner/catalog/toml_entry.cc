#include "planner/catalog/toml_entry.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grammar/query_error.h"

namespace care::planner {

absl::StatusOr<toml::table> ParseToml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrCat(file, ":", error.source().begin.line,
                                                   ": not valid TOML: ", std::string(error.description())));
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": not valid TOML: ", error.what()));
  }
}

const toml::node* TomlEntry::Node(std::string_view key) {
  asked_.emplace_back(key);
  return table_.get(key);
}

absl::StatusOr<std::string> TomlEntry::Text(std::string_view key) {
  const toml::node* node = Node(key);
  if (node == nullptr)
    return Error(
        absl::StrCat("\"", std::string(key), "\" is missing; write ", std::string(key), " = \"...\""));
  if (!node->is_string()) return WrongType(key, "text in quotes");
  std::string text = node->as_string()->get();
  if (text.empty()) return Error(key, absl::StrCat("\"", std::string(key), "\" is empty"));
  return text;
}

absl::StatusOr<std::string> TomlEntry::TextOr(std::string_view key, std::string_view otherwise) {
  const toml::node* node = Node(key);
  if (node == nullptr) return std::string(otherwise);
  if (!node->is_string()) return WrongType(key, "text in quotes");
  return node->as_string()->get();
}

absl::StatusOr<bool> TomlEntry::BooleanOr(std::string_view key, bool otherwise) {
  const toml::node* node = Node(key);
  if (node == nullptr) return otherwise;
  if (!node->is_boolean()) return WrongType(key, "true or false");
  return node->as_boolean()->get();
}

absl::StatusOr<std::optional<std::uint64_t>> TomlEntry::OptionalCount(std::string_view key,
                                                                      std::uint64_t most) {
  const toml::node* node = Node(key);
  if (node == nullptr) return std::optional<std::uint64_t>();
  if (!node->is_integer()) return WrongType(key, "a whole number");
  const std::int64_t value = node->as_integer()->get();
  if (value < 1 || static_cast<std::uint64_t>(value) > most) {
    return Error(key,
                 absl::StrCat("\"", std::string(key), "\" is ", value, "; write a number from 1 to ", most));
  }
  return std::optional<std::uint64_t>(static_cast<std::uint64_t>(value));
}

absl::StatusOr<std::uint64_t> TomlEntry::Count(std::string_view key, std::uint64_t most) {
  absl::StatusOr<std::optional<std::uint64_t>> count = OptionalCount(key, most);
  if (!count.ok()) return count.status();
  if (!count->has_value()) {
    return Error(
        absl::StrCat("\"", std::string(key), "\" is missing; write ", std::string(key), " = <number>"));
  }
  return **count;
}

absl::StatusOr<std::vector<std::string>> TomlEntry::Texts(std::string_view key) {
  const toml::node* node = Node(key);
  if (node == nullptr) return std::vector<std::string>();
  const std::string wanted = "a list of texts, as [\"a\", \"b\"]";
  if (!node->is_array()) return WrongType(key, wanted);
  std::vector<std::string> texts;
  for (const toml::node& item : *node->as_array()) {
    if (!item.is_string()) return WrongType(key, wanted);
    texts.push_back(item.as_string()->get());
  }
  return texts;
}

absl::StatusOr<std::vector<const toml::table*>> TomlEntry::Tables(std::string_view key) {
  const toml::node* node = Node(key);
  std::vector<const toml::table*> tables;
  if (node == nullptr) return tables;
  const std::string wanted =
      absl::StrCat("entries that each start with a [[...]] line (here [[", std::string(key), "]])");
  if (!node->is_array()) return WrongType(key, wanted);
  for (const toml::node& item : *node->as_array()) {
    if (!item.is_table()) return WrongType(key, wanted);
    tables.push_back(item.as_table());
  }
  return tables;
}

absl::StatusOr<const toml::table*> TomlEntry::OptionalTable(std::string_view key) {
  const toml::node* node = Node(key);
  if (node == nullptr) return static_cast<const toml::table*>(nullptr);
  if (!node->is_table())
    return WrongType(key, absl::StrCat("a section that starts with [", std::string(key), "]"));
  return node->as_table();
}

absl::Status TomlEntry::Finish() const {
  for (const auto& [key, node] : table_) {
    const std::string name(key.str());
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    const std::string nearest = sql::NearestName(name, asked_);
    std::string message = absl::StrCat("unknown key \"", name, "\"");
    if (!nearest.empty()) {
      absl::StrAppend(&message, "; did you mean \"", nearest, "\"?");
    } else {
      std::vector<std::string> known = asked_;
      std::sort(known.begin(), known.end());
      known.erase(std::unique(known.begin(), known.end()), known.end());
      absl::StrAppend(&message, "; known keys are");
      for (std::size_t i = 0; i < known.size(); ++i) absl::StrAppend(&message, i == 0 ? " " : ", ", known[i]);
    }
    return ErrorAt(node.source().begin.line, message);
  }
  return absl::OkStatus();
}

absl::Status TomlEntry::Error(std::string_view key, std::string_view message) const {
  const toml::node* node = table_.get(key);
  return ErrorAt(node == nullptr ? table_.source().begin.line : node->source().begin.line, message);
}

absl::Status TomlEntry::Error(std::string_view message) const {
  return ErrorAt(table_.source().begin.line, message);
}

absl::Status TomlEntry::WrongType(std::string_view key, std::string_view wanted) const {
  return Error(key, absl::StrCat("\"", std::string(key), "\" must be ", std::string(wanted)));
}

absl::Status TomlEntry::ErrorAt(std::uint32_t line, std::string_view message) const {
  std::string text = file_;
  if (line != 0) absl::StrAppend(&text, ":", line);
  if (!path_.empty()) absl::StrAppend(&text, ": ", path_);
  return absl::InvalidArgumentError(absl::StrCat(text, ": ", std::string(message)));
}

}  // namespace care::planner
