// Strict reading of JSON; see node.h.
#include "src/cases/node.h"

#include <algorithm>

namespace djcache::conformance {

std::string brief(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

std::string join(std::initializer_list<std::string_view> words) {
  std::string text;
  for (std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

void Node::fail(const std::string& what) const {
  throw FileError((path_.empty() ? "" : path_ + ": ") + what);
}

void Node::fail_expected(const std::string& expected) const {
  fail("expected " + expected + ", found " + brief(*json_));
}

const Node& Node::only(std::initializer_list<std::string_view> fields) const {
  if (!json_->is_object()) fail_expected("an object");
  for (const auto& [key, value] : json_->items()) {
    if (std::find(fields.begin(), fields.end(), key) == fields.end()) {
      fail("unknown field \"" + key + "\"; known here: " + join(fields));
    }
  }
  return *this;
}

const Node& Node::need(std::initializer_list<std::string_view> fields) const {
  for (std::string_view field : fields) {
    if (!has(field)) fail("the field \"" + std::string(field) + "\" is missing");
  }
  return *this;
}

bool Node::has(std::string_view field) const {
  if (!json_->is_object()) fail_expected("an object");
  return json_->contains(std::string(field));
}

Node Node::operator[](std::string_view field) const {
  const std::string key(field);
  if (!has(field)) fail("the field \"" + key + "\" is missing");
  return {json_->at(key), path_.empty() ? key : path_ + "." + key};
}

std::vector<std::pair<std::string, Node>> Node::items() const {
  if (!json_->is_object()) fail_expected("an object");
  std::vector<std::pair<std::string, Node>> all;
  for (const auto& [key, value] : json_->items()) all.emplace_back(key, (*this)[key]);
  return all;
}

std::vector<Node> Node::elements() const {
  if (!json_->is_array()) fail_expected("a list");
  std::vector<Node> all;
  for (std::size_t i = 0; i < json_->size(); ++i) {
    all.emplace_back((*json_)[i], path_ + "[" + std::to_string(i) + "]");
  }
  return all;
}

std::string Node::text() const {
  if (!json_->is_string() || json_->get_ref<const std::string&>().empty()) {
    fail_expected("a text that is not empty");
  }
  return json_->get<std::string>();
}

std::string Node::text_or_empty() const {
  if (!json_->is_string()) fail_expected("a text");
  return json_->get<std::string>();
}

std::int64_t Node::integer() const {
  const bool fits = json_->is_number_integer() &&
                    (!json_->is_number_unsigned() ||
                     json_->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX));
  if (!fits) fail_expected("an integer of 64 bits");
  return json_->get<std::int64_t>();
}

std::int64_t Node::integer(std::int64_t min, std::int64_t max) const {
  if (!json_->is_number_integer() || integer() < min || integer() > max) {
    fail_expected("an integer from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return integer();
}

bool Node::flag() const {
  if (!json_->is_boolean()) fail_expected("true or false");
  return json_->get<bool>();
}

std::string Node::word(std::initializer_list<std::string_view> words) const {
  if (json_->is_string()) {
    const auto& seen = json_->get_ref<const std::string&>();
    if (std::find(words.begin(), words.end(), seen) != words.end()) return seen;
  }
  fail_expected("one of " + join(words));
}

std::string Node::name() const {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const std::string seen = json_->is_string() ? json_->get<std::string>() : "";
  if (seen.empty() || !std::all_of(seen.begin(), seen.end(), allowed)) {
    fail_expected("a name of a-z, 0-9 and _");
  }
  return seen;
}

}  // namespace djcache::conformance
