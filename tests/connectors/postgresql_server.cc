#include "tests/connectors/postgresql_server.h"

#include "gtest/gtest.h"

namespace care::connectors {

engine::TemporaryPostgres& SharedServer() {
  static const std::unique_ptr<engine::TemporaryPostgres> server = [] {
    auto started = engine::TemporaryPostgres::Start({.settings = {"max_prepared_transactions=2"}});
    if (!started.ok()) ADD_FAILURE() << started.status();
    const absl::Status made = (*started)->Execute(
        "CREATE DATABASE letters TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8';\n"
        "CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1 LOCALE 'C';\n");
    if (!made.ok()) ADD_FAILURE() << made;
    return *std::move(started);
  }();
  return *server;
}

std::string UrlOf(const engine::TemporaryPostgres& server, const std::string& user, const std::string& database) {
  return "host=" + server.directory() + " user=" + user + " dbname=" + database;
}

OwnerSession::OwnerSession(const std::string& url) : handle_(PQconnectdb(url.c_str())) {
  EXPECT_EQ(PQstatus(handle_), CONNECTION_OK) << PQerrorMessage(handle_);
  PQsetNoticeReceiver(handle_, [](void*, const PGresult*) {}, nullptr);
}

void OwnerSession::Execute(const std::string& sql) { Ask(sql); }

std::string OwnerSession::Ask(const std::string& sql) {
  PGresult* result = PQexec(handle_, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) << PQerrorMessage(handle_) << "\n" << sql;
  std::string cell = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  return cell;
}

}  // namespace care::connectors
