// An owner's CSV file: whatever its bytes are, it is read to its end or to an error, and every record has as
// many cells as the header. The first byte chooses the delimiter and the text that means NULL.

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "connectors/csv/csv_file.h"

namespace {

// A folder of this process, removed when it ends.
class Folder {
 public:
  Folder() {
    char pattern[] = "/tmp/care-csv-fuzz-XXXXXX";
    if (mkdtemp(pattern) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Folder() {
    unlink((path_ + "/t.csv").c_str());
    rmdir(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const Folder folder;
  std::FILE* file = std::fopen((folder.path() + "/t.csv").c_str(), "wb");
  if (file == nullptr) std::abort();
  if (std::fwrite(data + 1, 1, size - 1, file) != size - 1) std::abort();
  std::fclose(file);
  care::planner::CsvFormat format;
  format.delimiter = ",;\t|"[data[0] & 3];
  if ((data[0] & 4) != 0) format.null = "NULL";
  const auto opened = care::connectors::CsvFile::Open(folder.path(), "t.csv", format);
  if (!opened.ok()) return 0;
  std::size_t bytes = 0;
  for (auto more = (*opened)->Next(); more.ok() && *more; more = (*opened)->Next()) {
    if ((*opened)->cells().size() != (*opened)->header().size()) std::abort();
    for (const auto& cell : (*opened)->cells()) bytes += cell.text.size();
  }
  if (bytes > size) std::abort();  // no cell holds more than what the file says
  return 0;
}
