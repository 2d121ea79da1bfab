// What an operator sees of a node: metrics in Prometheus' format, health pages, the HTTP endpoint that
// strangers may talk to, the log's form. Figures are compared with what was counted; the endpoint is sent
// everything but HTTP.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/frontend/operate/health_watch.h"
#include "engine/frontend/operate/http_endpoint.h"
#include "engine/frontend/operate/node_log.h"
#include "engine/frontend/operate/operator_pages.h"
#include "engine/frontend/operate/service_manager.h"
#include "engine/session/messages.h"
#include "engine/session/node.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
namespace asio = boost::asio;

TEST(NodeMetricsTest, CountsByKindAndOutcome) {
  NodeMetrics metrics;
  metrics.Began(QueryKind::kAsked);
  metrics.Began(QueryKind::kAsked);
  metrics.Began(QueryKind::kTookPart);
  metrics.Ended(QueryKind::kAsked, absl::StatusCode::kOk, 0.2);
  metrics.Ended(QueryKind::kTookPart, absl::StatusCode::kInvalidArgument, 40);
  metrics.AddRounds(7);
  metrics.AddTraffic("insurer", 100, 20);
  metrics.AddTraffic("insurer", 1, 2);
  metrics.AddTraffic("a\"b\\\nc", 1, 1);
  const std::string text = metrics.Text();
  for (const char* line :
       {"care_queries_total{kind=\"asked\",outcome=\"ok\"} 1\n",
        "care_queries_total{kind=\"explained\",outcome=\"ok\"} 0\n",
        "care_queries_total{kind=\"took_part\",outcome=\"invalid_argument\"} 1\n",
        "care_queries_running{kind=\"asked\"} 1\n", "care_queries_running{kind=\"took_part\"} 0\n",
        "care_rounds_total 7\n", "care_link_sent_bytes_total{peer=\"insurer\"} 101\n",
        "care_link_received_bytes_total{peer=\"insurer\"} 22\n",
        "care_link_sent_bytes_total{peer=\"a\\\"b\\\\\\nc\"} 1\n",
        // 0.2 s is in the interval up to 0.3 s and in all above.
        "care_query_duration_seconds_bucket{kind=\"asked\",le=\"0.1\"} 0\n",
        "care_query_duration_seconds_bucket{kind=\"asked\",le=\"0.3\"} 1\n",
        "care_query_duration_seconds_bucket{kind=\"asked\",le=\"+Inf\"} 1\n",
        "care_query_duration_seconds_bucket{kind=\"took_part\",le=\"30\"} 0\n",
        "care_query_duration_seconds_bucket{kind=\"took_part\",le=\"100\"} 1\n",
        "care_query_duration_seconds_sum{kind=\"took_part\"} 40\n",
        "# TYPE care_query_duration_seconds histogram\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

// Sends bytes and returns all that comes back until the other side closes.
std::string Talk(int port, const std::string& bytes, bool finish = true) {
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)}, error);
  if (error) return "cannot connect";
  asio::write(socket, asio::buffer(bytes), error);
  if (finish) socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  std::string answer;
  asio::read(socket, asio::dynamic_buffer(answer), error);
  return answer;
}

class HttpEndpointTest : public ::testing::Test {
 protected:
  std::unique_ptr<HttpEndpoint> endpoint_ = HttpEndpoint::Listen("127.0.0.1:0", [](std::string_view path) {
                                              return HttpReply{path == "/missing" ? 404u : 200u, "text/plain",
                                                               absl::StrCat("you asked ", std::string(path))};
                                            }).value();
  const int port_ = endpoint_->port();
};

TEST_F(HttpEndpointTest, AnswersGetAndHead) {
  const std::string got = Talk(port_, "GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(got, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Length: 18\r\n"),
                         HasSubstr("\r\n\r\nyou asked /metrics")));
  EXPECT_THAT(Talk(port_, "HEAD /metrics HTTP/1.0\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), Not(HasSubstr("you asked"))));
  EXPECT_THAT(Talk(port_, "GET /missing HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404"));
}

TEST_F(HttpEndpointTest, RefusesTheRestAndGoesOn) {
  EXPECT_THAT(Talk(port_, "DELETE /metrics HTTP/1.1\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 405"), HasSubstr("Allow: GET, HEAD")));
  EXPECT_THAT(Talk(port_, "\x16\x03\x01\x02 not HTTP at all\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(Talk(port_, "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n"),
              Not(HasSubstr("you asked")));
  EXPECT_THAT(Talk(port_, "GET / HTTP/1.1\r\n" + std::string(100'000, 'h') + ": 1\r\n\r\n"),
              Not(HasSubstr("you asked")));
  EXPECT_THAT(Talk(port_, "GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\nxxxx"),
              Not(HasSubstr("you asked")));
  EXPECT_THAT(Talk(port_, ""), "");
  EXPECT_THAT(Talk(port_, "GET / HTTP/1.1\r\n\r\n"), HasSubstr("you asked /"));
}

// More than are served at a time connect and say nothing: the next waits in line and is served when they go.
TEST_F(HttpEndpointTest, SilentConnectionsDoNotKeepOthersOut) {
  asio::io_context io;
  std::vector<asio::ip::tcp::socket> silent;
  for (int i = 0; i < 20; ++i) {
    silent.emplace_back(io);
    silent.back().connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port_)});
  }
  std::string answer;
  std::thread asking([&] { answer = Talk(port_, "GET / HTTP/1.1\r\n\r\n"); });
  silent.clear();
  asking.join();
  EXPECT_THAT(answer, HasSubstr("you asked /"));
  // One that stays silent does not hold up the end.
  asio::ip::tcp::socket last(io);
  last.connect({asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port_)});
  endpoint_.reset();
}

TEST(HttpEndpointAddressTest, AnAddressInUseIsNamed) {
  const auto first = HttpEndpoint::Listen("127.0.0.1:0", {}).value();
  EXPECT_THAT(
      std::string(HttpEndpoint::Listen(absl::StrCat("127.0.0.1:", first->port()), {}).status().message()),
      HasSubstr("change listen under [metrics]"));
}

// A database that the test takes away.
struct Switch {
  std::mutex mutex;
  absl::Status database;
};

class SwitchedEngine final : public QueryEngine {
 public:
  explicit SwitchedEngine(std::shared_ptr<Switch> state) : state_(std::move(state)) {}
  absl::StatusOr<std::unique_ptr<PreparedQuery>> Prepare(std::string_view,
                                                         const planner::PlanInputs&) override {
    return absl::UnimplementedError("not asked");
  }
  absl::StatusOr<std::vector<planner::OutputColumn>> Describe(std::string_view,
                                                              const planner::PlanInputs&) override {
    return absl::UnimplementedError("not asked");
  }
  absl::Status CheckDatabase() override {
    std::lock_guard lock(state_->mutex);
    return state_->database;
  }

 private:
  const std::shared_ptr<Switch> state_;
};

TEST(OperatorPagesTest, SayWhetherTheNodeIsReadyAndWhy) {
  mpc::TemporaryCertificates certificates;
  planner::Catalog catalog;
  catalog.name = "test";
  catalog.version = 3;
  catalog.compute_parties = {0, 1, 2};
  catalog.authority_sha256 = certificates.authority().fingerprint();
  for (const char* name : {"hospital", "insurer", "bureau"}) catalog.parties.push_back({name, "127.0.0.1:1"});
  planner::NodeConfig config;
  config.party = "hospital";
  config.listen = "127.0.0.1:0";
  const mpc::TlsFiles files = certificates.Files("hospital");
  config.certificate_path = files.certificate_path;
  config.private_key_path = files.private_key_path;
  config.authority_path = files.authority_path;
  config.data_directory = certificates.directory().File("state");
  const auto state = std::make_shared<Switch>();
  NodeOptions options;
  options.program_version = "9.9";
  std::ostringstream lines;
  options.log = MakeNodeLog({"hospital"}, std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  const auto node = Node::Start(
      config, catalog,
      [state](const planner::Catalog&, const planner::NodeConfig&)
          -> absl::StatusOr<std::unique_ptr<QueryEngine>> { return std::make_unique<SwitchedEngine>(state); },
      options);
  ASSERT_TRUE(node.ok()) << node.status();
  NodeResources& resources = (*node)->resources();
  HealthWatch watch(resources, std::chrono::hours(1));
  watch.LookNow();
  EXPECT_EQ(OperatorPage(resources, watch, "/health").status, 200u);
  HttpReply ready = OperatorPage(resources, watch, "/ready");
  EXPECT_EQ(ready.status, 200u);
  EXPECT_EQ(ready.body, "{\"missing\":[],\"ready\":true}\n");
  const std::string metrics = OperatorPage(resources, watch, "/metrics").body;
  EXPECT_THAT(metrics,
              AllOf(HasSubstr("care_database_reachable 1\n"), HasSubstr("care_ledger_entries 0\n"),
                    HasSubstr("care_ledger_writable 1\n"), HasSubstr("care_build_info{version=\"9.9\"} 1\n"),
                    HasSubstr("care_certificate_days_left "), HasSubstr("care_queries_queued 0\n"),
                    HasSubstr("care_federation_version 3\n")));
  EXPECT_EQ(OperatorPage(resources, watch, "/etc/passwd").status, 404u);

  {
    std::lock_guard lock(state->mutex);
    state->database = absl::UnavailableError("the database at db.example does not answer");
  }
  watch.LookNow();
  ready = OperatorPage(resources, watch, "/ready");
  EXPECT_EQ(ready.status, 503u);
  EXPECT_EQ(ready.body, "{\"missing\":[\"the database cannot be reached\"],\"ready\":false}\n");
  EXPECT_EQ(OperatorPage(resources, watch, "/health").status, 200u);
  EXPECT_THAT(OperatorPage(resources, watch, "/metrics").body, HasSubstr("care_database_reachable 0\n"));
  EXPECT_THAT(lines.str(), HasSubstr("the database: the database at db.example does not answer"));
}

TEST(NodeLogTest, EachFormInWhichItIsWritten) {
  const auto logged = [](const LogOptions& options, const std::string& message) {
    std::ostringstream lines;
    MakeNodeLog(options, std::make_shared<spdlog::sinks::ostream_sink_mt>(lines))->warn(message);
    return lines.str();
  };
  const std::string forged = "refused \"x\n2026-01-01 hospital info all is well\"";
  EXPECT_THAT(logged({"hospital"}, forged),
              HasSubstr(" hospital warning refused \"x\\x0a2026-01-01 hospital info all is well\"\n"));
  EXPECT_EQ(logged({"hospital", "info", "text", true}, "stops"), "<4>hospital stops\n");
  EXPECT_EQ(logged({"hospital", "error", "text", true}, "stops"), "");
  const auto json =
      nlohmann::json::parse(logged({"hospital", "info", "json"}, "query 0123abcd: ends: \"\n\xff"));
  EXPECT_EQ(json["session"], "0123abcd");
  EXPECT_EQ(json["party"], "hospital");
  EXPECT_EQ(json["level"], "warning");
  EXPECT_THAT(json["message"].get<std::string>(), StartsWith("ends: \"\n"));
  EXPECT_FALSE(
      nlohmann::json::parse(logged({"hospital", "info", "json"}, "query planning: x")).contains("session"));
}

TEST(ServiceManagerTest, SendsToTheSocketThatItIsGiven) {
  mpc::TemporaryDirectory directory;
  const std::string path = directory.File("notify");
  const int handle = socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(handle, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  TellServiceManager("READY=1");  // nobody is named: nothing is sent
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  TellServiceManager("STOPPING=1");
  unsetenv("NOTIFY_SOCKET");
  char text[64] = {};
  EXPECT_EQ(recv(handle, text, sizeof(text), MSG_DONTWAIT), 10);
  EXPECT_STREQ(text, "STOPPING=1");
  EXPECT_LT(recv(handle, text, sizeof(text), MSG_DONTWAIT), 0);
  close(handle);
}

}  // namespace
}  // namespace care::engine
