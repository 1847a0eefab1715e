#include "settings/json_tree.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "settings/where.h"

namespace djcache::settings {
namespace {

// Builds the tree from the parser's events. Each event returns whether to go on; error() says why
// not.
class TreeBuilder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  explicit TreeBuilder(std::string_view text) : text_(text) {}

  bool null() { return put({}); }
  bool boolean(bool value) { return put({.kind = Json::Kind::boolean, .boolean = value}); }
  bool number_integer(number_integer_t value) {
    return put({.kind = Json::Kind::integer, .integer = value});
  }
  bool number_unsigned(number_unsigned_t value) {
    if (std::in_range<std::int64_t>(value)) {
      return number_integer(static_cast<number_integer_t>(value));
    }
    return put({.kind = Json::Kind::big_integer, .number = static_cast<double>(value)});
  }
  bool number_float(number_float_t value, const string_t& token) {
    const bool integer = token.find_first_of(".eE") == string_t::npos;
    return put({.kind = integer ? Json::Kind::big_integer : Json::Kind::number, .number = value});
  }
  bool string(string_t& value) {
    return put({.kind = Json::Kind::string, .string = std::move(value)});
  }
  bool binary(binary_t&) { return fail(Where::caches(), "has binary data"); }

  bool start_object(std::size_t) { return open(Json::Kind::object); }
  bool start_array(std::size_t) { return open(Json::Kind::array); }
  bool end_array() { return close(); }
  bool end_object() {
    std::vector<std::string_view> names(open_.back().names.begin(), open_.back().names.end());
    std::sort(names.begin(), names.end());
    const auto twin = std::adjacent_find(names.begin(), names.end());
    if (twin == names.end()) return close();
    return fail(place_of_last().in(*twin), "is there twice");
  }
  bool key(string_t& name) {
    open_.back().names.push_back(std::move(name));
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    const std::string_view read = text_.substr(0, position == 0 ? 0 : position - 1);
    const auto line = 1 + std::count(read.begin(), read.end(), '\n');
    const std::size_t start = read.rfind('\n') + 1;  // npos + 1 is 0
    return fail(Where::caches(), "not valid JSON at line " + std::to_string(line) + ", column " +
                                     std::to_string(read.size() - start + 1));
  }

  Json& root() { return root_; }
  const Error& error() const { return error_; }

 private:
  bool put(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else {
      open_.back().items.push_back(std::move(value));
    }
    return true;
  }
  bool open(Json::Kind kind) {
    if (open_.size() == json_max_depth) {
      return fail(Where::caches(),
                  "nested deeper than " + std::to_string(json_max_depth) + " levels");
    }
    open_.push_back({.kind = kind});
    return true;
  }
  bool close() {
    Json value = std::move(open_.back());
    open_.pop_back();
    return put(std::move(value));
  }
  bool fail(const Where& where, const Problem& problem) {
    error_ = where.error(problem);
    return false;
  }
  // Every open object but the innermost is waiting for the value of its latest name.
  Where place_of_last() const {
    Where where = Where::caches();
    for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
      if (open_[i].is(Json::Kind::object)) where = where.in(open_[i].names.back());
    }
    return where;
  }

  std::string_view text_;
  Json root_;
  std::vector<Json> open_;
  Error error_;
};

}  // namespace

const Json* Json::find(std::string_view name) const {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? nullptr : &items[static_cast<std::size_t>(at - names.begin())];
}

std::string_view kind_name(Json::Kind kind) {
  switch (kind) {
    case Json::Kind::null:
      return "null";
    case Json::Kind::boolean:
      return "a boolean";
    case Json::Kind::integer:
      return "an integer";
    case Json::Kind::big_integer:
      return "an integer beyond 64 bits";
    case Json::Kind::number:
      return "a number";
    case Json::Kind::string:
      return "a string";
    case Json::Kind::array:
      return "a list";
    case Json::Kind::object:
      return "an object";
  }
  return "nothing";
}

Result<Json> parse_json(std::string_view text) {
  if (text.size() > json_max_bytes) return Where::caches().error("more than 16 MiB of JSON");
  TreeBuilder builder(text);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return builder.error();
  }
  return std::move(builder.root());
}

}  // namespace djcache::settings
