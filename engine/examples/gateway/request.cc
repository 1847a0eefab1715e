#include "request.h"

#include <cstdint>
#include <limits>

namespace gateway {

namespace {

RequestParser& self(http_parser* parser);

bool is_cookie(std::string_view field) {
  constexpr std::string_view name = "cookie";
  if (field.size() != name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if ((field[i] | 0x20) != name[i]) return false;
  }
  return true;
}

RequestParser& self(http_parser* parser) { return *static_cast<RequestParser*>(parser->data); }

}  // namespace

RequestParser::RequestParser() {
  http_parser_set_max_header_size(header_max_bytes);
  reset();
}

void RequestParser::reset() {
  http_parser_init(&parser_, HTTP_REQUEST);
  parser_.data = this;
  request_ = {};
  field_.clear();
  in_value_ = is_cookie_ = has_cookie_ = complete_ = false;
  status_ = 400;
}

RequestParser::State RequestParser::feed(std::string& bytes) {
  const std::size_t taken = http_parser_execute(&parser_, &callbacks(), bytes.data(), bytes.size());
  bytes.erase(0, taken);
  if (complete_) return State::complete;
  const http_errno error = HTTP_PARSER_ERRNO(&parser_);
  if (error == HPE_OK) return State::incomplete;
  if (error == HPE_HEADER_OVERFLOW) status_ = 431;
  return State::refused;
}

const http_parser_settings& RequestParser::callbacks() {
  static const http_parser_settings all = [] {
    http_parser_settings made;
    http_parser_settings_init(&made);
    made.on_url = [](http_parser* parser, const char* at, std::size_t size) {
      self(parser).request_.target.append(at, size);
      return 0;
    };
    made.on_header_field = [](http_parser* parser, const char* at, std::size_t size) {
      return self(parser).on_field({at, size});
    };
    made.on_header_value = [](http_parser* parser, const char* at, std::size_t size) {
      return self(parser).on_value({at, size});
    };
    made.on_headers_complete = [](http_parser* parser) {
      return self(parser).on_headers_complete();
    };
    made.on_message_complete = [](http_parser* parser) {
      self(parser).complete_ = true;
      http_parser_pause(parser, 1);  // the rest belongs to the next request
      return 0;
    };
    return made;
  }();
  return all;
}

// Field names and values arrive in pieces.
int RequestParser::on_field(std::string_view piece) {
  if (in_value_) field_.clear();
  in_value_ = false;
  field_.append(piece);
  return 0;
}

int RequestParser::on_value(std::string_view piece) {
  if (!in_value_) {
    in_value_ = true;
    is_cookie_ = is_cookie(field_);
    if (is_cookie_ && has_cookie_) return 1;  // several Cookie headers are ambiguous
    has_cookie_ = has_cookie_ || is_cookie_;
  }
  if (is_cookie_) request_.cookie.append(piece);
  return 0;
}

int RequestParser::on_headers_complete() {
  const bool has_length = parser_.content_length != std::numeric_limits<std::uint64_t>::max();
  if ((parser_.flags & F_CHUNKED) != 0 || (has_length && parser_.content_length > 0)) {
    status_ = 413;  // no resource accepts a body
    return -1;
  }
  request_.method = http_method_str(static_cast<http_method>(parser_.method));
  request_.keep_alive = http_should_keep_alive(&parser_) != 0;
  return 0;
}

}  // namespace gateway
