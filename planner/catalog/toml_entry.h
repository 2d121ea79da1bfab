// planner/catalog/toml_entry.h
//
// Reads a TOML file strictly: every key must be known, every value of its type, and every error names the
// file, the line, the entry and what to write instead. A table is consumed key by key; `Finish` then refuses
// what nobody asked for, naming the nearest known key. The TOML library's exceptions end here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace care::planner {

absl::StatusOr<toml::table> ParseToml(std::string_view text, const std::string& file);

class TomlEntry {
 public:
  // `path` names the entry in errors ("table hospital.patients"); `table` must outlive this.
  TomlEntry(const toml::table& table, std::string file, std::string path)
      : table_(table), file_(std::move(file)), path_(std::move(path)) {}

  absl::StatusOr<std::string> Text(std::string_view key);  // required, not empty
  absl::StatusOr<std::string> TextOr(std::string_view key, std::string_view otherwise);
  absl::StatusOr<bool> BooleanOr(std::string_view key, bool otherwise);
  absl::StatusOr<std::optional<std::uint64_t>> OptionalCount(std::string_view key, std::uint64_t most);
  absl::StatusOr<std::uint64_t> Count(std::string_view key, std::uint64_t most);  // required, 1..most
  absl::StatusOr<std::vector<std::string>> Texts(std::string_view key);           // empty if absent
  absl::StatusOr<std::vector<const toml::table*>> Tables(std::string_view key);   // [[key]], empty if absent
  absl::StatusOr<const toml::table*> OptionalTable(std::string_view key);         // [key], null if absent
  const toml::node* Node(std::string_view key);                                   // null if absent
  bool Has(std::string_view key) const { return table_.contains(key); }

  // The error for a key that was not asked for.
  absl::Status Finish() const;
  absl::Status Error(std::string_view key, std::string_view message) const;
  absl::Status Error(std::string_view message) const;

  TomlEntry Child(const toml::table& table, std::string path) const {
    return {table, file_, std::move(path)};
  }
  void Rename(std::string path) { path_ = std::move(path); }
  const toml::table& table() const { return table_; }

 private:
  absl::Status WrongType(std::string_view key, std::string_view wanted) const;
  absl::Status ErrorAt(std::uint32_t line, std::string_view message) const;

  const toml::table& table_;
  std::string file_;
  std::string path_;
  std::vector<std::string> asked_;
};

}  // namespace care::planner
