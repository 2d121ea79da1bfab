// The extended protocol of a session: Parse, Bind, Describe, Execute, Close.

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/session.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

constexpr std::size_t kMostPrepared = 1'000;
constexpr std::size_t kMostPortals = 100;
constexpr std::uint32_t kTextOid = 25;

absl::Status Malformed() { return SqlStatus(sqlstate::kProtocolViolation, "a message is malformed"); }

absl::StatusOr<std::vector<std::int16_t>> ReadFormats(FieldReader& fields) {
  const std::int16_t count = fields.Int16();
  if (!fields.ok() || count < 0) return Malformed();
  std::vector<std::int16_t> formats;
  for (std::int16_t at = 0; at < count && fields.ok(); ++at) {
    formats.push_back(fields.Int16());
    if (formats.back() != 0 && formats.back() != 1) {
      return SqlStatus(sqlstate::kProtocolViolation, "a format code is neither text nor binary");
    }
  }
  if (!fields.ok()) return Malformed();
  return formats;
}

std::size_t BytesOf(const std::vector<ParameterValue>& parameters) {
  std::size_t bytes = 0;
  for (const ParameterValue& value : parameters) bytes += sizeof value + (value.text ? value.text->size() : 0);
  return bytes;
}

std::size_t BytesOf(const std::vector<Token>& tokens) {
  std::size_t bytes = 0;
  for (const Token& token : tokens) bytes += sizeof token + token.text.size();
  return bytes;
}

}  // namespace

absl::Status Session::HandleExtended(const Message& message) {
  const FieldReader fields(message.body);
  switch (message.type) {
    case 'P':
      return Parse(fields);
    case 'B':
      return Bind(fields);
    case 'D':
      return Describe(fields);
    case 'E':
      return Execute(fields);
    default:
      return Close(fields);
  }
}

absl::Status Session::Parse(FieldReader fields) {
  const std::string name(fields.Text());
  auto prepared = std::make_shared<Prepared>();
  prepared->sql = std::string(fields.Text());
  failed_sql_ = prepared->sql;
  const std::int16_t types = fields.Int16();
  if (!fields.ok() || types < 0) return Malformed();
  for (std::int16_t at = 0; at < types && fields.ok(); ++at) {
    prepared->parameter_types.push_back(static_cast<std::uint32_t>(fields.Int32()));
  }
  if (!fields.finished()) return Malformed();
  CARE_ASSIGN_OR_RETURN(std::vector<StatementText> statements, SplitStatements(prepared->sql));
  if (statements.size() > 1) {
    return SqlStatus(sqlstate::kSyntaxError, "cannot insert multiple commands into a prepared statement");
  }
  if (!statements.empty()) prepared->statement = std::move(statements[0]);
  const std::size_t parameters = ParameterCount(prepared->statement.tokens);
  if (parameters > 65'535)
    return SqlStatus(sqlstate::kLimitExceeded, "a statement has at most 65535 parameters");
  if (prepared->parameter_types.size() < parameters) prepared->parameter_types.resize(parameters);
  if (!name.empty() && prepared_.contains(name)) {
    return SqlStatus(sqlstate::kDuplicateStatement,
                     absl::StrCat("prepared statement \"", name, "\" already exists"));
  }
  CARE_RETURN_IF_ERROR(CheckNameLength(name, "a prepared statement"));
  if (prepared_.size() >= kMostPrepared) {
    return SqlStatus(sqlstate::kLimitExceeded,
                     absl::StrCat("a session has at most ", kMostPrepared, " prepared statements"));
  }
  if (name.empty()) prepared_.erase(name);  // its bytes make room
  // Tokens are many times as large as the text that they were read from.
  const std::size_t bytes = sizeof *prepared + BytesOf(name) + prepared->sql.size() +
                            BytesOf(prepared->statement.tokens) +
                            prepared->parameter_types.size() * sizeof(std::uint32_t);
  CARE_ASSIGN_OR_RETURN(prepared->held, budget_.Hold(bytes, "the prepared statement"));
  prepared_[name] = std::move(prepared);
  writer_.Bare('1');
  return absl::OkStatus();
}

absl::Status Session::Bind(FieldReader fields) {
  const std::string portal_name(fields.Text());
  const std::string name(fields.Text());
  if (!fields.ok()) return Malformed();
  const auto found = prepared_.find(name);
  if (found == prepared_.end()) {
    return SqlStatus(sqlstate::kInvalidStatementName,
                     absl::StrCat("prepared statement \"", name, "\" does not exist"));
  }
  Portal portal;
  portal.prepared = found->second;
  CARE_ASSIGN_OR_RETURN(const std::vector<std::int16_t> formats, ReadFormats(fields));
  const std::int16_t read = fields.Int16();
  const std::size_t count = static_cast<std::uint16_t>(read);
  const std::vector<std::uint32_t>& types = portal.prepared->parameter_types;
  if (!fields.ok() || (formats.size() > 1 && formats.size() != count)) return Malformed();
  if (count != types.size()) {
    return SqlStatus(sqlstate::kProtocolViolation,
                     absl::StrCat("bind message supplies ", count, " parameters, but the statement requires ",
                                  types.size()));
  }
  for (std::size_t at = 0; at < count; ++at) {
    const std::int32_t size = fields.Int32();
    if (size < -1 || !fields.ok()) return Malformed();
    if (size == -1) {
      portal.parameters.push_back({types[at], std::nullopt});
      continue;
    }
    const std::string_view bytes = fields.Bytes(static_cast<std::size_t>(size));
    if (!fields.ok()) return Malformed();
    const std::int16_t format = formats.empty() ? std::int16_t{0} : formats[formats.size() == 1 ? 0 : at];
    CARE_ASSIGN_OR_RETURN(portal.parameters.emplace_back(), ReadParameter(types[at], format, bytes));
  }
  CARE_ASSIGN_OR_RETURN(portal.result_formats, ReadFormats(fields));
  if (!fields.finished()) return Malformed();
  if (!portal_name.empty() && portals_.contains(portal_name)) {
    return SqlStatus(sqlstate::kDuplicateCursor, absl::StrCat("portal \"", portal_name, "\" already exists"));
  }
  CARE_RETURN_IF_ERROR(CheckNameLength(portal_name, "a portal"));
  if (portals_.size() >= kMostPortals) {
    return SqlStatus(sqlstate::kLimitExceeded,
                     absl::StrCat("a session has at most ", kMostPortals, " portals"));
  }
  if (portal_name.empty()) portals_.erase(portal_name);
  const std::size_t bytes = sizeof portal + BytesOf(portal_name) + BytesOf(portal.parameters) +
                            portal.result_formats.size() * sizeof(std::int16_t);
  CARE_ASSIGN_OR_RETURN(portal.held, budget_.Hold(bytes, "the parameters of a portal"));
  portals_[portal_name] = std::move(portal);
  writer_.Bare('2');
  return absl::OkStatus();
}

absl::Status Session::Describe(FieldReader fields) {
  const char kind = fields.Byte();
  const std::string name(fields.Text());
  if (!fields.finished()) return Malformed();
  std::shared_ptr<const Prepared> prepared;
  std::vector<ParameterValue> parameters;
  std::vector<std::int16_t> formats;
  if (kind == 'S') {
    const auto found = prepared_.find(name);
    if (found == prepared_.end()) {
      return SqlStatus(sqlstate::kInvalidStatementName,
                       absl::StrCat("prepared statement \"", name, "\" does not exist"));
    }
    prepared = found->second;
    std::vector<std::uint32_t> types = prepared->parameter_types;
    for (std::uint32_t& type : types) {
      parameters.push_back({type, std::nullopt});
      if (type == 0) type = kTextOid;
    }
    writer_.ParameterDescription(types);
  } else if (kind == 'P') {
    const auto found = portals_.find(name);
    if (found == portals_.end()) {
      return SqlStatus(sqlstate::kInvalidCursorName, absl::StrCat("portal \"", name, "\" does not exist"));
    }
    prepared = found->second.prepared;
    parameters = found->second.parameters;
    formats = found->second.result_formats;
  } else {
    return Malformed();
  }
  failed_sql_ = prepared->sql;
  if (prepared->statement.tokens.empty()) {
    writer_.Bare('n');
    return absl::OkStatus();
  }
  absl::StatusOr<ResultSet> columns = runner_->Describe(prepared->statement, parameters);
  if (!columns.ok()) return columns.status();
  if (!columns->has_rows) {
    writer_.Bare('n');
    return absl::OkStatus();
  }
  if (formats.size() > 1 && formats.size() != columns->columns.size()) {
    return SqlStatus(sqlstate::kProtocolViolation,
                     absl::StrCat("bind message has ", formats.size(), " result formats but query has ",
                                  columns->columns.size(), " columns"));
  }
  writer_.RowDescription(columns->columns, formats);
  return absl::OkStatus();
}

absl::Status Session::Execute(FieldReader fields) {
  const std::string name(fields.Text());
  const std::int32_t most = fields.Int32();
  if (!fields.finished()) return Malformed();
  const auto found = portals_.find(name);
  if (found == portals_.end()) {
    return SqlStatus(sqlstate::kInvalidCursorName, absl::StrCat("portal \"", name, "\" does not exist"));
  }
  const std::size_t at_once = most <= 0 ? 0 : static_cast<std::size_t>(most);
  // The statement may forget the portal (DISCARD ALL, COMMIT): hold what is needed.
  Portal& portal = found->second;
  const std::shared_ptr<const Prepared> prepared = portal.prepared;
  failed_sql_ = prepared->sql;
  if (prepared->statement.tokens.empty()) {
    writer_.Bare('I');
    return absl::OkStatus();
  }
  if (!portal.result.has_value()) {
    CARE_ASSIGN_OR_RETURN(ResultSet result, runner_->Run(prepared->statement, portal.parameters));
    SendSettings();
    SendNotices(result);
    result.notices.clear();
    if (portal.result_formats.size() > 1 && portal.result_formats.size() != result.columns.size()) {
      return SqlStatus(sqlstate::kProtocolViolation,
                       "the number of result formats is not that of the columns");
    }
    if (at_once > 0 && result.rows.size() > at_once) {
      CARE_ASSIGN_OR_RETURN(portal.held_rows, budget_.Hold(BytesOf(result), "the rows that wait in a portal"));
    }
    portal.result = std::move(result);
  }
  CARE_RETURN_IF_ERROR(SendRows(*portal.result, portal.result_formats, portal.next, at_once));
  if (portal.next == portal.result->rows.size()) {  // executed again, it has no more rows
    portal.result->rows = {};
    portal.next = 0;
    portal.held_rows = HeldBytes();
  }
  return absl::OkStatus();
}

absl::Status Session::Close(FieldReader fields) {
  const char kind = fields.Byte();
  const std::string name(fields.Text());
  if (!fields.finished() || (kind != 'S' && kind != 'P')) return Malformed();
  if (kind == 'S') {
    prepared_.erase(name);
  } else {
    portals_.erase(name);
  }
  writer_.Bare('3');
  return absl::OkStatus();
}

}  // namespace care::engine::pgwire
