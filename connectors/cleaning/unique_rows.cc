#include "connectors/cleaning/unique_rows.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace care::connectors {
namespace {

using planner::OnDuplicate;

// A key of several columns as bytes: numbers of eight, texts after their length.
TextVector Encode(const std::vector<const Column*>& key, const std::vector<std::uint8_t>& gone) {
  TextVector encoded;
  std::string bytes;
  const auto append = [&](std::int64_t value) {
    char number[sizeof value];
    std::memcpy(number, &value, sizeof value);
    bytes.append(number, sizeof value);
  };
  for (std::size_t row = 0; row < gone.size(); ++row) {
    bytes.clear();
    for (const Column* column : key) {
      if (gone[row] != 0) break;
      if (column->type.kind == TypeKind::kText) {
        append(static_cast<std::int64_t>(column->texts[row].size()));
        bytes.append(column->texts[row]);
      } else {
        append(column->integers[row]);
      }
    }
    encoded.Append(bytes);
  }
  return encoded;
}

template <typename Key, typename KeyOf>
UniqueRowsResult Keep(const std::vector<const Column*>& columns, OnDuplicate on_duplicate,
                      const std::function<bool(std::size_t, std::size_t)>& is_before,
                      std::vector<std::uint8_t>& gone, const KeyOf& key_of) {
  UniqueRowsResult result;
  absl::flat_hash_map<Key, std::size_t> stays;
  const auto remove = [&](std::size_t row) {
    result.gone += gone[row] == 0 ? 1 : 0;
    gone[row] = 1;
  };
  for (std::size_t row = 0; row < gone.size(); ++row) {
    const bool has_null =
        std::any_of(columns.begin(), columns.end(), [&](const Column* column) { return column->IsNull(row); });
    if (gone[row] != 0 || has_null) continue;
    const auto [entry, is_new] = stays.try_emplace(key_of(row), row);
    if (is_new) continue;
    if (on_duplicate == OnDuplicate::kError) {
      result.repeated = true;
      return result;
    }
    if (on_duplicate == OnDuplicate::kDrop) {
      remove(entry->second);
      remove(row);
    } else if (is_before(row, entry->second)) {
      remove(entry->second);
      entry->second = row;
    } else {
      remove(row);
    }
  }
  return result;
}

bool HasNull(const std::vector<const Column*>& columns, std::size_t row) {
  return std::any_of(columns.begin(), columns.end(), [&](const Column* column) { return column->IsNull(row); });
}

}  // namespace

bool HasMoreAlike(const std::vector<const Column*>& key, std::uint64_t most, const std::vector<std::uint8_t>& gone) {
  const TextVector encoded = Encode(key, gone);
  absl::flat_hash_map<absl::string_view, std::uint64_t> counts;
  for (std::size_t row = 0; row < gone.size(); ++row) {
    if (gone[row] != 0 || HasNull(key, row)) continue;
    if (++counts[absl::string_view(encoded[row].data(), encoded[row].size())] > most) return true;
  }
  return false;
}

UniqueRowsResult KeepUniqueRows(const std::vector<const Column*>& key, OnDuplicate on_duplicate,
                                const std::function<bool(std::size_t, std::size_t)>& is_before,
                                std::vector<std::uint8_t>& gone) {
  if (key.size() == 1 && key[0]->type.kind != TypeKind::kText) {
    return Keep<std::int64_t>(key, on_duplicate, is_before, gone,
                              [&](std::size_t row) { return key[0]->integers[row]; });
  }
  const TextVector encoded = key.size() == 1 ? TextVector() : Encode(key, gone);
  const TextVector& texts = key.size() == 1 ? key[0]->texts : encoded;
  return Keep<absl::string_view>(key, on_duplicate, is_before, gone, [&](std::size_t row) {
    return absl::string_view(texts[row].data(), texts[row].size());
  });
}

}  // namespace care::connectors
