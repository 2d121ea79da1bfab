// connectors/cleaning/merged_keys.h
//
// Persons' numbers that were merged into another: a patient who was registered twice. Chains are followed to their
// end, whatever order the merges came in; a circle is an error, and so is a number that was merged into two.
//
// Numbers are compared in their format's form, and one that fails its format's test may still be merged: that is how
// registers get rid of temporary numbers.
#pragma once

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "connectors/cleaning/cell_reader.h"

namespace care::connectors {

class MergedKeys {
 public:
  // `is_text`: the key's type. `lenient`: a merge whose number has no form is passed over, or breaks the rule in the
  // rows that it concerns, instead of being an error.
  MergedKeys(bool is_text, bool lenient) : is_text_(is_text), lenient_(lenient) {}

  // Errors are InvalidArgument and say what is wrong, without a value.
  absl::Status Add(const CellReading& from, const CellReading& to);
  // Once, after the last Add: replaces each target by the end of its chain.
  absl::Status Resolve();
  // Whether `key` was merged; if so it becomes what it was merged into. The text is the map's own.
  bool Apply(CellReading& key) const;

  std::size_t size() const { return targets_.size(); }

 private:
  struct Target {
    CellRule rule = CellRule::kHolds;
    bool is_formed = false;
    bool is_null = false;
    std::int64_t value = 0;
    std::string text;
    enum : std::uint8_t { kOpen, kWalking, kDone } state = kOpen;
  };
  // How the map names a key: its text, or the bytes of its number.
  std::string NameOf(const CellReading& key) const;
  std::string NameOf(const Target& target) const;

  const bool is_text_;
  const bool lenient_;
  absl::flat_hash_map<std::string, Target> targets_;
};

}  // namespace care::connectors
