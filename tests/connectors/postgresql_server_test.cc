// A PostgreSQL server as it is on a bad day: locked, slow, full, restarted, changed under the query, closed to the
// node's role. Each gives a clear error, in the node's words, and the connector works again when the cause is gone.

#include <arpa/inet.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "connectors/postgresql/postgresql_connector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/connectors/postgresql_server.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A port that nobody listens on right now.
int FreePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

void WriteFile(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream(path) << text;
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

class PostgresqlServer : public testing::Test {
 protected:
  PostgresqlServer() { Use(SharedServer()); }

  void Use(engine::TemporaryPostgres& server) {
    server_ = &server;
    owner_ = std::make_unique<OwnerSession>(UrlOf(server));
    owner_->Execute("DROP SCHEMA IF EXISTS care CASCADE; CREATE SCHEMA care; SET search_path = care; "
                    "CREATE TABLE t (id bigint NOT NULL, v bigint); INSERT INTO t SELECT i, i % 7 FROM generate_series(1, 100) AS i");
    catalog_.parties = {{"hospital", ""}};
    catalog_.tables = {DeclaredTable("t", {Declared("id", kBigIntType, false), Declared("v", kBigIntType)})};
    config_.database_url = UrlOf(server);
    config_.tables["t"].table = "care.t";
    columns_.resize(3);
    for (std::size_t i = 0; i < 3; ++i) columns_[i].type = kBigIntType;
    columns_[0].table = columns_[1].table = 0;
  }

  // The node's role, as docs/connectors.md says to make it.
  void MakeRole(const std::string& options = "") {
    owner_->Execute("DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_node') THEN "
                    "EXECUTE 'DROP OWNED BY care_node'; EXECUTE 'DROP ROLE care_node'; END IF; END $$; "
                    "CREATE ROLE care_node LOGIN " + options + "; GRANT USAGE ON SCHEMA care TO care_node; "
                    "GRANT SELECT ON care.t TO care_node");
    config_.database_url = UrlOf(*server_, "care_node");
  }

  absl::StatusOr<std::unique_ptr<PostgresqlConnector>> TryOpen(PostgresqlOptions options = {}) {
    return PostgresqlConnector::Open(catalog_, 0, config_, columns_, options);
  }
  std::unique_ptr<PostgresqlConnector> Open(PostgresqlOptions options = {}) {
    auto connector = TryOpen(options);
    EXPECT_TRUE(connector.ok()) << connector.status();
    const absl::Status begun = (*connector)->BeginSnapshot();
    EXPECT_TRUE(begun.ok()) << begun;
    return *std::move(connector);
  }
  static planner::LogicalPtr Scan() { return Node(planner::ScanNode{0, {{0, 0}, {1, 1}}}); }
  static planner::LogicalPtr Count() {
    planner::AggregateCall count;
    count.type = kBigIntType;
    return Node(planner::AggregateNode{Scan(), {}, {{2, count}}});
  }
  // The next query works.
  static void Works(PostgresqlConnector& connector) {
    EXPECT_TRUE(connector.EndSnapshot().ok());
    const absl::Status begun = connector.BeginSnapshot();
    ASSERT_TRUE(begun.ok()) << begun;
    const auto batch = connector.Run(*Scan());
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_EQ(batch->rows, 100u);
    EXPECT_TRUE(connector.EndSnapshot().ok());
  }
  static std::string Message(const absl::Status& status) { return std::string(status.message()); }

  // Every row of the mapped table takes its time.
  void Slow(const char* seconds) {
    owner_->Execute(std::string("CREATE OR REPLACE FUNCTION nap() RETURNS bigint LANGUAGE sql VOLATILE AS "
                                "'SELECT 0::bigint FROM pg_sleep(") + seconds + ")'");
    config_.tables["t"].sql = "SELECT id, v + care.nap() AS v FROM care.t";
    config_.tables["t"].table.clear();
  }
  // Waits until the connector's COPY runs.
  static void AwaitCopy(OwnerSession& session) {
    for (int looks = 0; looks < 2000; ++looks) {
      if (session.Ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'") != "0") return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "no COPY began";
  }

  engine::TemporaryPostgres* server_ = nullptr;
  std::unique_ptr<OwnerSession> owner_;
  planner::Catalog catalog_;
  planner::NodeConfig config_;
  std::vector<planner::ColumnInfo> columns_;
};

TEST_F(PostgresqlServer, ARoleThatMayOnlyReadIsEnough) {
  MakeRole();
  auto connector = Open();
  EXPECT_EQ(connector->Run(*Scan())->rows, 100u);
  EXPECT_EQ(connector->Run(*Count())->columns[0].integers[0], 100);
}

TEST_F(PostgresqlServer, SelectOnTheMappedColumnsIsEnough) {
  MakeRole();
  owner_->Execute("ALTER TABLE t ADD COLUMN secret text; REVOKE SELECT ON t FROM care_node; GRANT SELECT (id, v) ON t TO care_node");
  EXPECT_EQ(Open()->Run(*Scan())->rows, 100u);
}

TEST_F(PostgresqlServer, APermissionThatWasRevoked) {
  MakeRole();
  auto connector = Open();
  owner_->Execute("REVOKE SELECT ON t FROM care_node");
  const absl::Status status = connector->Run(*Scan()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), AllOf(HasSubstr("hospital.t: hospital's database does not let the node's role read it"),
                                     HasSubstr("GRANT SELECT")));
  // A new query finds out as it opens, and says it when the table is needed.
  EXPECT_THAT(Message(Open()->Run(*Scan()).status()), HasSubstr("GRANT SELECT"));
  owner_->Execute("GRANT SELECT ON t TO care_node");
  Works(*connector);
}

TEST_F(PostgresqlServer, ASchemaThatTheRoleMayNotUse) {
  MakeRole();
  owner_->Execute("REVOKE USAGE ON SCHEMA care FROM care_node");
  EXPECT_THAT(Message(Open()->Run(*Scan()).status()), HasSubstr("GRANT"));
}

TEST_F(PostgresqlServer, AStatementThatTakesTooLong) {
  Slow("0.05");
  auto connector = Open({.statement_timeout = std::chrono::milliseconds(300)});
  const absl::Status status = connector->Run(*Scan()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_THAT(Message(status), HasSubstr("statement timeout"));
  Slow("0");
  Works(*connector);
}

TEST_F(PostgresqlServer, ATableThatItsOwnerHasLocked) {
  auto connector = Open({.lock_timeout = std::chrono::milliseconds(200)});
  owner_->Execute("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
  const absl::Status status = connector->Run(*Scan()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(Message(status), HasSubstr("hospital.t: hospital's database keeps the table locked"));
  owner_->Execute("ROLLBACK");
  Works(*connector);
}

TEST_F(PostgresqlServer, CancelFromAnotherThread) {
  Slow("0.05");
  auto connector = Open();
  std::thread canceller([&] {
    AwaitCopy(*owner_);
    connector->Interrupt();
  });
  const absl::Status status = connector->Run(*Scan()).status();
  canceller.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
  // It sticks for the rest of the snapshot.
  EXPECT_EQ(connector->Run(*Scan()).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(owner_->Ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'care' AND state = 'active'"), "0");
  Slow("0");
  Works(*connector);
}

TEST_F(PostgresqlServer, AColumnThatChangesItsTypeBetweenQueries) {
  auto connector = Open();
  EXPECT_EQ(connector->Run(*Scan())->rows, 100u);
  ASSERT_TRUE(connector->EndSnapshot().ok());
  owner_->Execute("ALTER TABLE t ALTER COLUMN v TYPE double precision");
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  EXPECT_THAT(Message(connector->Run(*Scan()).status()), HasSubstr("changed just now; ask again"));
  EXPECT_THAT(Message(Open()->Run(*Scan()).status()), HasSubstr("floating-point"));
  // A snapshot holds on to the tables that it read.
  EXPECT_TRUE(connector->EndSnapshot().ok());
  owner_->Execute("ALTER TABLE t DROP COLUMN v");
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  EXPECT_THAT(Message(connector->Run(*Scan()).status()), HasSubstr("no longer has the table or columns"));
}

TEST_F(PostgresqlServer, TheSnapshotDoesNotSeeLaterRows) {
  auto connector = Open();
  owner_->Execute("INSERT INTO t VALUES (101, 1)");
  EXPECT_EQ(connector->Run(*Count())->columns[0].integers[0], 100);
  ASSERT_TRUE(connector->EndSnapshot().ok());
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  EXPECT_EQ(connector->Run(*Count())->columns[0].integers[0], 101);
}

TEST_F(PostgresqlServer, NothingCanBeWritten) {
  owner_->Execute("CREATE FUNCTION note() RETURNS bigint LANGUAGE sql AS 'INSERT INTO care.t VALUES (0, 0) RETURNING id'");
  config_.tables["t"].table.clear();
  config_.tables["t"].sql = "SELECT id, care.note() AS v FROM care.t";
  EXPECT_THAT(Message(Open()->Run(*Scan()).status()), HasSubstr("a snapshot is read-only"));
  EXPECT_EQ(owner_->Ask("SELECT count(*) FROM t"), "100");
}

TEST_F(PostgresqlServer, ARowThatPoliciesHideIsNotThere) {
  MakeRole();
  owner_->Execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t FOR SELECT TO care_node USING (id <= 40)");
  EXPECT_EQ(Open()->Run(*Scan())->rows, 40u);
}

TEST_F(PostgresqlServer, ConstraintsThatOnlyLookLikeGuarantees) {
  catalog_.tables[0].unique_keys = {{0}};
  catalog_.tables[0].columns[1].nullable = false;
  // Deferred: within the owner's own transaction only, but an index that is not immediate is not relied on.
  owner_->Execute("ALTER TABLE t ADD UNIQUE (id) DEFERRABLE INITIALLY DEFERRED");
  EXPECT_TRUE(Open()->Run(*Count()).ok());
  // A parent's constraints do not bind what its children hold.
  owner_->Execute("ALTER TABLE t ALTER COLUMN v SET NOT NULL; CREATE TABLE child (id bigint, v bigint); INSERT INTO child VALUES (1, 5)");
  owner_->Execute("ALTER TABLE child ALTER COLUMN id SET NOT NULL, ALTER COLUMN v SET NOT NULL; ALTER TABLE child INHERIT t");
  for (const planner::LogicalPtr& node : {Scan(), Count()}) {
    EXPECT_THAT(Message(Open()->Run(*node).status()), HasSubstr("two rows have the same (id)"));
  }
  owner_->Execute("UPDATE child SET id = 1000; ALTER TABLE child ALTER COLUMN v DROP NOT NULL; UPDATE child SET v = NULL");
  for (const planner::LogicalPtr& node : {Scan(), Count()}) {
    EXPECT_THAT(Message(Open()->Run(*node).status()), HasSubstr("hospital.t.v: a value is NULL"));
  }
  // A partial index keeps only its own rows apart.
  owner_->Execute("DROP TABLE child; ALTER TABLE t DROP CONSTRAINT t_id_key; CREATE UNIQUE INDEX ON t (id) WHERE id > 5; INSERT INTO t VALUES (5, 5)");
  EXPECT_THAT(Message(Open()->Run(*Scan()).status()), HasSubstr("two rows have the same (id)"));
}

TEST_F(PostgresqlServer, ViewsAndNamesOfAnyKind) {
  owner_->Execute("CREATE VIEW \"Wild \"\"View\"\" é\" AS SELECT id AS \"I d\", v AS \"select\" FROM t; "
                  "CREATE MATERIALIZED VIEW still AS SELECT id, v FROM t; "
                  "CREATE TABLE parts (id bigint, v bigint) PARTITION BY RANGE (id); "
                  "CREATE TABLE part PARTITION OF parts DEFAULT; INSERT INTO parts SELECT * FROM t");
  config_.tables["t"].table = "care.Wild \"View\" é";
  config_.tables["t"].columns["id"].column = "I d";
  config_.tables["t"].columns["v"].column = "select";
  EXPECT_EQ(Open()->Run(*Scan())->rows, 100u);
  EXPECT_EQ(Open()->Run(*Count())->columns[0].integers[0], 100);
  config_.tables["t"] = {};
  for (const char* name : {"care.still", "care.parts"}) {
    config_.tables["t"].table = name;
    EXPECT_EQ(Open()->Run(*Scan())->rows, 100u) << name;
  }
  // By the role's own search_path.
  MakeRole();
  owner_->Execute("ALTER ROLE care_node SET search_path = care");
  config_.tables["t"] = {};
  EXPECT_EQ(Open()->Run(*Scan())->rows, 100u);
}

TEST_F(PostgresqlServer, SqlThatEndsInAComment) {
  config_.tables["t"].table.clear();
  config_.tables["t"].sql = "SELECT id, v FROM care.t -- all of them";
  EXPECT_EQ(Open()->Run(*Scan())->rows, 100u);
  EXPECT_EQ(Open()->Run(*Count())->columns[0].integers[0], 100);
  config_.tables["t"].sql = "SELECT id, v FROM care.nowhere WHERE id = 777";
  EXPECT_THAT(Message(Open()->Run(*Scan()).status()),
              AllOf(HasSubstr("the sql that hospital's node file maps it to does not run"), Not(HasSubstr("777"))));
}

TEST_F(PostgresqlServer, AnotherEncodingIsReadAndNotComputedWith) {
  OwnerSession latin(UrlOf(SharedServer(), "postgres", "latin"));
  latin.Execute("SET client_encoding = UTF8");
  latin.Execute("DROP SCHEMA IF EXISTS care CASCADE; CREATE SCHEMA care; CREATE TABLE care.t (id text, v bigint); INSERT INTO care.t VALUES ('é', 1)");
  catalog_.tables[0].columns[0].type = kTextType;
  columns_[0].type = kTextType;
  config_.database_url = UrlOf(SharedServer(), "postgres", "latin");
  auto connector = Open();
  EXPECT_FALSE(connector->Supports(*Count()));
  const auto batch = connector->Run(*Scan());
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(RowTexts(*batch), std::vector<std::string>{"'é' '1' "});
}

TEST_F(PostgresqlServer, AServerThatIsNotThere) {
  config_.database_url = "host=127.0.0.1 port=" + std::to_string(FreePort()) + " user=postgres dbname=postgres";
  const absl::Status status = TryOpen().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(Message(status), AllOf(HasSubstr("hospital: its database at 127.0.0.1:"), HasSubstr("cannot be reached"),
                                     Not(HasSubstr("refused"))));
}

TEST_F(PostgresqlServer, ADatabaseThatIsNotThere) {
  config_.database_url = UrlOf(SharedServer(), "postgres", "nowhere");
  EXPECT_THAT(Message(TryOpen().status()), HasSubstr("has no database of that name"));
}

// Servers of their own: TLS, passwords and limits, and one that ends.
class OwnServer : public PostgresqlServer {
 protected:
  OwnServer() : folder_(testing::TempDir() + "/care_server_" + std::to_string(::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    EXPECT_EQ(::chmod(folder_.c_str(), 0755), 0);
  }
  ~OwnServer() override {
    owner_.reset();
    own_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Start(std::vector<std::string> settings) {
    port_ = FreePort();
    settings.insert(settings.end(), {"listen_addresses=127.0.0.1"});
    auto started = engine::TemporaryPostgres::Start({.settings = std::move(settings), .port = port_});
    ASSERT_TRUE(started.ok()) << started.status();
    own_ = *std::move(started);
    config_.database_url.clear();
    owner_ = nullptr;
    port_text_ = " port=" + std::to_string(port_);
    owner_ = std::make_unique<OwnerSession>(UrlOf(*own_) + port_text_);
    owner_->Execute("CREATE SCHEMA care; SET search_path = care; CREATE TABLE t (id bigint NOT NULL, v bigint); "
                    "INSERT INTO t SELECT i, i % 7 FROM generate_series(1, 100) AS i");
    config_.database_url = UrlOf(*own_) + port_text_;
  }

  // A file that PostgreSQL's own user can read.
  std::string ServerFile(const std::string& name, const std::string& text, mode_t mode) {
    const std::string path = folder_ + "/" + name;
    WriteFile(path, text, mode);
    HandOver(path);
    return path;
  }
  static void HandOver(const std::string& path) {
    if (::geteuid() != 0) return;
    const passwd* user = ::getpwnam("postgres");
    ASSERT_NE(user, nullptr);
    ASSERT_EQ(::chown(path.c_str(), user->pw_uid, user->pw_gid), 0);
  }
  void OpenSsl(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"openssl"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto result = engine::RunCommand(command);
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_EQ(result->exit_code, 0) << result->error;
  }

  const std::string folder_;
  int port_ = 0;
  std::string port_text_;
  std::unique_ptr<engine::TemporaryPostgres> own_;
};

TEST_F(OwnServer, AServerThatEndsInMidQueryAndComesBack) {
  Start({});
  Slow("0.05");
  auto connector = Open();
  std::thread crash([&] {
    OwnerSession watch(UrlOf(*own_) + port_text_);
    AwaitCopy(watch);
    own_->Crash();
  });
  const absl::Status status = connector->Run(*Scan()).status();
  crash.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(Message(status), HasSubstr("hospital: its database went away"));
  EXPECT_TRUE(connector->EndSnapshot().ok());
  EXPECT_EQ(connector->BeginSnapshot().code(), absl::StatusCode::kUnavailable);
  const absl::Status restarted = own_->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  owner_ = std::make_unique<OwnerSession>(UrlOf(*own_) + port_text_);
  owner_->Execute("SET search_path = care");
  Slow("0");
  Works(*connector);
}

TEST_F(OwnServer, ConnectionsRunOut) {
  Start({});
  owner_->Execute("CREATE ROLE care_node LOGIN CONNECTION LIMIT 1; GRANT USAGE ON SCHEMA care TO care_node; GRANT SELECT ON t TO care_node");
  config_.database_url = UrlOf(*own_, "care_node") + port_text_;
  auto first = TryOpen();
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status status = TryOpen().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(Message(status), HasSubstr("no connection left"));
  Works(**first);
}

TEST_F(OwnServer, PasswordsComeFromAFileThatOnlyTheNodeReads) {
  const std::string access = ServerFile("hba", "local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n", 0644);
  Start({"hba_file=" + access});
  owner_->Execute("CREATE ROLE care_node LOGIN PASSWORD 'it''s secret'; GRANT USAGE ON SCHEMA care TO care_node; GRANT SELECT ON t TO care_node");
  config_.database_url = "postgresql://care_node@127.0.0.1:" + std::to_string(port_) + "/postgres";
  EXPECT_THAT(Message(TryOpen().status()), HasSubstr("wants a password; hospital should name a password_file"));
  config_.database_password_file = folder_ + "/password";
  WriteFile(config_.database_password_file, "wrong\n", 0600);
  const absl::Status wrong = TryOpen().status();
  EXPECT_EQ(wrong.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(wrong), AllOf(HasSubstr("does not accept the password"), Not(HasSubstr("care_node")), Not(HasSubstr("wrong"))));
  WriteFile(config_.database_password_file, "it's secret\n", 0600);
  EXPECT_EQ(Open()->Run(*Scan())->rows, 100u);
  WriteFile(config_.database_password_file, "it's secret\r\n", 0640);
  EXPECT_EQ(Open()->Run(*Scan())->rows, 100u);
  WriteFile(config_.database_password_file, "it's secret\n", 0604);
  EXPECT_THAT(Message(TryOpen().status()), HasSubstr("chmod 600"));
}

TEST_F(OwnServer, TlsWithAVerifiedName) {
  const std::string key = folder_ + "/server.key", certificate = folder_ + "/server.crt";
  const std::string authority = folder_ + "/ca.crt", authority_key = folder_ + "/ca.key", request = folder_ + "/request";
  OpenSsl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "36500", "-subj",
           "/CN=test authority", "-keyout", authority_key, "-out", authority});
  OpenSsl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-keyout", key,
           "-out", request});
  OpenSsl({"x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-days", "36500",
           "-out", certificate});
  ASSERT_EQ(::chmod(key.c_str(), 0600), 0);
  HandOver(key);
  const std::string access = ServerFile("hba", "local all postgres trust\nhostssl all all 127.0.0.1/32 trust\n", 0644);
  Start({"hba_file=" + access, "ssl=on", "ssl_cert_file=" + certificate, "ssl_key_file=" + key});
  const std::string url = "hostaddr=127.0.0.1 user=postgres dbname=postgres" + port_text_;
  config_.database_url = url + " host=localhost sslmode=verify-full sslrootcert=" + authority;
  {
    auto connector = Open();
    EXPECT_EQ(connector->Run(*Scan())->rows, 100u);
    EXPECT_EQ(owner_->Ask("SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND application_name = 'care'"), "1");
    // Cancelled over TLS as well.
    std::thread([&] { connector->Interrupt(); }).join();
    EXPECT_EQ(connector->Run(*Scan()).status().code(), absl::StatusCode::kCancelled);
    Works(*connector);
  }
  // A name that the certificate does not hold, an authority that did not sign it, none at all.
  config_.database_url = url + " host=elsewhere sslmode=verify-full sslrootcert=" + authority;
  EXPECT_THAT(Message(TryOpen().status()), HasSubstr("cannot be reached over verified TLS"));
  const std::string other = folder_ + "/other.crt";
  OpenSsl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "36500", "-subj",
           "/CN=another", "-keyout", folder_ + "/other.key", "-out", other});
  config_.database_url = url + " host=localhost sslmode=verify-full sslrootcert=" + other;
  EXPECT_THAT(Message(TryOpen().status()), HasSubstr("cannot be reached over verified TLS"));
  config_.database_url = url + " host=localhost sslmode=verify-full sslrootcert=" + folder_ + "/nowhere.crt";
  EXPECT_THAT(Message(TryOpen().status()), HasSubstr("add sslrootcert=FILE"));
  // Without TLS that server lets nobody in.
  config_.database_url = url + " host=localhost sslmode=disable";
  EXPECT_THAT(Message(TryOpen().status()), HasSubstr("does not let this user in from here"));
}

}  // namespace
}  // namespace care::connectors
