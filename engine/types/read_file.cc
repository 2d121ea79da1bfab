#include "engine/types/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace care {

absl::StatusOr<std::string> ReadFile(const std::string& path, std::string_view what, std::size_t most) {
  constexpr std::size_t kBlock = 64 * 1024;
  const auto failed = [&](int error) {
    return absl::NotFoundError(
        absl::StrCat("cannot read ", std::string(what), " ", path, ": ", std::strerror(error)));
  };
  const int handle = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (handle < 0) return failed(errno);
  std::string text;
  ssize_t count = 0;
  do {
    const std::size_t before = text.size();
    text.resize(before + std::min(kBlock, most + 1 - before));
    count = read(handle, text.data() + before, text.size() - before);
    const int error = errno;
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && error == EINTR) count = 1;
    if (count < 0) {
      close(handle);
      return failed(error);
    }
  } while (count > 0 && text.size() <= most);
  close(handle);
  if (text.size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(what), " ", path, " has more than ", most, " bytes; is it the right file?"));
  }
  return text;
}

}  // namespace care
