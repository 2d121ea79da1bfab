// `care query` and `care explain`: the analyst's commands.

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "absl/strings/str_cat.h"
#include "engine/bin/commands.h"
#include "engine/frontend/record/record_file.h"
#include "engine/frontend/record/record_page.h"
#include "engine/frontend/shell/client.h"
#include "engine/frontend/shell/print_answer.h"
#include "engine/frontend/shell/progress_line.h"
#include "engine/types/status_macros.h"
#include "grammar/parameters.h"
#include "grammar/parser.h"

namespace care::bin {
namespace {

struct QuerySettings {
  engine::ClientOptions client;
  std::string sql;
  std::string file;
  std::string purpose = "not stated";
  std::string legal_basis;
  std::string format;
  std::string record_path;
  std::vector<std::string> parameters;
  bool analyze = false;
  bool quiet = false;
  bool progress = false;
};

std::shared_ptr<QuerySettings> AddCommonOptions(CLI::App& command) {
  auto settings = std::make_shared<QuerySettings>();
  command.add_option("--node", settings->client.node_path, "Your organisation's node file")
      ->required()
      ->check(CLI::ExistingFile);
  command.add_option("SQL", settings->sql, "The query; without it and without -f, standard input");
  command.add_option("-f,--file", settings->file, "Read the query from a file")->check(CLI::ExistingFile);
  command.add_option("--parameter", settings->parameters, "The value of $1, again for $2, and so on, without quotes: it takes the type of what it is compared with")
      ->allow_extra_args(false);
  command.add_option("--purpose", settings->purpose, "What for; goes into every party's ledger");
  command.add_option("--legal-basis", settings->legal_basis, "The basis in law; goes into every party's ledger");
  command.add_option("--certificate", settings->client.certificate_path,
                     "Your certificate; default: analyst.PARTY.pem beside the node's");
  command.add_option("--private-key", settings->client.private_key_path,
                     "Its key; default: analyst.PARTY.key beside the node's");
  command.add_flag("-q,--quiet", settings->quiet, "Only the result and errors");
  return settings;
}

absl::StatusOr<std::string> ReadSql(const QuerySettings& settings) {
  if (!settings.sql.empty() && !settings.file.empty()) {
    return absl::InvalidArgumentError("give the query either as an argument or by -f, not both");
  }
  if (!settings.sql.empty()) return settings.sql;
  std::string sql;
  if (!settings.file.empty()) {
    std::ifstream file(settings.file, std::ios::binary);
    sql.assign(std::istreambuf_iterator<char>(file), {});
    if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", settings.file));
  } else {
    if (isatty(STDIN_FILENO) != 0)
      std::fputs("reading the query from standard input, until Ctrl-D\n", stderr);
    sql.assign(std::istreambuf_iterator<char>(std::cin), {});
  }
  if (sql.find_first_not_of(" \t\r\n;") == std::string::npos)
    return absl::InvalidArgumentError("there is no query");
  return sql;
}

// With values in the places of parameters: the text that all parties plan. A quoted value can say nothing but a value.
absl::StatusOr<std::string> WithParameters(const absl::StatusOr<std::string>& sql, const std::vector<std::string>& values) {
  if (!sql.ok() || values.empty()) return sql;
  std::vector<std::string> literals;
  for (const std::string& value : values) literals.push_back(sql::QuoteLiteral(value));
  CARE_ASSIGN_OR_RETURN(const auto text, sql::TextWithParameters::Replace(*sql, literals));
  return text.sql();
}

// Reads the SQL, connects, and hands both to `ask`, whose status is the query's.
int WithClient(
    const QuerySettings& settings,
    const std::function<absl::Status(engine::Client&, engine::Asked, const engine::ClientEvents&)>& ask) {
  const absl::StatusOr<std::string> sql = WithParameters(ReadSql(settings), settings.parameters);
  if (!sql.ok()) {
    PrintError(sql.status());
    return kUsage;
  }
  const auto client = engine::Client::Connect(settings.client);
  if (!client.ok()) {
    PrintError(client.status());
    const auto code = client.status().code();
    return code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kUnauthenticated ? kUnreachable
                                                                                                : kUsage;
  }
  absl::Status status;
  {
    engine::ProgressLine line(!settings.quiet && (settings.progress || isatty(STDERR_FILENO) != 0));
    engine::ClientEvents events;
    events.progress = [&line](double fraction, const std::string& step) { line.Draw(fraction, step); };
    events.notice = [&line, &settings](const std::string& text) {
      line.Clear();
      if (!settings.quiet) std::fprintf(stderr, "care: %s\n", text.c_str());
    };
    status = ask(**client, {.sql = *sql, .purpose = settings.purpose, .legal_basis = settings.legal_basis}, events);
  }
  if (status.ok()) return kDone;
  PrintError(status);
  return (*client)->reached() ? kFailed : kUnreachable;
}

void Write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

void AddQuery(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("query", "Ask your organisation's node a question in SQL");
  const auto settings = AddCommonOptions(*command);
  settings->format = "table";
  command->add_option("--format", settings->format, "table, csv or json")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->capture_default_str();
  command->add_option("--record", settings->record_path,
                      "Also write an HTML page for the files: question, answer, what was opened, who agreed");
  command->add_flag("--progress", settings->progress,
                    "Show progress even if standard error is not a terminal");
  command->footer(
      "Example: care query --node hospital.toml \"SELECT COUNT(*) FROM hospital.patients\"\n"
      "The result goes to standard output, everything else to standard error. Cells that disclosure control "
      "hides\n"
      "are marked; csv adds a column NAME_note, json a list of flags. Ctrl-C ends the query at all parties.");
  command->callback([settings, &exit_code] {
    std::optional<engine::Answer> answer;
    std::string explanation;
    std::unique_ptr<engine::RecordFile> record;
    if (!settings->record_path.empty()) {
      auto opened = engine::RecordFile::Open(settings->record_path);
      if (!opened.ok()) {
        PrintError(opened.status());
        exit_code = kUsage;
        return;
      }
      record = *std::move(opened);
    }
    exit_code = WithClient(
        *settings, [&](engine::Client& client, engine::Asked asked, const auto& events) -> absl::Status {
          asked.record = record != nullptr;
          const absl::StatusOr<sql::Statement> statement = sql::Parse(asked.sql);
          if (statement.ok() && std::holds_alternative<sql::Explain>(*statement)) {
            if (record != nullptr)
              return absl::InvalidArgumentError("EXPLAIN releases nothing; --record is for the answer to a query");
            CARE_ASSIGN_OR_RETURN(explanation, client.Explain(asked, events));
            return absl::OkStatus();
          }
          absl::StatusOr<engine::Answer> got = client.Query(asked, events);
          if (got.ok()) answer = *std::move(got);
          return got.status();
        });
    if (!answer.has_value()) return Write(explanation);
    if (record != nullptr) {
      // The answer is shown in any case: it was released.
      const absl::Status written = answer->record.has_value()
                                       ? record->Finish(engine::RecordPage(*answer))
                                       : absl::UnavailableError("the node sent no record with its answer");
      if (!written.ok()) {
        PrintError(written);
        exit_code = kFailed;
      }
    }
    if (settings->format == "json") return Write(engine::FormatJson(*answer));
    const std::string figures = engine::FormatFigures(*answer) + "\n";
    if (settings->format == "csv") {
      Write(engine::FormatCsv(*answer));
      if (!settings->quiet) std::fputs(figures.c_str(), stderr);
    } else {
      Write(engine::FormatTable(*answer));
      if (!settings->quiet) Write(figures);
    }
  });
}

void AddExplain(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("explain", "Show what a query would run where, and all that it would disclose");
  const auto settings = AddCommonOptions(*command);
  settings->format = "text";
  command->add_option("--format", settings->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag("--analyze", settings->analyze, "Run the query, and show what was measured; its answer is not shown");
  command->footer(
      "All parties plan the query and say what they would run; nothing runs and nothing is disclosed.\n"
      "With --analyze, or EXPLAIN ANALYZE in the text, the query runs like any other and is entered into every ledger;\n"
      "shown is what it moved beside what was expected, and not its answer.");
  command->callback([settings, &exit_code] {
    std::string text;
    exit_code = WithClient(*settings, [&](engine::Client& client, engine::Asked asked, const auto& events) {
      asked.explain = true;
      asked.analyze = settings->analyze;
      asked.as_json = settings->format == "json";
      absl::StatusOr<std::string> got = client.Explain(asked, events);
      if (got.ok()) text = *std::move(got);
      return got.status();
    });
    if (text.empty()) return;
    if (text.back() != '\n') text.push_back('\n');
    Write(text);
  });
}

}  // namespace care::bin
