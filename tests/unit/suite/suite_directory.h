// A temporary directory for a test's suites.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace care::engine {

class SuiteDirectory {
 public:
  SuiteDirectory() {
    char pattern[] = "/tmp/care-suite-XXXXXX";
    path_ = mkdtemp(pattern);
  }
  ~SuiteDirectory() { std::filesystem::remove_all(path_); }
  SuiteDirectory(const SuiteDirectory&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
};

}  // namespace care::engine
