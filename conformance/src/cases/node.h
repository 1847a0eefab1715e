// Node: a part of a JSON file and its path, for strict reading. Every access states what it
// expects; anything else throws a FileError that names the path, what was expected and what was
// found. Knows JSON, but not cases.
#pragma once

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace djcache::conformance {

using Json = nlohmann::ordered_json;  // the order of a dict is part of a case

// The only exception type of this folder; load.h turns it into a value.
class FileError : public std::exception {
 public:
  explicit FileError(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

class Node {
 public:
  // `json` must outlive the node.
  Node(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {}

  const Json& json() const { return *json_; }
  const std::string& path() const { return path_; }
  // "cases[0].claim: expected a sentence, found 3"
  [[noreturn]] void fail_expected(const std::string& expected) const;
  [[noreturn]] void fail(const std::string& what) const;

  // --- Objects.
  // Only these fields are allowed.
  const Node& only(std::initializer_list<std::string_view> fields) const;
  const Node& need(std::initializer_list<std::string_view> fields) const;  // these are required
  bool has(std::string_view field) const;
  Node operator[](std::string_view field) const;  // REQUIRES: has(field), or json is an object
  std::vector<std::pair<std::string, Node>> items() const;

  // --- Lists.
  std::vector<Node> elements() const;

  // --- Scalars.
  bool is_string() const { return json_->is_string(); }
  std::string text() const;           // not empty
  std::string text_or_empty() const;  // any string
  std::int64_t integer() const;       // within 64 bits
  std::int64_t integer(std::int64_t min, std::int64_t max) const;
  bool flag() const;
  // Must be one of these words.
  std::string word(std::initializer_list<std::string_view> words) const;
  // [a-z0-9_]+
  std::string name() const;

 private:
  const Json* json_;
  std::string path_;
};

// For messages: compact, truncated after about 80 bytes.
std::string brief(const Json& json);
std::string join(std::initializer_list<std::string_view> words);

}  // namespace djcache::conformance
