// `care serve`: one organisation's node.

#include <sys/stat.h>

#include <cstdio>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/bin/serve_signals.h"
#include "engine/frontend/operate/health_watch.h"
#include "engine/frontend/operate/http_endpoint.h"
#include "engine/frontend/operate/node_log.h"
#include "engine/frontend/operate/operator_pages.h"
#include "engine/frontend/operate/service_manager.h"
#include "engine/frontend/pgwire/server.h"
#include "engine/session/build_identity.h"
#include "engine/session/federated_engine.h"
#include "engine/session/node.h"
#include "engine/types/status_macros.h"

namespace care::bin {
namespace {

absl::Status Serve(const std::string& node_path) {
  const ServeSignals signals;  // before any thread
  umask(0077);  // the ledger holds every query: it is for the node's user alone

  CARE_ASSIGN_OR_RETURN(planner::NodeConfig config, planner::LoadNodeConfig(node_path));
  CARE_ASSIGN_OR_RETURN(planner::Catalog catalog, planner::LoadFederation(config.federation_path));
  engine::NodeOptions options;
  options.program_version = engine::BuildIdentity();
  options.log = engine::MakeNodeLog(
      {config.party, config.log_level, config.log_format, engine::StandardErrorIsJournal()});
  options.reload_config = [node_path] { return planner::LoadNodeConfig(node_path); };
  const std::chrono::seconds drain(config.drain_seconds);
  const std::string metrics_listen = config.metrics_listen;
  CARE_ASSIGN_OR_RETURN(auto node, engine::Node::Start(std::move(config), std::move(catalog),
                                                       &engine::MakeFederatedEngine, options));
  std::unique_ptr<engine::pgwire::Server> sql_clients;
  if (node->resources().config.sql.has_value()) {
    CARE_ASSIGN_OR_RETURN(sql_clients, engine::pgwire::Server::Start(node->resources()));
  }
  std::unique_ptr<engine::HealthWatch> watch;
  std::unique_ptr<engine::HttpEndpoint> pages;
  if (!metrics_listen.empty()) {
    watch = std::make_unique<engine::HealthWatch>(node->resources());
    CARE_ASSIGN_OR_RETURN(
        pages, engine::HttpEndpoint::Listen(metrics_listen, [&node, &watch](std::string_view path) {
          return engine::OperatorPage(node->resources(), *watch, path);
        }));
    options.log->info("metrics and health on http://{}/metrics, /health, /ready", metrics_listen);
  }
  engine::TellServiceManager("READY=1");
  signals.WaitForEnd(*node, drain, *options.log, [] { engine::TellServiceManager("STOPPING=1"); });
  sql_clients.reset();
  pages.reset();
  watch.reset();
  node.reset();
  options.log->info("stopped");
  return absl::OkStatus();
}

}  // namespace

void AddServe(CLI::App& app, int& exit_code) {
  auto node_path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("serve", "Run one organisation's node");
  command->add_option("NODE", *node_path, "The node file, for example hospital.toml")->required()->check(CLI::ExistingFile);
  command->footer(
      "Serves until SIGTERM or Ctrl-C, which let running queries finish; a second one ends them. SIGHUP: look at once\n"
      "for a renewed certificate or an activated version of the federation. The log goes to standard error and carries names and sizes only.");
  command->callback([node_path, &exit_code] {
    const absl::Status status = Serve(*node_path);
    if (status.ok()) return;
    PrintError(status);
    // A service manager need not try again with a file that is wrong as it is written.
    exit_code = absl::IsInvalidArgument(status) ? kUsage : kFailed;
  });
}

}  // namespace care::bin
