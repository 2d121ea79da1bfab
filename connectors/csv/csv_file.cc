#include "connectors/csv/csv_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/owner_detail.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

constexpr std::size_t kMostRecordBytes = std::size_t{1} << 20;
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kMostColumns = 4'096;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// A plain name: it says nothing about folders, and is not hidden.
bool IsFileName(const std::string& name) {
  return !name.empty() && name.size() <= 255 && name[0] != '.' && name.find('/') == std::string::npos &&
         name.find('\\') == std::string::npos && name.find('\0') == std::string::npos;
}

}  // namespace

CsvFile::CsvFile(std::string folder, std::string name, const planner::CsvFormat& format)
    : folder_(std::move(folder)), name_(std::move(name)), format_(format), special_(256, false) {
  for (const char c : {'\n', '\r', '"', '\0', format.delimiter}) special_[static_cast<unsigned char>(c)] = true;
}

CsvFile::~CsvFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status CsvFile::Malformed(std::uint64_t line, std::string_view what) const {
  return WithOwnerDetail(absl::FailedPreconditionError(absl::StrCat(name_, ": ", std::string(what))),
                         absl::StrCat("line ", line));
}

absl::Status CsvFile::Unreadable(std::string_view why) const {
  return absl::UnavailableError(absl::StrCat(name_, ": ", std::string(why)));
}

absl::StatusOr<std::unique_ptr<CsvFile>> CsvFile::Open(const std::string& folder, const std::string& name,
                                                       const planner::CsvFormat& format) {
  std::unique_ptr<CsvFile> file(new CsvFile(folder, name, format));
  CARE_RETURN_IF_ERROR(file->OpenFile());
  CARE_RETURN_IF_ERROR(file->ReadHeader());
  return file;
}

absl::Status CsvFile::OpenFile() {
  if (!IsFileName(name_)) {
    return absl::InvalidArgumentError(
        "a table of a CSV folder is the name of a file in it, as \"claims.csv\", not a path");
  }
  // Neither a link out of the folder nor a pipe that nobody writes to.
  descriptor_ = open((folder_ + "/" + name_).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor_ < 0) {
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat(name_, ": there is no such file in the CSV folder"));
    if (errno == ELOOP) return Unreadable("it is a link; put the file itself into the CSV folder");
    return Unreadable("it cannot be opened; see who may read it");
  }
  struct stat status;
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return Unreadable("it is not a file");
  CARE_ASSIGN_OR_RETURN(identity_, IdentityOf(status));
  return absl::OkStatus();
}

absl::StatusOr<FileIdentity> CsvFile::IdentityOf(const struct stat& status) const {
  FileIdentity identity;
  identity.device = status.st_dev;
  identity.inode = status.st_ino;
  identity.size = status.st_size;
  identity.modified_seconds = status.st_mtim.tv_sec;
  identity.modified_nanoseconds = status.st_mtim.tv_nsec;
  return identity;
}

// Keeps the record at hand and reads on behind it.
absl::Status CsvFile::Refill() {
  if (buffer_.size() - begin_ > kMostRecordBytes) {
    return Malformed(line_, "the record that begins here is longer than a mebibyte; is a quote not closed?");
  }
  buffer_.erase(0, begin_);
  begin_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + kChunkBytes);
  ssize_t got = 0;
  do {
    got = read(descriptor_, buffer_.data() + held, kChunkBytes);
  } while (got < 0 && errno == EINTR);
  buffer_.resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return Unreadable("it could not be read to its end (disk error)");
  at_end_ = got == 0;
  return absl::OkStatus();
}

std::string_view CsvFile::TextOf(const Field& field) const {
  return std::string_view(field.unescaped ? unescaped_ : buffer_).substr(field.begin, field.size);
}

absl::StatusOr<CsvFile::Parsed> CsvFile::ParseQuoted(std::size_t& at, std::uint64_t& line, Field& field) {
  field.quoted = true;
  field.begin = at;
  const std::uint64_t opened_in = line;
  std::size_t run = at;  // what is not copied yet, once there was a doubled quote
  for (;; ++at) {
    if (at == buffer_.size()) {
      if (at_end_) return Malformed(opened_in, "a quote is opened here and not closed");
      return Parsed::kMore;
    }
    const char c = buffer_[at];
    if (c == '\n') ++line;
    if (c == '\0') return Malformed(line, "there is a NUL byte; save the file as UTF-8 text");
    if (c != '"') continue;
    if (at + 1 == buffer_.size() && !at_end_) return Parsed::kMore;
    if (at + 1 == buffer_.size() || buffer_[at + 1] != '"') break;
    if (!field.unescaped) {
      field.unescaped = true;
      field.begin = unescaped_.size();
    }
    unescaped_.append(buffer_, run, at + 1 - run);
    run = ++at + 1;
  }
  if (field.unescaped) {
    unescaped_.append(buffer_, run, at - run);
    field.size = unescaped_.size() - field.begin;
  } else {
    field.size = at - field.begin;
  }
  ++at;
  return Parsed::kRecord;
}

// Fills fields_ from the record at begin_ and moves begin_ past it, or changes nothing that counts.
absl::StatusOr<CsvFile::Parsed> CsvFile::ParseRecord() {
  fields_.clear();
  unescaped_.clear();
  std::size_t at = begin_;
  std::uint64_t line = line_;
  if (at == buffer_.size()) return at_end_ ? Parsed::kEnd : Parsed::kMore;
  for (;;) {
    Field field;
    if (at < buffer_.size() && buffer_[at] == '"') {
      CARE_ASSIGN_OR_RETURN(const Parsed parsed, ParseQuoted(++at, line, field));
      if (parsed == Parsed::kMore) return parsed;
    } else {
      field.begin = at;
      while (at < buffer_.size() && !special_[static_cast<unsigned char>(buffer_[at])]) ++at;
      field.size = at - field.begin;
    }
    if (at == buffer_.size() && !at_end_) return Parsed::kMore;
    fields_.push_back(field);
    if (fields_.size() > kMostColumns) return Malformed(line, "there are more than 4096 fields");
    if (at == buffer_.size()) break;
    const char c = buffer_[at++];
    if (c == format_.delimiter) continue;
    if (c == '\n') {
      ++line;
      break;
    }
    if (c == '\r') {
      if (at == buffer_.size() && !at_end_) return Parsed::kMore;
      if (at == buffer_.size() || buffer_[at] != '\n') {
        return Malformed(line, "a line ends with a carriage return alone; write line ends as LF or CRLF");
      }
      ++at;
      ++line;
      break;
    }
    if (c == '\0') return Malformed(line, "there is a NUL byte; save the file as UTF-8 text");
    if (field.quoted) return Malformed(line, "a field goes on after its closing quote; double a quote within quotes");
    return Malformed(line, "there is a quote within a field that is not in quotes");
  }
  begin_ = at;
  line_ = line;
  return Parsed::kRecord;
}

absl::StatusOr<bool> CsvFile::NextRecord() {
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const Parsed parsed, ParseRecord());
    if (parsed != Parsed::kMore) return parsed == Parsed::kRecord;
    CARE_RETURN_IF_ERROR(Refill());
  }
}

absl::Status CsvFile::ReadHeader() {
  CARE_RETURN_IF_ERROR(Refill());
  if (buffer_.compare(0, 2, "\xff\xfe") == 0 || buffer_.compare(0, 2, "\xfe\xff") == 0) {
    return Malformed(1, "it is UTF-16; save it as UTF-8 text");
  }
  if (buffer_.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0) begin_ = kByteOrderMark.size();
  CARE_ASSIGN_OR_RETURN(const bool there, NextRecord());
  if (!there) return Malformed(1, "the file is empty; its first line must name the columns");
  for (const Field& field : fields_) {
    std::string name(TextOf(field));
    if (name.empty()) return Malformed(1, absl::StrCat("column ", header_.size() + 1, " has no name"));
    if (std::find(header_.begin(), header_.end(), name) != header_.end()) {
      return Malformed(1, absl::StrCat("column ", header_.size() + 1, " has the name of an earlier one"));
    }
    header_.push_back(std::move(name));
  }
  cells_.resize(header_.size());
  return absl::OkStatus();
}

absl::StatusOr<bool> CsvFile::Next() {
  const std::uint64_t line = line_;
  CARE_ASSIGN_OR_RETURN(const bool more, NextRecord());
  if (!more) {
    struct stat opened, named;
    if (fstat(descriptor_, &opened) != 0 || lstat((folder_ + "/" + name_).c_str(), &named) != 0) {
      return Unreadable("it went away while it was read; ask again when the export is done");
    }
    CARE_ASSIGN_OR_RETURN(const FileIdentity now, IdentityOf(opened));
    CARE_ASSIGN_OR_RETURN(const FileIdentity there, IdentityOf(named));
    if (now == identity_ && there == identity_) return false;
    return Unreadable(
        "it changed while it was read; ask again when the export is done, and let exports write another file and "
        "rename it");
  }
  if (fields_.size() != cells_.size()) {
    if (fields_.size() == 1 && fields_[0].size == 0) return Malformed(line, "the line is blank; remove it");
    const bool one = fields_.size() == 1;
    return Malformed(line, absl::StrCat("there ", one ? "is " : "are ", fields_.size(), one ? " field" : " fields", ", and the header names ", cells_.size(),
                                        " columns; put fields with delimiters or line ends in quotes"));
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    RawCell& cell = cells_[i];
    cell.text = TextOf(fields_[i]);
    cell.kind = !fields_[i].quoted && cell.text == format_.null ? RawCell::Kind::kNull : RawCell::Kind::kText;
  }
  return true;
}

}  // namespace care::connectors
