#include "engine/frontend/record/record_file.h"

#include <filesystem>

#include "absl/strings/str_cat.h"

namespace care::engine {

absl::StatusOr<std::unique_ptr<RecordFile>> RecordFile::Open(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return absl::InvalidArgumentError(absl::StrCat(path, " is a directory; name a file for the record"));
  std::unique_ptr<RecordFile> record(new RecordFile(path));
  record->file_.open(record->unfinished_path_, std::ios::binary | std::ios::trunc);
  if (!record->file_) {
    return absl::InvalidArgumentError(
        absl::StrCat("the record cannot be written: ", record->unfinished_path_, " cannot be opened. Nothing was asked"));
  }
  return record;
}

RecordFile::~RecordFile() {
  file_.close();
  std::error_code ignored;
  std::filesystem::remove(unfinished_path_, ignored);
}

absl::Status RecordFile::Finish(const std::string& page) {
  file_ << page;
  file_.close();
  std::error_code error;
  if (file_) std::filesystem::rename(unfinished_path_, path_, error);
  if (!file_ || error) return absl::UnavailableError(absl::StrCat("cannot write ", path_));
  return absl::OkStatus();
}

}  // namespace care::engine
