// engine/exec/partitions/spill_file.h
//
// Bytes that wait on disk while a query runs: encrypted and authenticated by AES-256-GCM under a key that is drawn for this file, is
// nowhere but in this object, and is erased with it. The file has no name, so that it goes with the process however that ends.
// What is left on the disk is ciphertext without a key.
//
// In $TMPDIR, else in /var/tmp. One thread writes; when it has, several may read.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"

namespace care::engine {

// Where something was written.
struct SpillRange {
  std::uint64_t first_record = 0;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t bytes = 0;   // of plaintext
};

class SpillFile {
 public:
  // Unavailable where no file can be made, with the folder's name.
  static absl::StatusOr<std::unique_ptr<SpillFile>> Create();
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  // ResourceExhausted where the disk is full.
  absl::StatusOr<SpillRange> Write(std::span<const std::uint8_t> plaintext);
  // DataLoss where the file is not what was written.
  absl::StatusOr<std::vector<std::uint8_t>> Read(const SpillRange& range) const;

  std::uint64_t bytes_on_disk() const { return size_; }
  int descriptor() const { return descriptor_; }  // for tests

 private:
  static constexpr std::size_t kKeyBytes = 32;

  SpillFile(int descriptor, std::string folder) : descriptor_(descriptor), folder_(std::move(folder)) {}

  const int descriptor_;
  const std::string folder_;
  std::array<std::uint8_t, kKeyBytes> key_{};
  std::uint64_t records_ = 0;  // each is its nonce, which therefore never comes again
  std::uint64_t size_ = 0;
};

}  // namespace care::engine
