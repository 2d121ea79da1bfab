// engine/session/file_stamp.h
//
// Whether a file was written or replaced since the last look, from what the file system says of it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace care::engine {

struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;  // 0: there is no such file
  std::int64_t size = 0;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;

  bool operator==(const FileStamp&) const = default;
};

inline FileStamp StampOf(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

}  // namespace care::engine
