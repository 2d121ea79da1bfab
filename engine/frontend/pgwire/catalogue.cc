#include "engine/frontend/pgwire/catalogue.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/catalogue_content.h"
#include "engine/frontend/pgwire/catalogue_functions.h"
#include "engine/frontend/pgwire/catalogue_relations.h"
#include "engine/frontend/pgwire/catalogue_rewriter.h"
#include "engine/frontend/pgwire/select_list.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

constexpr int kMostBytes = 1 << 20;  // of one cell or statement
constexpr std::size_t kMostRows = 50'000;
constexpr std::size_t kMostResultBytes = std::size_t{8} << 20;  // in memory, where a NULL takes its room too
constexpr int kMostLikePattern = 1'000;
constexpr int kStepsBetweenChecks = 1'000;
constexpr int kMostChecks = 10'000;
// Steps are not alike: one may sort or make a text of the longest that there is.
constexpr std::chrono::seconds kMostTime{10};
constexpr sqlite3_int64 kMostMemory = sqlite3_int64{64} << 20;
constexpr std::size_t kLongestLogged = 2'000;

using StatementPtr = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

int Authorize(void*, int action, const char* table, const char* name, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      return table != nullptr && std::string_view(table).starts_with("sqlite_") ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_FUNCTION: {
      const std::string_view function(name == nullptr ? "" : name);
      const bool refused = function == "load_extension" || function == "randomblob" ||
                           function == "zeroblob" || function.starts_with("sqlite_") ||
                           function.starts_with("fts");
      return refused ? SQLITE_DENY : SQLITE_OK;
    }
    default:
      return SQLITE_DENY;
  }
}

// What is wrong, in our words.
absl::Status NotAnswered(const std::string& reason) {
  const auto after = [&reason](std::string_view prefix) -> std::optional<std::string> {
    if (!reason.starts_with(prefix)) return std::nullopt;
    return reason.substr(prefix.size());
  };
  if (const auto name = after("no such column: "))
    return SqlStatus("42703", absl::StrCat("column \"", *name, "\" does not exist"));
  if (const auto name = after("no such table: "))
    return SqlStatus("42P01", absl::StrCat("relation \"", *name, "\" does not exist"));
  if (const auto name = after("no such function: ")) {
    return SqlStatus("42883", absl::StrCat("function ", *name, " does not exist in the catalogue"));
  }
  if (const auto name = after("ambiguous column name: ")) {
    return SqlStatus("42702", absl::StrCat("column reference \"", *name, "\" is ambiguous"));
  }
  if (reason == "interrupted")
    return SqlStatus(sqlstate::kLimitExceeded, "the catalogue query takes too many steps, too long or too much memory");
  if (reason == "string or blob too big")
    return SqlStatus(sqlstate::kLimitExceeded, "a text of the catalogue query is too long");
  if (reason.starts_with("care: ") && reason.ends_with("out of range")) return SqlStatus("22003", reason.substr(6));
  if (reason.starts_with("care: ")) return SqlStatus(sqlstate::kInvalidText, reason.substr(6));
  return SqlStatus(sqlstate::kFeatureNotSupported, "the catalogue does not understand this query",
                   "it answers queries over pg_catalog and information_schema, and simple expressions");
}

// What one statement may use.
struct Use {
  int checks = 0;
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::now() + kMostTime;
  sqlite3_int64 memory = sqlite3_memory_used() + kMostMemory;
};

int Check(void* data) {
  auto& use = *static_cast<Use*>(data);
  const bool goes_on = ++use.checks <= kMostChecks && sqlite3_memory_used() <= use.memory &&
                       std::chrono::steady_clock::now() <= use.until;
  return goes_on ? 0 : 1;
}

void BindParameter(sqlite3_stmt* statement, int index, const ParameterValue& value) {
  constexpr std::uint32_t kIntegers[] = {20, 21, 23, 26};
  std::int64_t integer = 0;
  if (!value.text.has_value()) {
    sqlite3_bind_null(statement, index);
  } else if (value.type_oid == 16) {
    sqlite3_bind_int(statement, index, value.text->starts_with("t") || *value.text == "1" ? 1 : 0);
  } else if (std::find(std::begin(kIntegers), std::end(kIntegers), value.type_oid) != std::end(kIntegers) &&
             absl::SimpleAtoi(*value.text, &integer)) {
    sqlite3_bind_int64(statement, index, integer);
  } else {
    sqlite3_bind_text(statement, index, value.text->data(), static_cast<int>(value.text->size()),
                      SQLITE_TRANSIENT);
  }
}

// What a column is, and how its integers print.
struct ColumnKind {
  std::string type;  // empty: told by the values
  bool seen = false;
};

std::string DeclaredType(sqlite3_stmt* statement, int column) {
  const char* declared = sqlite3_column_decltype(statement, column);
  if (declared == nullptr) return {};
  const std::string_view text(declared);
  return std::string(text.substr(0, text.find(' ')));
}

std::optional<std::string> CellText(sqlite3_stmt* statement, int column, ColumnKind& kind) {
  const int storage = sqlite3_column_type(statement, column);
  if (storage == SQLITE_NULL) return std::nullopt;
  if (kind.type == "bool" && storage == SQLITE_INTEGER) {
    return sqlite3_column_int64(statement, column) != 0 ? "t" : "f";
  }
  if (!kind.seen) {
    kind.seen = true;
    if (kind.type.empty()) {
      const std::int64_t integer = sqlite3_column_int64(statement, column);
      const bool small = integer >= std::numeric_limits<std::int32_t>::min() &&
                         integer <= std::numeric_limits<std::int32_t>::max();
      kind.type = storage == SQLITE_INTEGER ? (small ? "int4" : "int8")
                  : storage == SQLITE_FLOAT ? "float8"
                                            : "text";
    }
  }
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

}  // namespace

std::string WithoutLiterals(std::string_view sql, const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    if (!text.empty()) text.push_back(' ');
    // A name in double quotes may be a text that was quoted wrongly.
    const bool literal = token.kind == TokenKind::kString || token.kind == TokenKind::kNumber ||
                         token.kind == TokenKind::kQuoted;
    for (const char c : literal ? std::string_view("?") : sql.substr(token.begin, token.end - token.begin)) {
      text.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
    if (text.size() > kLongestLogged) return absl::StrCat(text.substr(0, kLongestLogged), " ...");
  }
  return text;
}

Catalogue::~Catalogue() { sqlite3_close(database_); }

absl::StatusOr<std::unique_ptr<Catalogue>> Catalogue::Make(const planner::Catalog& catalog) {
  std::unique_ptr<Catalogue> made(new Catalogue());
  if (sqlite3_open_v2(":memory:", &made->database_,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                      nullptr) != SQLITE_OK) {
    return absl::InternalError("the catalogue's database cannot be opened");
  }
  sqlite3* database = made->database_;
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  for (const CatalogueRelation& relation : CatalogueRelations()) made->relations_.insert(relation.name);
  CARE_RETURN_IF_ERROR(FillCatalogue(database, catalog));
  CARE_RETURN_IF_ERROR(RegisterCatalogueFunctions(database, &made->question_, catalog.name));
  // What a statement sorts stays in memory, where it is bounded, and fills no disk.
  sqlite3_exec(database, "PRAGMA temp_store = MEMORY", nullptr, nullptr, nullptr);
  // Makes the table function known, which writes to the schema, while that is allowed.
  sqlite3_exec(database, "SELECT 1 FROM json_each('[]')", nullptr, nullptr, nullptr);
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kMostBytes);
  sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, kMostBytes);
  sqlite3_limit(database, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, kMostLikePattern);
  sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, 200);
  sqlite3_limit(database, SQLITE_LIMIT_COMPOUND_SELECT, 100);
  sqlite3_limit(database, SQLITE_LIMIT_COLUMN, 1'000);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 2);
  sqlite3_set_authorizer(database, &Authorize, nullptr);
  return made;
}

absl::StatusOr<ResultSet> Catalogue::Ask(const CatalogueQuestion& question) {
  CARE_ASSIGN_OR_RETURN(const std::string sql, RewriteForCatalogue(question.tokens));
  const std::vector<SelectItem> items = SelectItems(question.tokens);
  std::lock_guard lock(mutex_);
  question_ = &question;
  Use use;
  sqlite3_progress_handler(database_, kStepsBetweenChecks, &Check, &use);
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  if (sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &raw, &tail) != SQLITE_OK) {
    return NotAnswered(sqlite3_errmsg(database_));
  }
  const StatementPtr statement(raw, &sqlite3_finalize);
  if (statement == nullptr || sqlite3_stmt_readonly(raw) == 0) return NotAnswered("not a query");
  const int parameters = sqlite3_bind_parameter_count(raw);
  if (parameters > static_cast<int>(question.parameters.size())) {
    return SqlStatus("42P02", absl::StrCat("there is no parameter $", question.parameters.size() + 1));
  }
  for (int index = 1; index <= parameters; ++index) BindParameter(raw, index, question.parameters[index - 1]);

  ResultSet result;
  result.has_rows = true;
  result.tag = "SELECT";
  const int columns = sqlite3_column_count(raw);
  const bool items_fit = items.size() == static_cast<std::size_t>(columns);
  std::vector<ColumnKind> kinds(static_cast<std::size_t>(columns));
  for (int column = 0; column < columns; ++column) {
    ColumnKind& kind = kinds[column];
    kind.type = DeclaredType(raw, column);
    if (kind.type.empty() && items_fit) kind.type = items[column].type;
    const char* name = sqlite3_column_name(raw, column);
    result.columns.push_back({items_fit ? items[column].name : std::string(name == nullptr ? "" : name), {}});
  }
  std::size_t bytes = 0;
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(raw)) == SQLITE_ROW) {
    auto& row = result.rows.emplace_back();
    for (int column = 0; column < columns; ++column) {
      row.push_back(CellText(raw, column, kinds[column]));
      bytes += sizeof row.back() + (row.back().has_value() ? row.back()->size() : 0);
    }
    if (result.rows.size() > kMostRows || bytes > kMostResultBytes) {
      return SqlStatus(sqlstate::kLimitExceeded, "the catalogue query has too many rows or columns", "ask for fewer, by WHERE or LIMIT");
    }
  }
  if (step != SQLITE_DONE) return NotAnswered(sqlite3_errmsg(database_));
  for (int column = 0; column < columns; ++column)
    result.columns[column].type = WireTypeNamed(kinds[column].type);
  return result;
}

}  // namespace care::engine::pgwire
