// engine/frontend/operate/http_endpoint.h
//
// A small HTTP server for whoever watches a node: GET and HEAD, one request a connection, on a thread of its
// own that sleeps while nobody asks. What strangers send is bounded: headers of 4 kB, no body, five seconds,
// sixteen connections at a time; more wait in the kernel's queue.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::engine {

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class HttpEndpoint {
 public:
  // `answer` is called on the endpoint's thread, with the path of the request without its query.
  using Answer = std::function<HttpReply(std::string_view path)>;
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Listen(const std::string& address, Answer answer);
  ~HttpEndpoint();  // ends all connections; `answer` is not called afterwards

  int port() const;

 private:
  struct State;
  explicit HttpEndpoint(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace care::engine
