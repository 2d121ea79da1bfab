// tests/unit/net/temporary_certificates.h
//
// An authority and its certificates in a directory that goes away with the test.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "mpc/net/certificate_authority.h"
#include "mpc/net/tls_identity.h"

namespace care::mpc {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "care-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string File(const std::string& name) const { return (path_ / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(File(name)) << text;
    return File(name);
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(File(name));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

 private:
  std::filesystem::path path_;
};

class TemporaryCertificates {
 public:
  explicit TemporaryCertificates(const std::string& name = "test")
      : authority_(CertificateAuthority::Create(name, 10).value()) {
    directory_.Write("authority.pem", authority_.certificate_pem());
  }

  TlsFiles Files(const std::string& name, int days = 10) {
    const CertifiedKey key = authority_.Issue(name, days).value();
    return TlsFiles{directory_.Write(name + ".pem", key.certificate_pem),
                    directory_.Write(name + ".key", key.private_key_pem), directory_.File("authority.pem"),
                    authority_.fingerprint()};
  }
  std::shared_ptr<const TlsIdentity> Identity(const std::string& name, int days = 10) {
    return TlsIdentity::Load(Files(name, days)).value();
  }
  const CertificateAuthority& authority() const { return authority_; }
  const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
  CertificateAuthority authority_;
};

}  // namespace care::mpc
