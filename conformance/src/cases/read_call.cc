// Reads the arguments of calls by signature; the table below is that of FORMAT.md.
#include "src/cases/read_call.h"

#include <algorithm>
#include <limits>
#include <set>

namespace djcache::conformance {
namespace {

enum class Parameter : std::uint8_t {
  key,
  keys,
  data,
  value,
  fallback,           // default of get
  value_or_producer,  // default of get_or_set
  timeout,
  delta,
  version,
  pattern,
  page_size,
  seconds,       // of expire
  milliseconds,  // of pexpire
  when,          // of expire_at: seconds since 1970
  name,          // of a lock
  blocking_timeout,
  additional_time,
  owner,
};

struct Signature {
  std::string_view name;
  Method method;
  std::vector<Parameter> parameters;
  std::size_t required;
};

const std::vector<Signature>& signatures() {
  using P = Parameter;
  static const std::vector<Signature> all = {
      {"get", Method::get, {P::key, P::fallback, P::version}, 1},
      {"set", Method::set, {P::key, P::value, P::timeout, P::version}, 2},
      {"add", Method::add, {P::key, P::value, P::timeout, P::version}, 2},
      {"touch", Method::touch, {P::key, P::timeout, P::version}, 1},
      {"delete", Method::delete_, {P::key, P::version}, 1},
      {"has_key", Method::has_key, {P::key, P::version}, 1},
      {"contains", Method::contains, {P::key}, 1},
      {"get_many", Method::get_many, {P::keys, P::version}, 1},
      {"set_many", Method::set_many, {P::data, P::timeout, P::version}, 1},
      {"delete_many", Method::delete_many, {P::keys, P::version}, 1},
      {"incr", Method::incr, {P::key, P::delta, P::version}, 1},
      {"decr", Method::decr, {P::key, P::delta, P::version}, 1},
      {"incr_version", Method::incr_version, {P::key, P::delta, P::version}, 1},
      {"decr_version", Method::decr_version, {P::key, P::delta, P::version}, 1},
      {"get_or_set", Method::get_or_set, {P::key, P::value_or_producer, P::timeout, P::version}, 2},
      {"clear", Method::clear, {}, 0},
      {"close", Method::close, {}, 0},
      {"make_key", Method::make_key, {P::key, P::version}, 1},
      {"replace", Method::replace, {P::key, P::value, P::timeout, P::version}, 2},
      {"ttl", Method::ttl, {P::key, P::version}, 1},
      {"pttl", Method::pttl, {P::key, P::version}, 1},
      {"expire", Method::expire, {P::key, P::seconds, P::version}, 2},
      {"pexpire", Method::pexpire, {P::key, P::milliseconds, P::version}, 2},
      {"expire_at", Method::expire_at, {P::key, P::when, P::version}, 2},
      {"persist", Method::persist, {P::key, P::version}, 1},
      {"keys", Method::keys, {P::pattern, P::version}, 1},
      {"iter_keys", Method::iter_keys, {P::pattern, P::version, P::page_size}, 1},
      {"delete_pattern", Method::delete_pattern, {P::pattern, P::version, P::page_size}, 1},
      {"acquire",
       Method::acquire,
       {P::name, P::timeout, P::blocking_timeout, P::owner, P::version},
       1},
      {"release", Method::release, {P::name, P::owner}, 1},
      {"extend", Method::extend, {P::name, P::additional_time, P::owner}, 2},
      {"reacquire", Method::reacquire, {P::name, P::owner}, 1},
      {"owned", Method::owned, {P::name, P::owner}, 1},
      {"locked", Method::locked, {P::name, P::owner}, 1},
  };
  return all;
}

std::string_view name_of(Parameter parameter) {
  switch (parameter) {
    case Parameter::key:
      return "key";
    case Parameter::keys:
      return "keys";
    case Parameter::data:
      return "data";
    case Parameter::value:
      return "value";
    case Parameter::fallback:
    case Parameter::value_or_producer:
      return "default";
    case Parameter::timeout:
      return "timeout";
    case Parameter::delta:
      return "delta";
    case Parameter::version:
      return "version";
    case Parameter::pattern:
      return "pattern";
    case Parameter::page_size:
      return "itersize";
    case Parameter::seconds:
    case Parameter::milliseconds:
      return "timeout";
    case Parameter::when:
      return "when";
    case Parameter::name:
      return "name";
    case Parameter::blocking_timeout:
      return "blocking_timeout";
    case Parameter::additional_time:
      return "additional_time";
    case Parameter::owner:
      return "owner";
  }
  return "";
}

Ttl read_ttl(const Node& node, const Scope& scope) {
  const Value value = read_value(node, scope);
  if (value.is_nil()) return forever;
  if (const auto seconds = value.as_int()) return std::chrono::seconds(*seconds);
  if (const auto seconds = value.as_double()) return std::chrono::duration<double>(*seconds);
  if (value.is(Kind::big_integer)) {
    return value.text().front() == '-' ? std::chrono::milliseconds::min()
                                       : std::chrono::milliseconds::max();
  }
  node.fail_expected("a timeout: a number of seconds or null");
}

std::int64_t read_int(const Node& node, const Scope& scope) {
  const auto number = read_value(node, scope).as_int();
  if (!number) node.fail_expected("an integer of 64 bits");
  return *number;
}

std::vector<std::string> read_keys(const Node& node, const Scope& scope) {
  const Value value = read_value(node, scope);
  const Value::List* items = value.as_sequence();
  if (items == nullptr) node.fail_expected("a list of keys");
  std::vector<std::string> keys;
  for (const Value& item : *items) {
    if (!item.is(Kind::string)) node.fail_expected("a list of keys, each a str");
    keys.emplace_back(*item.as_string());
  }
  return keys;
}

Entries read_entries(const Node& node, const Scope& scope) {
  const Value value = read_value(node, scope);
  const Value::Items* items = value.as_dict();
  if (items == nullptr) node.fail_expected("a dict of keys and values");
  Entries entries;
  for (const auto& [key, entry] : *items) {
    if (!key.is(Kind::string)) node.fail_expected("a dict whose keys are str");
    entries.emplace_back(std::string(*key.as_string()), entry);
  }
  return entries;
}

ProducerSpec read_producer(const Node& node, const Scope& scope) {
  node.only({"returns", "counter", "later", "does", "fails"});
  ProducerSpec producer;
  if (node.has("returns")) producer.returns = read_value(node["returns"], scope);
  if (node.has("counter")) producer.counter = node["counter"].name();
  if (node.has("later")) producer.later = node["later"].flag();
  if (node.has("fails")) producer.fails = node["fails"].flag();
  if (node.has("does")) {
    const Node does = node["does"];
    does.only({"call", "args", "kwargs", "on"}).need({"call"});
    producer.does = std::make_shared<Call>(read_call(does, scope));
    if (producer.does->producer) does.fail("a producer within a producer");
  }
  if (producer.fails && node.has("returns")) node.fail("both \"fails\" and \"returns\"");
  return producer;
}

void read_argument(Call& call, Parameter parameter, const Node& node, const Scope& scope) {
  switch (parameter) {
    case Parameter::key:
    case Parameter::pattern:
    case Parameter::name:
      call.key = read_string(node, scope);
      break;
    case Parameter::owner:
      call.owner = read_string(node, scope);
      break;
    case Parameter::page_size:
      call.page_size = static_cast<std::size_t>(node.integer(1, 1'000'000));
      break;
    case Parameter::blocking_timeout:
    case Parameter::additional_time:
      call.wait = std::chrono::milliseconds(read_ttl(node, scope).milliseconds());
      break;
    case Parameter::keys:
      call.keys = read_keys(node, scope);
      break;
    case Parameter::data:
      call.entries = read_entries(node, scope);
      break;
    case Parameter::value:
      call.value = read_value(node, scope);
      break;
    case Parameter::fallback:
      call.fallback = read_value(node, scope);
      break;
    case Parameter::value_or_producer:
      if (tag_of(node) == "$producer") {
        call.producer = read_producer(node["$producer"], scope);
      } else {
        call.value = read_value(node, scope);
      }
      break;
    case Parameter::timeout:
      call.ttl = read_ttl(node, scope);
      break;
    case Parameter::delta:
    case Parameter::seconds:
    case Parameter::milliseconds:
    case Parameter::when:
      call.delta = read_int(node, scope);
      break;
    case Parameter::version:
      if (!node.json().is_null()) call.version = read_int(node, scope);
      break;
  }
}

// An argument for display.
std::string show(Parameter parameter, const Node& node, const Scope& scope) {
  if (parameter == Parameter::value_or_producer && tag_of(node) == "$producer") {
    return "<callable>";
  }
  // The short form written in the file is shown, so it is not expanded a second time.
  const std::string written = brief(node.json());
  for (const char* tag : {"$repeat", "$each", "$nest"}) {
    if (written.find(tag) != std::string::npos) return written;
  }
  return to_string(read_value(node, scope), 200);
}

const Signature& signature_of(const Node& node) {
  const std::string name = node.text();
  const auto found = std::find_if(signatures().begin(), signatures().end(),
                                  [&](const Signature& s) { return s.name == name; });
  if (found == signatures().end()) {
    node.fail("unknown method \"" + name + "\"; known: " + method_names());
  }
  return *found;
}

// Reads args and kwargs; returns them as Python would display them.
std::string read_arguments(Call& call, const Signature& signature, const Node& step,
                           const Scope& scope) {
  std::set<Parameter> given;
  std::string shown;
  const auto take = [&](Parameter parameter, const Node& node, const std::string& prefix) {
    if (!given.insert(parameter).second) {
      node.fail("the argument " + std::string(name_of(parameter)) + " is given twice");
    }
    read_argument(call, parameter, node, scope);
    call.arguments[std::string(name_of(parameter))] = node.json();
    shown += (shown.empty() ? "" : ", ") + prefix + show(parameter, node, scope);
  };
  if (step.has("args")) {
    const auto args = step["args"].elements();
    if (args.size() > signature.parameters.size()) {
      step["args"].fail(std::string(signature.name) + " takes at most " +
                        std::to_string(signature.parameters.size()) + " arguments");
    }
    for (std::size_t i = 0; i < args.size(); ++i) take(signature.parameters[i], args[i], "");
  }
  if (step.has("kwargs")) {
    for (const auto& [name, node] : step["kwargs"].items()) {
      const auto found =
          std::find_if(signature.parameters.begin(), signature.parameters.end(),
                       [&name = name](Parameter parameter) { return name_of(parameter) == name; });
      if (found == signature.parameters.end()) {
        node.fail(std::string(signature.name) + " has no argument \"" + name + "\"");
      }
      take(*found, node, name + "=");
    }
  }
  for (std::size_t i = 0; i < signature.required; ++i) {
    if (given.count(signature.parameters[i]) == 0) {
      step.fail(std::string(signature.name) + " lacks its argument " +
                std::string(name_of(signature.parameters[i])));
    }
  }
  return shown;
}

}  // namespace

std::string method_names() {
  std::string names;
  for (const Signature& signature : signatures()) {
    names += (names.empty() ? "" : ", ") + std::string(signature.name);
  }
  return names;
}

Call read_call(const Node& step, const Scope& scope) {
  Call call;
  const Node method = step["call"];
  const Signature& signature = signature_of(method);
  call.method = signature.method;
  call.name = signature.name;
  call.index = scope.index;
  if (step.has("on")) call.on = step["on"].text();
  if (step.has("fresh")) call.fresh = step["fresh"].flag();
  if (step.has("limit_ms")) {
    call.limit = std::chrono::milliseconds(step["limit_ms"].integer(1, 3'600'000));
  }
  if (call.method == Method::iter_keys) {
    call.collected = std::make_shared<std::vector<std::string>>();
  }
  const std::string arguments = read_arguments(call, signature, step, scope);
  call.text = (call.on == "default" ? "cache" : "caches['" + call.on + "']") + "." +
              std::string(signature.name) + "(" + arguments + ")";
  return call;
}

}  // namespace djcache::conformance
