// `care federation`: a new version is installed only with everybody's signature under the same bytes and the same
// instant, by certificates of the authority in force. Three parties with keys in a directory; what goes round
// between them are the files beside the new federation file.

#include "engine/frontend/shell/change_federation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/session/federation_change.h"
#include "engine/session/messages.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr UnixSeconds kNow = 1'800'000'000;
const std::string kAt = FormatInstant(kNow + 1000);

class ChangeFederationTest : public ::testing::Test {
 protected:
  ChangeFederationTest() {
    directory_.Write("authority.pem", authority_.certificate_pem());
    for (const std::string party : {"a", "b", "c", "d"}) AddParty(party);
    text_ = absl::StrCat("name = \"trial\"\nversion = 1\ncompute = [\"a\", \"b\", \"c\"]\nauthority_sha256 = \"",
                         authority_.fingerprint(), "\"\n");
    for (const char* party : {"a", "b", "c"}) {
      absl::StrAppend(&text_, "[[party]]\nname = \"", party, "\"\naddress = \"127.0.0.1:1\"\n");
    }
    for (const char* party : {"a", "b", "c"}) {
      absl::StrAppend(&text_, "[[table]]\nname = \"", party, ".t\"\nsubject = \"k\"\nrow_bound = 10\n",
                      "[[table.column]]\nname = \"k\"\ntype = \"text\"\nkey = \"k\"\nnullable = false\n");
    }
    directory_.Write("federation.toml", text_);
    next_ = WriteNext(text_);
  }

  void AddParty(const std::string& party) {
    const mpc::CertifiedKey key = authority_.Issue(party, 900).value();
    directory_.Write(party + ".pem", key.certificate_pem);
    directory_.Write(party + ".key", key.private_key_pem);
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(directory_.File(party + ".db").c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, "CREATE TABLE t (k TEXT NOT NULL)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
    directory_.Write(party + ".toml",
                     absl::StrCat("party = \"", party, "\"\nfederation = \"federation.toml\"\nlisten = \"127.0.0.1:1\"\n",
                                  "certificate = \"", party, ".pem\"\nprivate_key = \"", party,
                                  ".key\"\nauthority = \"authority.pem\"\ndata_directory = \"", party,
                                  ".state\"\n[database]\nkind = \"sqlite\"\npath = \"", party,
                                  ".db\"\n[tables.t]\ntable = \"t\"\n"));
  }

  std::string WriteNext(const std::string& text, const std::string& version = "2") {
    return directory_.Write("next.toml", absl::StrReplaceAll(text, {{"version = 1\n", "version = " + version + "\n"}}));
  }
  ChangeOptions Options(const std::string& party, const std::string& at = kAt) {
    return {next_, directory_.File(party + ".toml"), at, "", kNow};
  }
  absl::Status Sign(const std::string& party, const std::string& at = kAt, bool replace = false) {
    ChangeOptions options = Options(party, at);
    options.replace = replace;
    return SignFederation(options).status();
  }
  void SignAll() {
    for (const char* party : {"a", "b", "c"}) {
      const absl::Status status = Sign(party);
      EXPECT_TRUE(status.ok()) << status;
    }
  }
  std::string Refusal(const absl::StatusOr<std::string>& outcome) {
    EXPECT_FALSE(outcome.ok());
    return std::string(outcome.status().message());
  }
  std::string SignatureFile(const std::string& party) { return directory_.File("next.toml.sig/" + party + ".sig"); }

  mpc::TemporaryDirectory directory_;
  mpc::CertificateAuthority authority_ = mpc::CertificateAuthority::Create("test", 1000).value();
  std::string text_;
  std::string next_;
};

TEST_F(ChangeFederationTest, SignedByAllItWaitsForItsInstant) {
  SignAll();
  const auto activated = ActivateFederation(Options("a", ""));  // the instant is the signatures'
  ASSERT_TRUE(activated.ok()) << activated.status();
  EXPECT_THAT(*activated, HasSubstr("version 2 of federation trial is in force from " + kAt));
  ChangeOptions later = Options("a");
  EXPECT_THAT(*FederationStatus(later, false),
              AllOf(HasSubstr("version 1: in force"), HasSubstr("version 2: waits, in force from " + kAt),
                    HasSubstr("signed by  a, b, c")));
  EXPECT_THAT(Refusal(ActivateFederation(later)), HasSubstr("version 2 waits already"));
  later.now = kNow + 1000;
  EXPECT_THAT(*FederationStatus(later, false),
              AllOf(HasSubstr("version 1: was in force"), HasSubstr("version 2: in force since " + kAt)));
  const auto status = ParseJson(*FederationStatus(later, true));
  ASSERT_TRUE(status.ok());
  EXPECT_EQ((*status)["versions"][1]["state"], "in force");
  // The other parties are as they were.
  EXPECT_THAT(*FederationStatus(Options("b"), false), Not(HasSubstr("version 2")));
}

TEST_F(ChangeFederationTest, EverybodyMustSign) {
  ASSERT_TRUE(Sign("a").ok());
  EXPECT_THAT(Refusal(ActivateFederation(Options("a"))), HasSubstr("not signed by b, c: ask for PARTY.sig"));
}

TEST_F(ChangeFederationTest, ThoseWhoLeaveAndThoseWhoJoinSign) {
  const std::string joined =
      absl::StrReplaceAll(text_, {{"\"c\"", "\"d\""}, {"\"c.t\"", "\"d.t\""}});
  next_ = WriteNext(joined);
  SignAll();
  EXPECT_THAT(Refusal(ActivateFederation(Options("a"))), HasSubstr("not signed by d"));
  // The party that joins has the new file, and the one in force beside it.
  ChangeOptions joins = Options("d");
  joins.replaces_path = directory_.File("federation.toml");
  ASSERT_TRUE(SignFederation(joins).ok()) << SignFederation(joins).status();
  for (const char* party : {"a", "b", "c"}) {
    const auto activated = ActivateFederation(Options(party));
    EXPECT_TRUE(activated.ok()) << activated.status();
  }
}

TEST_F(ChangeFederationTest, OtherBytesOrAnotherInstant) {
  SignAll();
  EXPECT_THAT(Refusal(ActivateFederation(Options("a", FormatInstant(kNow + 2000)))),
              HasSubstr("a signed another instant, " + kAt + " and not"));
  ASSERT_TRUE(Sign("b", FormatInstant(kNow + 5000), /*replace=*/true).ok());
  EXPECT_THAT(Refusal(ActivateFederation(Options("a"))), HasSubstr("b signed another instant"));
  ASSERT_TRUE(Sign("b", kAt, /*replace=*/true).ok());
  WriteNext(text_ + "# changed after it was signed\n");
  EXPECT_THAT(Refusal(ActivateFederation(Options("a"))), HasSubstr("a signed other bytes: digest"));
}

TEST_F(ChangeFederationTest, OneNumberIsSignedOnceUnlessItIsSaid) {
  SignAll();
  EXPECT_TRUE(Sign("b").ok());  // the same again
  for (const bool other_bytes : {false, true}) {
    if (other_bytes) WriteNext(text_ + "# other bytes\n");
    const absl::Status refused = Sign("b", FormatInstant(kNow + 5000));
    EXPECT_EQ(refused.code(), absl::StatusCode::kAlreadyExists);
    EXPECT_THAT(std::string(refused.message()),
                AllOf(HasSubstr("b has signed a version 2 already"), HasSubstr(kAt), HasSubstr("--replace")));
  }
  EXPECT_EQ(ParseJson(directory_.Read("next.toml.sig/b.sig")).value()["activates"], kAt);
  WriteNext(text_, "3");
  EXPECT_TRUE(Sign("b").ok());  // another number
  WriteNext(text_);
  EXPECT_TRUE(Sign("b", FormatInstant(kNow + 5000), /*replace=*/true).ok());
  EXPECT_FALSE(Sign("b").ok());  // now the other one is what was signed
}

TEST_F(ChangeFederationTest, WhoSignedTwiceIsNamedAtActivation) {
  SignAll();
  ASSERT_TRUE(ActivateFederation(Options("a")).ok());
  ASSERT_TRUE(WithdrawFederation(Options("a")).ok());
  // What b signs now is not what a has seen.
  const std::string later = FormatInstant(kNow + 5000);
  ASSERT_TRUE(Sign("b", later, /*replace=*/true).ok());
  EXPECT_THAT(Refusal(ActivateFederation(Options("a"))),
              AllOf(HasSubstr("b signed another instant"), HasSubstr("b has signed version 2 twice"), HasSubstr(kAt),
                    HasSubstr(later)));
  // If everybody signs again it may come into force, and is still told.
  for (const char* party : {"a", "c"}) ASSERT_TRUE(Sign(party, later, /*replace=*/true).ok());
  const auto activated = ActivateFederation(Options("a", later));
  ASSERT_TRUE(activated.ok()) << activated.status();
  EXPECT_THAT(*activated, AllOf(HasSubstr("note: b has signed version 2 twice"), HasSubstr("is in force from")));
  // Who saw only the second has nothing to tell.
  EXPECT_THAT(*ActivateFederation(Options("c", later)), Not(HasSubstr("b has signed")));
}

TEST_F(ChangeFederationTest, AForgedSignatureAccusesNobody) {
  SignAll();
  ASSERT_TRUE(ActivateFederation(Options("a")).ok());
  ASSERT_TRUE(WithdrawFederation(Options("a")).ok());
  const std::string later = FormatInstant(kNow + 5000);
  const std::string genuine = directory_.Read("next.toml.sig/b.sig");
  directory_.Write("next.toml.sig/b.sig", absl::StrReplaceAll(genuine, {{kAt, later}}));
  EXPECT_THAT(Refusal(ActivateFederation(Options("a"))),
              AllOf(HasSubstr("b signed another instant"), Not(HasSubstr("twice"))));
  directory_.Write("next.toml.sig/b.sig", genuine);
  EXPECT_THAT(*ActivateFederation(Options("a")), Not(HasSubstr("twice")));
}

TEST_F(ChangeFederationTest, AForeignCertificateSignsForNobody) {
  SignAll();
  const mpc::CertifiedKey stranger = mpc::CertificateAuthority::Create("other", 900)->Issue("b", 900).value();
  const auto identity =
      mpc::TlsIdentity::Load({directory_.Write("s.pem", stranger.certificate_pem),
                              directory_.Write("s.key", stranger.private_key_pem), directory_.File("authority.pem"), ""})
          .value();
  const auto text = [&] {
    std::ifstream file(SignatureFile("b"));
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }();
  const FederationSignature genuine = FederationSignature::FromJson(text).value();
  const auto forge = [&](const FederationSignature& forged) {
    std::ofstream(SignatureFile("b")) << forged.ToJson();
    return Refusal(ActivateFederation(Options("a")));
  };
  EXPECT_THAT(forge(SignChange(genuine.change, "b", stranger.certificate_pem, *identity).value()),
              HasSubstr("was not issued by the federation's authority"));
  // The genuine certificate under another key's signature.
  EXPECT_THAT(forge(SignChange(genuine.change, "b", genuine.certificate_pem, *identity).value()),
              HasSubstr("the signature of b is not valid"));
  // Another party's genuine signature in b's name.
  std::filesystem::copy_file(SignatureFile("c"), SignatureFile("b"), std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(Refusal(ActivateFederation(Options("a"))), HasSubstr("b.sig is the signature of c"));
  for (const char* garbage : {"", "{}", "[[[[", "{\"party\": 7}", "\xff\xfe"}) {
    std::ofstream(SignatureFile("b")) << garbage;
    EXPECT_THAT(Refusal(ActivateFederation(Options("a"))), HasSubstr("b.sig is not a signature")) << garbage;
  }
}

// A new authority may be agreed on; it cannot sign for those who were there before it.
TEST_F(ChangeFederationTest, ANewAuthorityDoesNotSignForTheOld) {
  const auto second = mpc::CertificateAuthority::Create("second", 1000).value();
  next_ = WriteNext(absl::StrReplaceAll(text_, {{authority_.fingerprint(), second.fingerprint()}}));
  EXPECT_THAT(std::string(Sign("a").message()), HasSubstr("but the federation file pins"));
  directory_.Write("authority.pem", authority_.certificate_pem() + second.certificate_pem());
  SignAll();
  const auto activated = ActivateFederation(Options("a"));
  EXPECT_TRUE(activated.ok()) << activated.status();
  const mpc::CertifiedKey early = second.Issue("b", 900).value();
  directory_.Write("b.pem", early.certificate_pem);
  directory_.Write("b.key", early.private_key_pem);
  EXPECT_THAT(std::string(Sign("b").message()), HasSubstr("was not issued by the federation's authority"));
}

TEST_F(ChangeFederationTest, OnlyAHigherVersionOfThisFederation) {
  next_ = WriteNext(text_, "1");
  EXPECT_THAT(std::string(Sign("a").message()), HasSubstr("this is the file that the node file names"));
  next_ = directory_.Write("next.toml", text_ + "# other bytes\n");
  EXPECT_THAT(std::string(Sign("a").message()), HasSubstr("Write version = 2 or higher"));
  next_ = directory_.Write("next.toml", absl::StrReplaceAll(text_, {{"\"trial\"", "\"other\""}}));
  EXPECT_THAT(std::string(Sign("a").message()), HasSubstr("the file is of federation other"));
  next_ = WriteNext(text_);
  EXPECT_THAT(std::string(Sign("a", "tomorrow").message()), HasSubstr("is not an instant"));
  EXPECT_THAT(std::string(Sign("a", FormatInstant(kNow)).message()), HasSubstr("is over"));
  EXPECT_THAT(std::string(Sign("d").message()), HasSubstr("d is a party of neither version"));
}

TEST_F(ChangeFederationTest, ATableThatTheNodeFileLacksIsFoundBeforeTheInstant) {
  next_ = WriteNext(absl::StrCat(text_, "[[table]]\nname = \"a.missing\"\nsubject = \"k\"\nrow_bound = 10\n",
                                 "[[table.column]]\nname = \"k\"\ntype = \"text\"\nkey = \"k\"\nnullable = false\n"));
  SignAll();
  EXPECT_THAT(Refusal(ActivateFederation(Options("a"))), HasSubstr("missing"));
  EXPECT_TRUE(ActivateFederation(Options("b")).ok());
}

TEST_F(ChangeFederationTest, WhatWaitsCanBeWithdrawn) {
  EXPECT_THAT(Refusal(WithdrawFederation(Options("a"))), HasSubstr("no version waits"));
  SignAll();
  ASSERT_TRUE(ActivateFederation(Options("a")).ok());
  EXPECT_TRUE(WithdrawFederation(Options("a")).ok());
  EXPECT_THAT(*FederationStatus(Options("a"), false), Not(HasSubstr("version 2")));
  EXPECT_TRUE(ActivateFederation(Options("a")).ok());
  ChangeOptions later = Options("a");
  later.now = kNow + 1000;
  EXPECT_FALSE(WithdrawFederation(later).ok());
}

}  // namespace
}  // namespace care::engine
