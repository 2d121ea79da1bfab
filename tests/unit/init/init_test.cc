// The files that `care init` writes: both are read without an error as they stand, and again with every
// commented key made a setting, so that no explained key is unknown. Every key that the readers know is
// explained. Nothing that exists is overwritten unless asked.

#include "engine/frontend/init/init.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/init/federation_template.h"
#include "engine/frontend/init/node_template.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

using ::testing::HasSubstr;

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// "#key = value" and "#[section]" lose their #; "# prose" stays.
std::string WithEveryKey(const std::string& text) {
  std::string all;
  for (const auto& view : absl::StrSplit(text, '\n')) {
    std::string line(view);
    const std::size_t start = line.find_first_not_of(' ');
    if (start != std::string::npos && line[start] == '#' && start + 1 < line.size() &&
        line[start + 1] != ' ') {
      line.erase(start, 1);
    }
    absl::StrAppend(&all, line, "\n");
  }
  return all;
}

class InitTest : public ::testing::Test {
 protected:
  InitOptions Options(const std::string& party, const std::string& database = "sqlite") {
    InitOptions options;
    options.directory = directory_.File("trial");
    options.party = party;
    options.database_kind = database;
    return options;
  }
  std::string File(const std::string& name) { return directory_.File("trial/" + name); }

  mpc::TemporaryDirectory directory_;
};

TEST_F(InitTest, WhatItWritesIsReadForEachKindOfDatabase) {
  for (const std::string kind : {"postgresql", "sqlite", "csv"}) {
    InitOptions options = Options("insurer", kind);
    options.replace = true;
    ASSERT_TRUE(WriteInitialFiles(options).ok());
    const auto catalog = planner::LoadFederation(File("federation.toml"));
    ASSERT_TRUE(catalog.ok()) << catalog.status();
    const auto config = planner::LoadNodeConfig(File("insurer.toml"));
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(config->party, "insurer");
    EXPECT_EQ(config->database_kind, kind);
    EXPECT_EQ(config->listen, catalog->parties[1].address);
    EXPECT_EQ(config->federation_path, File("federation.toml"));
    // What the comments give as defaults is what holds without them.
    std::ofstream(File("all.toml")) << WithEveryKey(ReadText(File("insurer.toml")));
    const auto all = planner::LoadNodeConfig(File("all.toml"));
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_EQ(all->preview, config->preview);
    EXPECT_EQ(all->record_traffic, config->record_traffic);
    EXPECT_EQ(all->threshold, config->threshold);
    EXPECT_EQ(all->log_level, config->log_level);
    EXPECT_EQ(all->log_format, config->log_format);
    EXPECT_EQ(all->statement_timeout_seconds, config->statement_timeout_seconds);
  }
}

TEST_F(InitTest, EveryCommentedKeyOfTheFederationFileIsKnown) {
  const std::string text = FederationText({"trial", {"a", "b", "c"}, std::string(64, 'f'), "b"});
  const auto plain = planner::ParseFederation(text);
  ASSERT_TRUE(plain.ok()) << plain.status();
  const auto all = planner::ParseFederation(WithEveryKey(text));
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->links.at("lan").megabit_per_second, plain->links.at("lan").megabit_per_second);
  EXPECT_EQ(all->links.at("wan").round_trip_us, plain->links.at("wan").round_trip_us);
  EXPECT_EQ(all->tables[0].columns[1].nullable, plain->tables[0].columns[1].nullable);
  EXPECT_EQ(all->tables[0].columns[1].rules.group_key, plain->tables[0].columns[1].rules.group_key);
  EXPECT_EQ(all->views.size(), 1u);
}

// The readers' errors list all keys that they know: each must be in the template.
TEST_F(InitTest, EveryKnownKeyIsExplained) {
  ASSERT_TRUE(WriteInitialFiles(Options("hospital")).ok());
  const std::string node = ReadText(File("hospital.toml"));
  const std::string federation = ReadText(File("federation.toml"));
  const auto expect_explained = [](const std::string& text, const absl::Status& unknown) {
    const std::string message(unknown.message());
    const std::size_t at = message.find("known keys are ");
    ASSERT_NE(at, std::string::npos) << message;
    const std::vector<std::string> keys = absl::StrSplit(message.substr(at + 15), ", ");
    for (const std::string& key : keys) {
      EXPECT_TRUE(text.find(key + " = ") != std::string::npos || text.find("[" + key) != std::string::npos)
          << key;
    }
  };
  const std::string odd = "zzzzzzzzzzzzzzzz = 1\n";
  std::ofstream(File("odd.toml")) << odd << node;
  expect_explained(node, planner::LoadNodeConfig(File("odd.toml")).status());
  expect_explained(federation, planner::ParseFederation(odd + federation).status());
}

TEST_F(InitTest, NothingIsOverwrittenUnlessAsked) {
  ASSERT_TRUE(WriteInitialFiles(Options("hospital")).ok());
  const std::string ours = ReadText(File("federation.toml")) + "# ours\n";
  std::ofstream(File("federation.toml")) << ours;
  std::ofstream(File("hospital.toml")) << "ours";
  EXPECT_EQ(WriteInitialFiles(Options("hospital")).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadText(File("hospital.toml")), "ours");
  ASSERT_TRUE(WriteInitialFiles(Options("bureau")).ok());
  EXPECT_EQ(ReadText(File("federation.toml")), ours);
  InitOptions replace = Options("hospital");
  replace.replace = true;
  ASSERT_TRUE(WriteInitialFiles(replace).ok());
  EXPECT_NE(ReadText(File("hospital.toml")), "ours");
  EXPECT_NE(ReadText(File("federation.toml")), ours);
}

TEST_F(InitTest, PartiesAreThoseOfTheFederationFileThatIsThere) {
  InitOptions own = Options("clinic");
  own.parties = {"clinic", "registry", "fund"};
  ASSERT_TRUE(WriteInitialFiles(own).ok());
  const auto other = WriteInitialFiles(Options("fund"));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(planner::LoadNodeConfig(File("fund.toml"))->party, "fund");
  EXPECT_EQ(WriteInitialFiles(Options("hospital")).status().code(), absl::StatusCode::kInvalidArgument);
  std::ofstream(File("federation.toml")) << "name = ";
  EXPECT_EQ(WriteInitialFiles(Options("registry")).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(InitTest, TheAuthorityThatIsThereIsPinned) {
  const auto authority = mpc::CertificateAuthority::Create("test", 10).value();
  std::filesystem::create_directories(directory_.File("trial"));
  std::ofstream(File("authority.pem")) << authority.certificate_pem();
  ASSERT_TRUE(WriteInitialFiles(Options("hospital")).ok());
  EXPECT_EQ(planner::LoadFederation(File("federation.toml"))->authority_sha256, authority.fingerprint());
}

TEST_F(InitTest, WrongNamesAreRefused) {
  InitOptions options = Options("somebody");
  EXPECT_THAT(std::string(WriteInitialFiles(options).status().message()),
              HasSubstr("--party somebody is not one of"));
  options = Options("hospital");
  options.parties = {"hospital", "insurer"};
  EXPECT_THAT(std::string(WriteInitialFiles(options).status().message()), HasSubstr("fewer than three"));
  options.parties = {"hospital", "insurer", "../etc"};
  EXPECT_THAT(std::string(WriteInitialFiles(options).status().message()), HasSubstr("is not a party's name"));
  EXPECT_FALSE(std::filesystem::exists(directory_.File("trial")));
}

}  // namespace
}  // namespace care::engine
