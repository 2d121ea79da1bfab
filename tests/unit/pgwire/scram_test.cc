// Verifiers, the users file, parameters and tokens: small parts, each tried with what is right, wrong and
// hostile. A whole exchange is in session_test.cc.

#include "engine/frontend/pgwire/scram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/mock_secret.h"
#include "engine/frontend/pgwire/parameter_value.h"
#include "engine/frontend/pgwire/sql_tokens.h"
#include "engine/frontend/pgwire/users_file.h"
#include "grammar/parameters.h"
#include "grammar/parser.h"
#include "grammar/query_error.h"

namespace care::engine::pgwire {
namespace {

using ::testing::HasSubstr;

class TemporaryFile {
 public:
  TemporaryFile() {
    char pattern[] = "/tmp/care-users-XXXXXX";
    directory_ = mkdtemp(pattern);
  }
  ~TemporaryFile() {
    unlink(path().c_str());
    rmdir(directory_.c_str());
  }
  std::string path() const { return directory_ + "/users.toml"; }

 private:
  std::string directory_;
};

TEST(VerifierTest, IsWrittenAndReadBack) {
  const ScramVerifier verifier = MakeVerifier("secret").value();
  const ScramVerifier read = ParseVerifier(FormatVerifier(verifier)).value();
  EXPECT_EQ(read.salt, verifier.salt);
  EXPECT_EQ(read.stored_key, verifier.stored_key);
  EXPECT_EQ(read.server_key, verifier.server_key);
  EXPECT_NE(MakeVerifier("secret").value().stored_key, verifier.stored_key);  // another salt
}

TEST(VerifierTest, RefusesPasswordsThatClientsWouldPrepareDifferently) {
  EXPECT_FALSE(MakeVerifier("").ok());
  EXPECT_FALSE(MakeVerifier("gehei\xc3\x9f").ok());
  EXPECT_FALSE(MakeVerifier("tab\there").ok());
  EXPECT_TRUE(MakeVerifier("with spaces, = and 'quotes'").ok());
}

TEST(VerifierTest, RefusesWhatIsNoVerifier) {
  for (const char* text :
       {"", "SCRAM-SHA-256$", "SCRAM-SHA-256$4096:c2FsdA==$eA==:eA==", "SCRAM-SHA-256$x:y$z:w", "md5abc"}) {
    EXPECT_FALSE(ParseVerifier(text).ok()) << text;
  }
}

// Salt and iterations are all that a client sees of a verifier before its password is judged.
TEST(VerifierTest, AMockLooksLikeOneThatWasMade) {
  const ScramVerifier made = MakeVerifier("secret").value(), mock = MockVerifier("nobody", "secret");
  EXPECT_EQ(mock.iterations, made.iterations);
  EXPECT_EQ(mock.salt.size(), made.salt.size());
  EXPECT_NE(mock.salt, MockVerifier("somebody", "secret").salt);
  EXPECT_TRUE(LooksLikeOurs(made));
  ScramVerifier imported = made;
  imported.iterations = 4096;
  EXPECT_FALSE(LooksLikeOurs(imported));
}

TEST(MockSecretTest, IsTheSameAfterARestartAndItsOwnersAlone) {
  const std::filesystem::path folder =
      std::filesystem::path(::testing::TempDir()) / absl::StrCat("mock-secret-", getpid());
  std::filesystem::create_directory(folder);
  const std::string path = (folder / "sql-secret").string();
  const std::string secret = MockSecret(folder.string()).value();
  EXPECT_EQ(secret.size(), 32u);
  struct stat facts = {};
  ASSERT_EQ(stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
  EXPECT_EQ(MockSecret(folder.string()).value(), secret);
  chmod(path.c_str(), 0640);
  EXPECT_THAT(std::string(MockSecret(folder.string()).status().message()), HasSubstr("chmod 600"));
  chmod(path.c_str(), 0600);
  std::ofstream(path) << "short";
  EXPECT_THAT(std::string(MockSecret(folder.string()).status().message()), HasSubstr("remove it"));
  std::filesystem::remove(path);
  EXPECT_NE(MockSecret(folder.string()).value(), secret);
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(MockSecret(folder.string()).ok());
}

TEST(UsersFileTest, HoldsVerifiersForItsOwnerAlone) {
  const TemporaryFile file;
  ASSERT_TRUE(SaveUsers(file.path(), {{"anna", MakeVerifier("secret").value()}}).ok());
  struct stat facts = {};
  ASSERT_EQ(stat(file.path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
  EXPECT_TRUE(LoadUsers(file.path())->contains("anna"));
  chmod(file.path().c_str(), 0644);
  EXPECT_THAT(std::string(LoadUsers(file.path()).status().message()), HasSubstr("chmod 600"));
}

TEST(UsersFileTest, AFileThatIsTooLargeIsNotRead) {
  const TemporaryFile file;
  std::ofstream(file.path()) << std::string((std::size_t{4} << 20) + 1, '#');
  chmod(file.path().c_str(), 0600);
  EXPECT_THAT(std::string(LoadUsers(file.path()).status().message()), HasSubstr("more than"));
}

TEST(UsersFileTest, AWrongFileNamesItsLine) {
  const TemporaryFile file;
  std::ofstream(file.path()) << "[[user]]\nname = \"anna\"\nverifier = \"plain text\"\n";
  chmod(file.path().c_str(), 0600);
  EXPECT_THAT(std::string(LoadUsers(file.path()).status().message()), HasSubstr("care user add"));
}

TEST(ParameterTest, IsALiteralOfItsTypeOrAnError) {
  EXPECT_EQ(ParameterLiteral({23, "-5"}).value(), "(-5)");
  EXPECT_EQ(ParameterLiteral({20, " 12 "}).value(), "12");
  EXPECT_EQ(ParameterLiteral({1700, "1.50"}).value(), "1.50");
  EXPECT_EQ(ParameterLiteral({16, "true"}).value(), "TRUE");
  EXPECT_EQ(ParameterLiteral({0, "o'; --"}).value(), "'o''; --'");
  EXPECT_EQ(ParameterLiteral({1082, "2024-01-31"}).value(), "DATE '2024-01-31'");
  EXPECT_EQ(ParameterLiteral({1114, "2024-01-31 10:00"}).value(), "TIMESTAMP '2024-01-31 10:00'");
  EXPECT_EQ(ParameterLiteral({1184, "2024-01-31 10:00+01"}).value(), "TIMESTAMPTZ '2024-01-31 10:00+01'");
  EXPECT_EQ(ParameterLiteral({23, std::nullopt}).value(), "NULL");
  for (const char* text : {"1) OR (1", "", "1;", "0x1", "1e", "--1"}) {
    EXPECT_FALSE(ParameterLiteral({23, text}).ok()) << text;
    EXPECT_FALSE(ParameterLiteral({1700, text}).ok()) << text;
  }
  EXPECT_FALSE(ParameterLiteral({21, "40000"}).ok());
  EXPECT_FALSE(ReadParameter(25, 0, std::string_view("a\0b", 3)).ok());
}

TEST(ParameterTest, BinaryIntegers) {
  EXPECT_EQ(ReadParameter(21, 1, std::string_view("\xff\xfe", 2))->text, "-2");
  EXPECT_EQ(ReadParameter(23, 1, std::string_view("\0\0\1\0", 4))->text, "256");
  EXPECT_FALSE(ReadParameter(23, 1, "abc").ok());
  EXPECT_FALSE(ReadParameter(1700, 1, "abcdefgh").ok());
  EXPECT_EQ(BinaryCell(20, "-1").value(), std::string(8, '\xff'));
  EXPECT_EQ(BinaryCell(701, "-0.5").value(), std::string("\xbf\xe0\0\0\0\0\0\0", 8));
}

TEST(ParameterTest, BinaryDatesAndTimestamps) {
  // What a PostgreSQL 15 sends for these values with COPY ... (FORMAT binary).
  const std::string day("\0\0\x22\x68", 4), moment("\x00\x02\xb4\x2a\xb0\xbd\x66\x90", 8);
  EXPECT_EQ(ReadParameter(1082, 1, day)->text, "2024-02-12");
  EXPECT_EQ(BinaryCell(1082, "2024-02-12").value(), day);
  EXPECT_EQ(ReadParameter(1114, 1, moment)->text, "2024-02-12 09:30:00.25");
  EXPECT_EQ(ReadParameter(1184, 1, moment)->text, "2024-02-12 09:30:00.25+00");
  EXPECT_EQ(BinaryCell(1114, "2024-02-12 09:30:00.25").value(), moment);
  EXPECT_EQ(BinaryCell(1184, "2024-02-12 09:30:00.25+00").value(), moment);
  EXPECT_EQ(BinaryCell(700, "-0.5").value(), std::string("\xbf\0\0\0", 4));
  EXPECT_FALSE(ReadParameter(1082, 1, std::string("\x7f\xff\xff\xff", 4)).ok());  // infinity
  EXPECT_FALSE(ReadParameter(1114, 1, std::string("\x80\0\0\0\0\0\0\0", 8)).ok());
  EXPECT_FALSE(ReadParameter(1114, 1, day).ok());
}

TEST(ParameterTest, ErrorsPointIntoTheTextOfTheClient) {
  const std::string sql = "SELECT $1, x";
  const auto text = sql::TextWithParameters::Replace(sql, {"'a long literal'"}).value();
  EXPECT_EQ(text.sql(), "SELECT 'a long literal', x");
  EXPECT_EQ(text.OriginalOffset(text.sql().find(" x") + 1), sql.find(" x") + 1);
  EXPECT_EQ(text.OriginalOffset(10), sql.find("$1"));
  EXPECT_FALSE(sql::TextWithParameters::Replace("SELECT $2", {"1"}).ok());
}

TEST(QueryErrorTest, CarriesItsParts) {
  const absl::Status status = sql::Parse("SELECT COUNT(*) FORM x").status();
  const auto parts = sql::QueryErrorPartsOf(status);
  ASSERT_TRUE(parts.has_value());
  EXPECT_THAT(parts->message, HasSubstr("syntax error"));
  EXPECT_TRUE(parts->offset.has_value());
  const absl::Status sent =
      sql::WithQueryError(absl::InvalidArgumentError("x"), sql::EncodedQueryError(status));
  EXPECT_EQ(sql::QueryErrorPartsOf(sent)->message, parts->message);
}

TEST(TokensTest, AreThoseOfPostgres) {
  const auto kinds = [](const std::string& sql) {
    std::string all;
    const std::vector<Token> tokens = TokenizeSql(sql).value();
    for (const Token& token : tokens) all += token.text + "|";
    return all;
  };
  EXPECT_EQ(kinds("SELECT a.B::int -- x\n, $1 /* a /* b */ c */"), "select|a|.|b|::|int|,|1|");
  EXPECT_EQ(kinds("E'a\\'b' 'c''d' $$e'f$$ $t$g$t$ \"H\"\"i\""), "a'b|c'd|e'f|g|H\"i|");
  EXPECT_EQ(kinds("a<-1 b!~*c d->>e f-- g"), "a|<|-|1|b|!~*|c|d|->>|e|f|");
  for (const char* sql : {"'", "\"", "/*", "$$", "E'\\", "/* /* */"})
    EXPECT_FALSE(TokenizeSql(sql).ok()) << sql;
}

}  // namespace
}  // namespace care::engine::pgwire
