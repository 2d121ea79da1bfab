#include "connectors/cleaning/merged_keys.h"

#include <cstring>
#include <utility>
#include <vector>

namespace care::connectors {
namespace {

std::string BytesOf(std::int64_t value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

bool IsKey(const CellReading& reading) {
  return !reading.null && (reading.rule == CellRule::kHolds || reading.is_formed);
}

}  // namespace

std::string MergedKeys::NameOf(const CellReading& key) const {
  return is_text_ ? std::string(key.text) : BytesOf(key.value);
}

std::string MergedKeys::NameOf(const Target& target) const {
  return is_text_ ? target.text : BytesOf(target.value);
}

absl::Status MergedKeys::Add(const CellReading& from, const CellReading& to) {
  if (!IsKey(from) || !IsKey(to)) {
    if (!lenient_) return absl::InvalidArgumentError("a number in it is NULL or breaks a rule of its key");
    if (!IsKey(from)) return absl::OkStatus();
  }
  Target target;
  target.is_null = to.null;
  target.rule = to.rule;
  target.is_formed = IsKey(to);
  target.value = to.value;
  target.text = std::string(to.text);
  const std::string name = NameOf(from);
  if (target.is_formed && NameOf(target) == name) return absl::OkStatus();  // into itself: nothing to do
  const auto [entry, is_new] = targets_.try_emplace(name, std::move(target));
  if (is_new) return absl::OkStatus();
  const Target& other = entry->second;
  const bool same = other.is_formed && IsKey(to) && NameOf(other) == NameOf(to);
  return same ? absl::OkStatus() : absl::InvalidArgumentError("a number was merged into two others");
}

absl::Status MergedKeys::Resolve() {
  std::vector<Target*> chain;
  for (auto& [name, target] : targets_) {
    chain.clear();
    Target* last = &target;
    while (last->state != Target::kDone) {
      if (last->state == Target::kWalking) return absl::InvalidArgumentError("numbers were merged in a circle");
      last->state = Target::kWalking;
      chain.push_back(last);
      const auto next = last->is_formed ? targets_.find(NameOf(*last)) : targets_.end();
      if (next == targets_.end()) break;
      last = &next->second;
    }
    for (Target* link : chain) {
      if (link != last) {
        link->rule = last->rule;
        link->is_formed = last->is_formed;
        link->is_null = last->is_null;
        link->value = last->value;
        link->text = last->text;
      }
      link->state = Target::kDone;
    }
  }
  return absl::OkStatus();
}

bool MergedKeys::Apply(CellReading& key) const {
  if (!IsKey(key) || targets_.empty()) return false;
  const char* bytes = is_text_ ? key.text.data() : reinterpret_cast<const char*>(&key.value);
  const auto found = targets_.find(absl::string_view(bytes, is_text_ ? key.text.size() : sizeof key.value));
  if (found == targets_.end()) return false;
  const Target& target = found->second;
  key.rule = target.rule;
  key.null = target.is_null;
  key.value = target.value;
  key.text = target.text;
  key.is_formed = target.is_formed;
  return true;
}

}  // namespace care::connectors
