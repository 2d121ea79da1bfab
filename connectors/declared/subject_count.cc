#include "connectors/declared/subject_count.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace care::connectors {
namespace {

template <typename Key, typename KeyOf>
SubjectCounts Count(const Column& subject, const KeyOf& key_of) {
  absl::flat_hash_map<Key, std::uint64_t> rows;
  SubjectCounts counts;
  std::uint64_t* last = nullptr;  // databases often keep a person's rows together
  Key last_key{};
  for (std::size_t row = 0; row < subject.size(); ++row) {
    if (subject.IsNull(row)) continue;
    const Key key = key_of(row);
    if (last == nullptr || key != last_key) {
      last = &rows[key];
      last_key = key;
    }
    counts.most_rows = std::max(counts.most_rows, ++*last);
  }
  counts.subjects = rows.size();
  return counts;
}

}  // namespace

SubjectCounts CountSubjects(const Column& subject) {
  if (subject.type.kind != TypeKind::kText) {
    return Count<std::int64_t>(subject, [&](std::size_t row) { return subject.integers[row]; });
  }
  return Count<absl::string_view>(subject, [&](std::size_t row) {
    const std::string_view text = subject.texts[row];
    return absl::string_view(text.data(), text.size());
  });
}

}  // namespace care::connectors
