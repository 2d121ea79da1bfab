// What a node keeps of versions that were agreed on, and which of them matter at what time.

#include "engine/session/federation_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine/session/version_files.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr UnixSeconds kSwitch = 1'800'000'000;

std::string Text(std::uint32_t version, const std::string& comment = "") {
  return absl::StrCat("name = \"trial\"\nversion = ", version, "\ncompute = [\"a\", \"b\", \"c\"]\nauthority_sha256 = \"",
                      std::string(64, '0'), "\"\n",
                      "[[party]]\nname = \"a\"\naddress = \"127.0.0.1:1\"\n"
                      "[[party]]\nname = \"b\"\naddress = \"127.0.0.1:2\"\n"
                      "[[party]]\nname = \"c\"\naddress = \"127.0.0.1:3\"\n"
                      "[[table]]\nname = \"a.t\"\nsubject = \"k\"\nrow_bound = 10\n"
                      "[[table.column]]\nname = \"k\"\ntype = \"text\"\nkey = \"k\"\nnullable = false\n",
                      "# ", comment, "\n");
}

StoredVersion Stored(std::uint32_t version, UnixSeconds at) {
  const auto catalog = planner::ParseFederation(Text(version));
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return {version, catalog->digest, Text(version), at, "{}"};
}

std::vector<std::uint32_t> Matter(const std::string& file, const std::vector<StoredVersion>& stored, UnixSeconds now) {
  const auto files = VersionsThatMatter(planner::ParseFederation(file).value(), stored, now);
  EXPECT_TRUE(files.ok()) << files.status();
  std::vector<std::uint32_t> versions;
  for (const VersionFile& version : files.value()) versions.push_back(version.catalog.version);
  return versions;
}

TEST(FederationStoreTest, KeepsVersionsInOrder) {
  mpc::TemporaryDirectory directory;
  {
    const auto store = FederationStore::Open(directory.File("state")).value();
    EXPECT_TRUE(store->Versions()->empty());
    ASSERT_TRUE(store->Install(Stored(1, 0), Stored(2, kSwitch)).ok());
    EXPECT_EQ(store->Install(Stored(1, 0), Stored(2, kSwitch)).code(), absl::StatusCode::kAlreadyExists);
    ASSERT_TRUE(store->Install(Stored(2, kSwitch), Stored(5, kSwitch + 10)).ok());
  }
  const auto store = FederationStore::Open(directory.File("state")).value();
  const auto versions = store->Versions().value();
  ASSERT_EQ(versions.size(), 3u);
  EXPECT_EQ(versions[1].text, Text(2));
  EXPECT_EQ(versions[1].activates_at, kSwitch);
  EXPECT_EQ(versions[2].version, 5u);
  EXPECT_FALSE(store->Withdraw(5, kSwitch + 10).ok());  // in force
  EXPECT_TRUE(store->Withdraw(5, kSwitch + 9).ok());
  EXPECT_FALSE(store->Withdraw(5, kSwitch + 9).ok());
}

TEST(FederationStoreTest, AFileThatIsNoDatabaseIsAnError) {
  mpc::TemporaryDirectory directory;
  directory.Write("federation.sqlite", std::string(5000, 'x'));
  const std::string path = directory.File("federation.sqlite");
  const auto store = FederationStore::Open(path.substr(0, path.rfind('/')));
  ASSERT_FALSE(store.ok());
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("federation.sqlite"));
}

TEST(VersionFilesTest, WithoutAStoreTheFileIsInForce) { EXPECT_THAT(Matter(Text(1), {}, 0), ElementsAre(1)); }

TEST(VersionFilesTest, WhatIsInForceAndWhatIsAccepted) {
  const std::vector<StoredVersion> stored{Stored(1, 0), Stored(2, kSwitch), Stored(3, kSwitch + 10'000)};
  EXPECT_THAT(Matter(Text(1), stored, kSwitch - 1), ElementsAre(1, 2, 3));
  EXPECT_THAT(Matter(Text(1), stored, kSwitch + 900), ElementsAre(1, 2, 3));
  EXPECT_THAT(Matter(Text(1), stored, kSwitch + 901), ElementsAre(2, 3));
  // The file may be replaced by any that is in the store, at any time.
  EXPECT_THAT(Matter(Text(3), stored, kSwitch - 1), ElementsAre(1, 2, 3));
  EXPECT_THAT(Matter(Text(2), stored, kSwitch + 20'000), ElementsAre(3));
}

TEST(VersionFilesTest, AFileThatNobodyAgreedTo) {
  const std::vector<StoredVersion> stored{Stored(1, 0), Stored(2, kSwitch)};
  EXPECT_THAT(Matter(Text(3), stored, 0), ElementsAre(3));  // newer than all: as it is
  const auto other = VersionsThatMatter(planner::ParseFederation(Text(2, "edited")).value(), stored, 0);
  EXPECT_THAT(std::string(other.status().message()), HasSubstr("put the file that they signed in its place"));
}

}  // namespace
}  // namespace care::engine
