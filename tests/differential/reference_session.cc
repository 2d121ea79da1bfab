#include "tests/differential/reference_session.h"

#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

std::string TypeName(Oid type, int modifier) {
  switch (type) {
    case 16:
      return "boolean";
    case 20:
      return "bigint";
    case 21:
      return "smallint";
    case 23:
      return "integer";
    case 25:
      return "text";
    case 700:
      return "real";
    case 701:
      return "double precision";
    case 1043:
      return modifier < 4 ? "character varying" : absl::StrCat("character varying(", modifier - 4, ")");
    case 1082:
      return "date";
    case 1114:
      return "timestamp without time zone";
    case 1184:
      return "timestamp with time zone";
    case 1700:
      if (modifier < 4) return "numeric";
      return absl::StrCat("numeric(", (modifier - 4) >> 16, ",", (modifier - 4) & 0xffff, ")");
    default:
      return absl::StrCat("type ", type);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReferenceSession>> ReferenceSession::Open(const TemporaryPostgres& server) {
  PGconn* handle =
      PQconnectdb(absl::StrCat("host=", server.directory(), " user=postgres dbname=postgres").c_str());
  std::unique_ptr<ReferenceSession> session(new ReferenceSession(handle));
  if (PQstatus(handle) != CONNECTION_OK) return absl::UnavailableError(PQerrorMessage(handle));
  PQsetNoticeReceiver(
      handle, [](void*, const PGresult*) {}, nullptr);
  // Sessions of the product run in UTC.
  PQclear(PQexec(handle, "SET TimeZone = 'UTC'"));
  return session;
}

absl::StatusOr<TextTable> ReferenceSession::Run(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(handle_, sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  TextTable table;
  if (status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) return table;
  if (status != PGRES_TUPLES_OK) return absl::InvalidArgumentError(PQerrorMessage(handle_));
  const int columns = PQnfields(result.get());
  for (int column = 0; column < columns; ++column) {
    table.columns.push_back({PQfname(result.get(), column),
                             TypeName(PQftype(result.get(), column), PQfmod(result.get(), column))});
  }
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    std::vector<TextCell> cells;
    for (int column = 0; column < columns; ++column) {
      cells.push_back(PQgetisnull(result.get(), row, column) != 0
                          ? TextCell()
                          : TextCell(PQgetvalue(result.get(), row, column)));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace care::engine
