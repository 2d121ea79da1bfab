// engine/frontend/record/record_file.h
//
// The file of a record. It is opened before the question is asked, since an answer is released once: that the
// file cannot be written must be known before, not after. What was there under its name stays until the record
// is complete.
#pragma once

#include <fstream>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace care::engine {

class RecordFile {
 public:
  static absl::StatusOr<std::unique_ptr<RecordFile>> Open(const std::string& path);
  ~RecordFile();  // without Finish nothing is left behind
  RecordFile(const RecordFile&) = delete;

  absl::Status Finish(const std::string& page);

 private:
  explicit RecordFile(std::string path) : path_(std::move(path)), unfinished_path_(path_ + ".unfinished") {}

  const std::string path_;
  const std::string unfinished_path_;
  std::ofstream file_;
};

}  // namespace care::engine
