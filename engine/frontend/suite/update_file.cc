#include "engine/frontend/suite/update_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

absl::Status ReplaceFile(const std::string& path, const std::string& text) {
  const std::string unfinished = path + ".unfinished";
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(unfinished, path, error);
  if (!file || error) {
    std::filesystem::remove(unfinished, error);
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

// By the line where they begin, from the last to the first: a replacement moves only what is below it. An
// included file has a record of each time that it was included; the first counts.
using Replacements = std::map<std::size_t, const JudgedRecord*, std::greater<>>;

absl::Status Rewrite(const std::string& path, const Replacements& replacements) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (const auto& [begin, judged] : replacements) {
    const SuiteRecord& record = judged->record;
    std::vector<std::string> fresh = judged->judgement.update;
    if (!record.has_expected) fresh.insert(fresh.begin(), "----");
    const auto at = [&](std::size_t line) { return lines.begin() + static_cast<std::ptrdiff_t>(std::min(line, lines.size())); };
    // A file that ends without a line end, at a record without rows, gets one.
    if (begin >= lines.size()) fresh.push_back("");
    const auto place = lines.erase(at(begin), at(record.expected_end));
    lines.insert(place, fresh.begin(), fresh.end());
  }
  return ReplaceFile(path, absl::StrJoin(lines, "\n"));
}

}  // namespace

absl::StatusOr<std::size_t> UpdateFiles(const std::vector<JudgedFile>& files) {
  std::map<std::string, Replacements> by_file;
  std::size_t count = 0;
  for (const JudgedFile& file : files) {
    for (const JudgedRecord& judged : file.records) {
      if (judged.judgement.failure.empty() || !judged.judgement.can_update) continue;
      const SuiteRecord& record = judged.record;
      if (record.has_expected && judged.judgement.update == record.expected) continue;
      if (by_file[record.file].try_emplace(record.expected_begin, &judged).second) ++count;
    }
  }
  for (const auto& [path, replacements] : by_file) CARE_RETURN_IF_ERROR(Rewrite(path, replacements));
  return count;
}

}  // namespace care::engine
