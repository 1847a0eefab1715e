// Reads values by tag; tags with a syntax of their own are in read_text_tags.cc and
// read_time_tags.cc.
#include "src/cases/read_value.h"

#include <functional>
#include <map>

namespace djcache::conformance {
namespace {

constexpr std::int64_t text_max = 64 << 20;  // the limit of what one file may expand to
constexpr std::int64_t times_max = 100'000;

using Reader = Value (*)(const Node&, const Scope&);

Value::List read_list(const Node& node, const Scope& scope) {
  Value::List items;
  for (const Node& element : node.elements()) items.push_back(read_value(element, scope));
  return items;
}

std::vector<Node> exactly(const Node& node, std::size_t count, const char* what) {
  if (!node.json().is_array() || node.json().size() != count) node.fail_expected(what);
  return node.elements();
}

std::string repeat(const Node& node, const Scope& scope) {
  const auto parts = exactly(node, 2, "[text, times]");
  const std::string text = read_string(parts[0], scope);
  const std::int64_t times = parts[1].integer(0, text_max);
  if (static_cast<std::int64_t>(text.size()) * times > text_max) {
    node.fail("more than 64 MiB of text");
  }
  if (text.size() == 1) return std::string(static_cast<std::size_t>(times), text.front());
  std::string result;
  result.reserve(text.size() * static_cast<std::size_t>(times));
  for (std::int64_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string concat(const Node& node, const Scope& scope) {
  std::string result;
  for (const Node& part : node.elements()) result += read_string(part, scope);
  return result;
}

std::int64_t index_of(const Node& node, const Scope& scope) {
  if (!scope.index) node.fail("$index stands outside of repeat, $each and $each_pair");
  return *scope.index;
}

std::string index_text(const Node& node, const Scope& scope) {
  std::string text = node.text();
  const auto hole = text.find("{}");
  if (hole == std::string::npos) node.fail_expected("a text with {} in it");
  return text.replace(hole, 2, std::to_string(index_of(node, scope)));
}

Value read_index(const Node& node, const Scope& scope) {
  if (node.json().is_null()) return index_of(node, scope);
  return index_text(node, scope);
}

Value read_dict(const Node& node, const Scope& scope) {
  Value::Items items;
  for (const Node& pair : node.elements()) {
    const auto parts = exactly(pair, 2, "[key, value]");
    items.emplace_back(read_value(parts[0], scope), read_value(parts[1], scope));
  }
  return Value::dict(std::move(items));
}

Value read_nest(const Node& node, const Scope& scope) {
  const auto parts = exactly(node, 2, "[value, depth]");
  Value value = read_value(parts[0], scope);
  for (std::int64_t depth = parts[1].integer(0, times_max); depth > 0; --depth) {
    Value::List around;
    around.push_back(std::move(value));
    value = Value::list(std::move(around));
  }
  return value;
}

Value read_each(const Node& node, const Scope&) {
  const auto parts = exactly(node, 2, "[count, expression]");
  Value::List items;
  for (std::int64_t i = 0, count = parts[0].integer(0, times_max); i < count; ++i) {
    items.push_back(read_value(parts[1], Scope{i}));
  }
  return Value::list(std::move(items));
}

Value read_each_pair(const Node& node, const Scope&) {
  const auto parts = exactly(node, 3, "[count, key, value]");
  Value::Items items;
  for (std::int64_t i = 0, count = parts[0].integer(0, times_max); i < count; ++i) {
    items.emplace_back(read_value(parts[1], Scope{i}), read_value(parts[2], Scope{i}));
  }
  return Value::dict(std::move(items));
}

template <Value (*Make)(Value::List)>
Value read_sequence(const Node& node, const Scope& scope) {
  return Make(read_list(node, scope));
}

template <Value (*Read)(const Node&)>
Value without_scope(const Node& node, const Scope&) {
  return Read(node);
}

template <std::string (*Read)(const Node&, const Scope&)>
Value as_string(const Node& node, const Scope& scope) {
  return Read(node, scope);
}

const std::map<std::string, Reader, std::less<>>& readers() {
  static const std::map<std::string, Reader, std::less<>> all = {
      {"$bytes", &without_scope<&read_bytes>},
      {"$int", &without_scope<&read_integer>},
      {"$float", &without_scope<&read_float>},
      {"$decimal", &without_scope<&read_decimal>},
      {"$uuid", &without_scope<&read_uuid>},
      {"$datetime", &without_scope<&read_datetime>},
      {"$date", &without_scope<&read_date>},
      {"$time", &without_scope<&read_time>},
      {"$timedelta", &without_scope<&read_timedelta>},
      {"$tuple", &read_sequence<&Value::tuple>},
      {"$set", &read_sequence<&Value::set>},
      {"$frozenset", &read_sequence<&Value::frozenset>},
      {"$dict", &read_dict},
      {"$repeat", &as_string<&repeat>},
      {"$concat", &as_string<&concat>},
      {"$nest", &read_nest},
      {"$each", &read_each},
      {"$each_pair", &read_each_pair},
      {"$index", &read_index},
  };
  return all;
}

Value read_object(const Node& node, const Scope& scope) {
  const std::string tag = tag_of(node);
  if (!tag.empty()) {
    const auto reader = readers().find(tag);
    if (reader != readers().end()) return reader->second(node[tag], scope);
    if (tag == "$miss" || tag == "$any" || tag == "$one_of") {
      node.fail("the tag " + tag + " stands only at the top of \"returns\"");
    }
    if (tag == "$producer") node.fail("$producer stands only as the default of get_or_set");
    node.fail("unknown tag \"" + tag + "\"; FORMAT.md lists the known ones");
  }
  Value::Items items;
  for (const auto& [key, value] : node.items()) items.emplace_back(key, read_value(value, scope));
  return Value::dict(std::move(items));
}

}  // namespace

std::string tag_of(const Node& node) {
  if (!node.json().is_object()) return {};
  for (const auto& [key, value] : node.json().items()) {
    if (key.empty() || key.front() != '$') continue;
    if (node.json().size() != 1) {
      node.fail("the tag \"" + key +
                "\" must be the only key; a dict whose keys begin with $ is written with $dict");
    }
    return key;
  }
  return {};
}

std::string read_string(const Node& node, const Scope& scope) {
  if (node.is_string()) return node.text_or_empty();
  const std::string tag = tag_of(node);
  if (tag == "$repeat") return repeat(node[tag], scope);
  if (tag == "$concat") return concat(node[tag], scope);
  if (tag == "$index" && !node[tag].json().is_null()) return index_text(node[tag], scope);
  node.fail_expected("a text ($repeat, $concat and $index are texts too)");
}

std::string read_word(const Node& node, const Scope& scope) {
  if (node.json().is_number_integer()) return std::to_string(node.integer());
  const std::string tag = tag_of(node);
  if (tag == "$bytes") return std::string(*read_bytes(node[tag]).as_bytes());
  if (tag == "$index" && node[tag].json().is_null()) {
    return std::to_string(index_of(node[tag], scope));
  }
  return read_string(node, scope);
}

Value read_value(const Node& node, const Scope& scope) {
  const Json& json = node.json();
  switch (json.type()) {
    case Json::value_t::null:
      return nullptr;
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
      return json.get<std::int64_t>();
    case Json::value_t::number_unsigned:
      if (json.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
        node.fail_expected("an integer of 64 bits; write {\"$int\": \"...\"}");
      }
      return json.get<std::uint64_t>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get<std::string>();
    case Json::value_t::array:
      return Value::list(read_list(node, scope));
    default:
      return read_object(node, scope);
  }
}

}  // namespace djcache::conformance
