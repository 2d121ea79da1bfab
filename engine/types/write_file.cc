#include "engine/types/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace care {

absl::Status ReplaceFile(const std::string& path, std::string_view text, unsigned mode) {
  const std::string beside = absl::StrCat(path, ".new.", getpid());
  const auto failed = [&](int error) {
    unlink(beside.c_str());
    return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", std::strerror(error)));
  };
  const int handle = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  if (handle < 0) return failed(errno);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(handle, text.data() + done, text.size() - done);
    if (count > 0) done += static_cast<std::size_t>(count);
    if (count < 0 && errno != EINTR) break;
  }
  const int error = done < text.size() || fsync(handle) != 0 ? errno : 0;
  close(handle);
  if (error != 0) return failed(error);
  if (rename(beside.c_str(), path.c_str()) != 0) return failed(errno);
  return absl::OkStatus();
}

}  // namespace care
