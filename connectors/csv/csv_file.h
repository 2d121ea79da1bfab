// connectors/csv/csv_file.h
//
// One CSV file, record by record (RFC 4180): fields in quotes or not, a quote within quotes doubled, line ends LF or
// CRLF and within quotes part of the field, a byte order mark passed over. The first line names the columns. As in
// PostgreSQL's COPY, a field without quotes that is the NULL text is NULL, and "" in quotes is an empty text.
//
// Files come from anywhere. A record has at most a mebibyte, so that whatever the bytes are, memory is bounded. An error
// names file and line, never what stands there. A file that changes while it is read is an error, not a mixture.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/cleaning/raw_cell.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

// What tells one state of a file from another.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_seconds = 0;
  std::int64_t modified_nanoseconds = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

class CsvFile {
 public:
  // `name` is a file's name, not a path: it cannot leave the folder, nor can a link. Reads the header.
  static absl::StatusOr<std::unique_ptr<CsvFile>> Open(const std::string& folder, const std::string& name,
                                                       const planner::CsvFormat& format);
  ~CsvFile();
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  const std::vector<std::string>& header() const { return header_; }
  const FileIdentity& identity() const { return identity_; }

  // True: cells() is the next record, with as many cells as the header. False: no more, and the file is still the one
  // that was opened.
  absl::StatusOr<bool> Next();
  // Of kind kText or kNull; valid until the next Next().
  const std::vector<RawCell>& cells() const { return cells_; }

 private:
  struct Field {
    std::size_t begin = 0;  // in the buffer or in unescaped_
    std::size_t size = 0;
    bool quoted = false;
    bool unescaped = false;
  };
  enum class Parsed : std::uint8_t { kRecord, kEnd, kMore };

  CsvFile(std::string folder, std::string name, const planner::CsvFormat& format);
  absl::Status OpenFile();
  absl::Status ReadHeader();
  absl::StatusOr<bool> NextRecord();
  absl::StatusOr<Parsed> ParseRecord();
  // From `at`, just after the opening quote; leaves `at` after the closing one.
  absl::StatusOr<Parsed> ParseQuoted(std::size_t& at, std::uint64_t& line, Field& field);
  absl::Status Refill();
  absl::StatusOr<FileIdentity> IdentityOf(const struct stat& status) const;
  absl::Status Malformed(std::uint64_t line, std::string_view what) const;
  absl::Status Unreadable(std::string_view why) const;
  std::string_view TextOf(const Field& field) const;

  const std::string folder_;
  const std::string name_;
  const planner::CsvFormat format_;
  int descriptor_ = -1;
  FileIdentity identity_;
  std::vector<bool> special_;  // by byte: ends a run of plain bytes
  std::string buffer_;
  std::size_t begin_ = 0;  // of the next record, in the buffer
  bool at_end_ = false;    // the buffer holds the file's end
  std::uint64_t line_ = 1;
  std::vector<Field> fields_;
  std::string unescaped_;
  std::vector<std::string> header_;
  std::vector<RawCell> cells_;
};

}  // namespace care::connectors
