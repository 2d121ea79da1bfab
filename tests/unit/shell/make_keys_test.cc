// `care keygen`: keys that only their owner can read, certificates that nodes and analysts can use, and nothing
// overwritten by accident.

#include "engine/frontend/shell/make_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "mpc/net/tls_identity.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

TEST(MakeKeysTest, MakesWhatNodesAndAnalystsNeed) {
  mpc::TemporaryDirectory directory;
  const std::string path = directory.File("keys");
  const std::string fingerprint = MakeKeys({.directory = path, .parties = {"hospital", "insurer"}}).value();
  EXPECT_EQ(fingerprint.size(), 64u);
  for (const auto& [file, name] : {std::pair("hospital", "hospital"), std::pair("analyst.insurer", "analyst@insurer")}) {
    const std::string base = path + "/" + file;
    const auto identity =
        mpc::TlsIdentity::Load({base + ".pem", base + ".key", path + "/authority.pem", fingerprint});
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ((*identity)->name(), name);
    struct stat status {};
    ASSERT_EQ(stat((base + ".key").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
  }
}

TEST(MakeKeysTest, KeepsWhatIsThere) {
  mpc::TemporaryDirectory directory;
  KeyOptions options{.directory = directory.File("keys"), .parties = {"hospital"}};
  const std::string first = MakeKeys(options).value();
  EXPECT_EQ(MakeKeys(options).status().code(), absl::StatusCode::kAlreadyExists);
  options.replace = true;
  EXPECT_NE(MakeKeys(options).value(), first);
}

TEST(MakeKeysTest, RenewsOneUnderTheSameAuthority) {
  mpc::TemporaryDirectory directory;
  const std::string path = directory.File("keys");
  const std::string fingerprint = MakeKeys({.directory = path, .parties = {"hospital", "insurer"}}).value();
  const auto load = [&](const std::string& file) {
    const std::string base = path + "/" + file;
    return mpc::TlsIdentity::Load({base + ".pem", base + ".key", path + "/authority.pem", fingerprint}).value();
  };
  const auto first = load("hospital");
  ASSERT_TRUE(RenewKeys({.directory = path, .name = "hospital", .same_key = true}).ok());
  const auto second = load("hospital");
  EXPECT_EQ(second->public_key(), first->public_key());
  EXPECT_NE(second->fingerprint(), first->fingerprint());
  ASSERT_TRUE(RenewKeys({.directory = path, .name = "hospital", .days = 30}).ok());
  const auto third = load("hospital");
  EXPECT_NE(third->public_key(), first->public_key());
  EXPECT_EQ(third->name(), "hospital");
  EXPECT_TRUE(third->CheckIssuer().ok());
  struct stat status {};
  for (const char* key : {"/hospital.key", "/hospital.key.before"}) {
    ASSERT_EQ(stat((path + key).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << key;
  }
  ASSERT_TRUE(RenewKeys({.directory = path, .name = "analyst@insurer"}).ok());
  EXPECT_EQ(load("analyst.insurer")->name(), "analyst@insurer");
  EXPECT_EQ(RenewKeys({.directory = path, .name = "somebody"}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(RenewKeys({.directory = path, .name = "../hospital"}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(MakeKeysTest, MakesAnAuthorityForPartiesThatMakeTheirOwnKeys) {
  mpc::TemporaryDirectory directory;
  const std::string path = directory.File("keys");
  EXPECT_EQ(MakeKeys({.directory = path, .authority_only = true}).value().size(), 64u);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    EXPECT_TRUE(entry.path().filename().string().starts_with("authority.")) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 2);
  EXPECT_EQ(MakeKeys({.directory = directory.File("none")}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MakeKeysTest, DoesNotRenewForAKeyThatIsNotTheCertificates) {
  mpc::TemporaryDirectory directory;
  const std::string path = directory.File("keys");
  ASSERT_TRUE(MakeKeys({.directory = path, .parties = {"hospital", "insurer"}}).ok());
  const std::string pem = path + "/hospital.pem";
  std::filesystem::copy_file(path + "/insurer.pem", pem, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(RenewKeys({.directory = path, .name = "hospital", .same_key = true}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(pem + ".before"));
  std::filesystem::remove(path + "/hospital.key");
  EXPECT_EQ(RenewKeys({.directory = path, .name = "hospital"}).status().code(), absl::StatusCode::kNotFound);
}

TEST(MakeKeysTest, RefusesNamesThatLeaveTheDirectory) {
  mpc::TemporaryDirectory directory;
  for (const char* name : {"", "../x", "a/b", "analyst@hospital"}) {
    EXPECT_EQ(MakeKeys({.directory = directory.File("keys"), .parties = {name}}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

}  // namespace
}  // namespace care::engine
