// `care doctor` against a small federation on disk, with real nodes where a peer is needed: each thing that
// can be wrong is made wrong, one at a time, and must be found with its remedy, and a sound node must pass
// without a word of warning.

#include "engine/frontend/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/session/federated_engine.h"
#include "engine/session/ledger.h"
#include "engine/session/node.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kTable[] = R"toml(
[[table]]
name = "hospital.patients"
subject = "bsn"
row_bound = 100
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
)toml";

class DoctorTest : public ::testing::Test {
 protected:
  DoctorTest() {
    for (int i = 0; i < 3; ++i) {
      auto files = certificates_.Files(kParties[i], kDays);
      certificates_.Files(absl::StrCat("analyst@", kParties[i]), kDays);
      chmod(files.private_key_path.c_str(), 0600);
    }
    // A port that was free a moment ago, for each.
    mpc::IoThread io;
    for (int i = 0; i < 3; ++i) {
      auto listener =
          mpc::TlsListener::Listen(io, certificates_.Identity("probe"), "127.0.0.1:0", {}, {}).value();
      addresses_[i] = absl::StrCat("127.0.0.1:", listener->port());
      listeners_.push_back(std::move(listener));
    }
    listeners_.clear();
    WriteFederation(1);
    for (int i = 0; i < 3; ++i) {
      MakeDatabase(i);
      certificates_.directory().Write(
          absl::StrCat(kParties[i], ".toml"),
          absl::StrCat("party = \"", kParties[i], "\"\nfederation = \"federation.toml\"\nlisten = \"",
                       addresses_[i], "\"\ncertificate = \"", kParties[i], ".pem\"\nprivate_key = \"",
                       kParties[i], ".key\"\nauthority = \"authority.pem\"\ndata_directory = \"", kParties[i],
                       ".state\"\n[database]\nkind = \"sqlite\"\npath = \"", kParties[i], ".db\"\n"));
    }
  }

  void WriteFederation(int version) {
    std::string text =
        absl::StrCat("name = \"test\"\nversion = ", version,
                     "\ncompute = [\"hospital\", \"insurer\", \"bureau\"]\nauthority_sha256 = \"",
                     certificates_.authority().fingerprint(), "\"\n");
    for (int i = 0; i < 3; ++i) {
      absl::StrAppend(&text, "[[party]]\nname = \"", kParties[i], "\"\naddress = \"", addresses_[i], "\"\n");
    }
    certificates_.directory().Write("federation.toml", text + kTable);
  }

  void MakeDatabase(int party) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(File(absl::StrCat(kParties[party], ".db")).c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, "CREATE TABLE patients(bsn TEXT)", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(database);
  }

  std::string File(const std::string& name) { return certificates_.directory().File(name); }

  std::unique_ptr<Node> StartNode(int party) {
    NodeOptions options;
    options.program_version = "9.9";
    const auto config = planner::LoadNodeConfig(File(absl::StrCat(kParties[party], ".toml"))).value();
    auto node = Node::Start(config, planner::LoadFederation(config.federation_path).value(),
                            &MakeFederatedEngine, options);
    EXPECT_TRUE(node.ok()) << node.status();
    return *std::move(node);
  }

  DoctorReport Examine() { return RunDoctor({File("hospital.toml"), "1.0"}); }

  // What failed or warned, one line each.
  static std::string Troubles(const DoctorReport& report) {
    std::string troubles;
    for (const Finding& finding : report.findings()) {
      if (finding.health == Health::kOk) continue;
      absl::StrAppend(&troubles, finding.health == Health::kFailure ? "FAIL " : "WARN ", finding.area, ": ",
                      finding.text, " -> ", finding.remedy, "\n");
    }
    return troubles;
  }

  static constexpr int kDays = 300;
  static constexpr const char* kParties[3] = {"hospital", "insurer", "bureau"};
  mpc::TemporaryCertificates certificates_;
  std::string addresses_[3];
  std::vector<std::unique_ptr<mpc::TlsListener>> listeners_;
};

TEST_F(DoctorTest, ASoundNodePassesWhetherItRunsOrNot) {
  const auto insurer = StartNode(1);
  const auto bureau = StartNode(2);
  DoctorReport report = Examine();
  EXPECT_EQ(Troubles(report), "");
  EXPECT_FALSE(report.failed());
  EXPECT_THAT(ReportAsText(report),
              AllOf(HasSubstr("no node runs on"), HasSubstr("insurer reaches this node"),
                    HasSubstr("bureau has the same federation file"), HasSubstr("version 9.9"),
                    HasSubstr("hospital.patients is there with all its columns"),
                    HasSubstr(" 0 failures, 0 warnings")));
  const auto hospital = StartNode(0);
  chmod(File("hospital.state").c_str(), 0700);
  report = Examine();
  EXPECT_EQ(Troubles(report), "");
  EXPECT_THAT(ReportAsText(report), HasSubstr("the node runs on"));
}

TEST_F(DoctorTest, PeersThatAreDownOrDisagree) {
  const auto insurer = StartNode(1);
  WriteFederation(2);
  const DoctorReport report = Examine();
  EXPECT_THAT(Troubles(report), AllOf(HasSubstr("FAIL federation: insurer has federation test version 1"),
                                      HasSubstr("this node test version 2"), HasSubstr("byte for byte"),
                                      HasSubstr("FAIL network: bureau cannot be reached at")));
  const auto json = nlohmann::json::parse(ReportAsJson(report));
  EXPECT_EQ(json["failures"], 2);
  EXPECT_EQ(json["findings"][0]["health"], "ok");
}

// The insurer's federation file gives an address of the hospital at which nobody listens.
TEST_F(DoctorTest, AWayThatIsOpenInOneDirectionOnly) {
  const std::string right = addresses_[0];
  addresses_[0] = "127.0.0.1:1";
  WriteFederation(1);
  const auto insurer = StartNode(1);
  addresses_[0] = right;
  WriteFederation(1);
  EXPECT_THAT(Troubles(Examine()),
              AllOf(HasSubstr("the node of insurer does not reach this one: "), HasSubstr("127.0.0.1:1"),
                    HasSubstr("let connections to " + right + " in")));
}

TEST_F(DoctorTest, FilesThatAnybodyMayRead) {
  chmod(File("hospital.key").c_str(), 0644);
  std::filesystem::create_directories(File("hospital.state"));
  chmod(File("hospital.state").c_str(), 0755);
  EXPECT_THAT(Troubles(Examine()), AllOf(HasSubstr("FAIL files: the private key"), HasSubstr("chmod 600"),
                                         HasSubstr("WARN data: the data directory"), HasSubstr("chmod 700")));
}

// Before the first start under a service manager, which makes the data directory with all folders above it.
TEST_F(DoctorTest, WhatTheFirstStartAndTheFirstUserMake) {
  const auto insurer = StartNode(1);
  const auto bureau = StartNode(2);
  std::ifstream file(File("hospital.toml"));
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  text = absl::StrReplaceAll(text, {{"\"hospital.state\"", "\"var/lib/care/hospital\""}});
  absl::StrAppend(&text, "[sql]\nlisten = \"127.0.0.1:0\"\nusers = \"users.toml\"\n");
  certificates_.directory().Write("hospital.toml", text);
  DoctorReport report = Examine();
  EXPECT_THAT(ReportAsText(report), HasSubstr("does not exist yet; the node makes it"));
  EXPECT_THAT(Troubles(report), AllOf(HasSubstr("WARN files: there is no users file"), HasSubstr("care user add")));
  EXPECT_FALSE(report.failed());
  certificates_.directory().Write("users.toml", "");
  chmod(File("users.toml").c_str(), 0600);
  EXPECT_EQ(Troubles(Examine()), "");
}

TEST_F(DoctorTest, Certificates) {
  certificates_.Files("hospital", 5);
  EXPECT_THAT(Troubles(Examine()), HasSubstr("WARN certificate: the node's certificate"));
  certificates_.Files("hospital", -2);
  EXPECT_THAT(Troubles(Examine()),
              AllOf(HasSubstr("FAIL certificate: the node's certificate"), HasSubstr("expired on")));
  // The key of another certificate.
  std::filesystem::copy_file(File("insurer.key"), File("hospital.key"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Troubles(Examine()), HasSubstr("does not belong to the certificate"));
  std::filesystem::copy_file(File("insurer.pem"), File("hospital.pem"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Troubles(Examine()), HasSubstr("is of \"insurer\", not of \"hospital\""));
  const auto stranger = mpc::CertificateAuthority::Create("stranger", 10).value();
  certificates_.directory().Write("hospital.pem", stranger.Issue("hospital", 100)->certificate_pem);
  EXPECT_THAT(Troubles(Examine()), HasSubstr("is not signed by"));
  certificates_.directory().Write("authority.pem", stranger.certificate_pem());
  EXPECT_THAT(Troubles(Examine()), HasSubstr("but the federation file pins"));
}

TEST_F(DoctorTest, TheLedgersChain) {
  {
    auto ledger = Ledger::Open(File("hospital.state")).value();
    LedgerEntry entry;
    for (const char* session : {"1", "2", "3"}) {
      entry.session_id = session;
      ASSERT_TRUE(ledger->Append(entry).ok());
    }
  }
  chmod(File("hospital.state").c_str(), 0700);
  EXPECT_THAT(ReportAsText(Examine()), HasSubstr("3 entries, and each fits the one before"));
  sqlite3* database = nullptr;
  sqlite3_open(File("hospital.state/ledger.sqlite").c_str(), &database);
  ASSERT_EQ(sqlite3_exec(
                database,
                "DROP TRIGGER ledger_keeps_values; UPDATE ledger SET purpose = 'another' WHERE sequence = 2",
                nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  EXPECT_THAT(Troubles(Examine()), HasSubstr("FAIL ledger: entry 2 of the ledger was changed"));
}

TEST_F(DoctorTest, TheDatabase) {
  sqlite3* database = nullptr;
  sqlite3_open(File("hospital.db").c_str(), &database);
  sqlite3_exec(database, "ALTER TABLE patients RENAME COLUMN bsn TO bsm", nullptr, nullptr, nullptr);
  EXPECT_THAT(Troubles(Examine()),
              AllOf(HasSubstr("FAIL database: hospital.patients.bsn"), HasSubstr("'bsm'")));
  sqlite3_exec(database, "DROP TABLE patients", nullptr, nullptr, nullptr);
  EXPECT_THAT(Troubles(Examine()), HasSubstr("has no table 'patients'"));
  sqlite3_close(database);
  std::filesystem::remove(File("hospital.db"));
  EXPECT_THAT(Troubles(Examine()), HasSubstr("FAIL database: hospital: its database cannot be opened"));
}

TEST_F(DoctorTest, FilesThatAreNotUnderstood) {
  certificates_.directory().Write("federation.toml", "name = 3");
  EXPECT_THAT(Troubles(Examine()), HasSubstr("FAIL federation: "));
  certificates_.directory().Write("hospital.toml", std::string("\0\xff", 2));
  EXPECT_THAT(Troubles(Examine()), HasSubstr("FAIL files: "));
}

}  // namespace
}  // namespace care::engine
