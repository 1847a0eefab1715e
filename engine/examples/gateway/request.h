// Parses HTTP requests, one at a time, from bytes as they arrive. Uses http_parser, not sockets.
#pragma once

#include <http_parser.h>

#include <string>
#include <string_view>

namespace gateway {

struct Request {
  std::string method{};
  std::string target{};
  std::string cookie{};
  bool keep_alive = false;
};

class RequestParser {
 public:
  static constexpr std::size_t header_max_bytes = 16'384;  // request line and headers together

  enum class State { incomplete, complete, refused };

  RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Removes the bytes of this request from the front of `bytes`.
  State feed(std::string& bytes);
  const Request& request() const { return request_; }
  // If refused: 400, 413 or 431.
  int status() const { return status_; }
  // Prepares for the next request of the same connection.
  void reset();

 private:
  static const http_parser_settings& callbacks();
  int on_field(std::string_view piece);
  int on_value(std::string_view piece);
  int on_headers_complete();

  http_parser parser_{};
  Request request_;
  std::string field_;
  bool in_value_ = false;
  bool is_cookie_ = false;
  bool has_cookie_ = false;
  bool complete_ = false;
  int status_ = 400;
};

}  // namespace gateway
