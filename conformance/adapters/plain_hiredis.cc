// An adapter in C++: five verbs written by hand with hiredis, and msgpack for values. An example of
// how to use PROTOCOL.md, and of what such a client gets wrong: run it and read the failures.
//
//   djcache-conformance --server redis --adapter build/dev/conformance/djcache_plain_hiredis
#include <hiredis/hiredis.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

using Json = nlohmann::json;

namespace {

struct Unsupported : std::runtime_error {
  using runtime_error::runtime_error;
};
struct Raised : std::runtime_error {
  Raised(std::string name, const std::string& text) : runtime_error(text), kind(std::move(name)) {}
  std::string kind;  // the class of Django's exception
};

using Reply = std::unique_ptr<redisReply, void (*)(void*)>;
using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;

// Values: from the runner's form to what nlohmann::json can pack, and back.
Json read(const Json& node) {
  if (node.is_array()) {
    Json out = Json::array();
    for (const Json& item : node) out.push_back(read(item));
    return out;
  }
  if (!node.is_object()) return node;
  if (node.size() == 1 && node.begin().key().rfind('$', 0) == 0) {
    const std::string tag = node.begin().key();
    const Json& body = node.begin().value();
    if (tag == "$float") return std::stod(body.get<std::string>());
    if (tag == "$bytes") {
      std::vector<std::uint8_t> bytes;
      const std::string hex = body.get<std::string>();
      for (std::size_t i = 0; i < hex.size(); i += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
      }
      return Json::binary(std::move(bytes));
    }
    throw Unsupported("values tagged " + tag);
  }
  Json out = Json::object();
  for (const auto& [key, item] : node.items()) out[key] = read(item);
  return out;
}

Json write(const Json& value) {
  if (value.is_number_float()) {
    char text[40];  // nan, inf and -inf among them
    std::snprintf(text, sizeof text, "%.17g", value.get<double>());
    return {{"$float", text}};
  }
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    const bool exact = std::abs(number) <= (std::int64_t{1} << 53);
    return exact ? Json(number) : Json{{"$int", std::to_string(number)}};
  }
  if (value.is_binary()) {
    std::string hex;
    for (const std::uint8_t byte : value.get_binary()) {
      for (const int digit : {byte >> 4, byte & 15}) hex += "0123456789abcdef"[digit];
    }
    return {{"$bytes", hex}};
  }
  if (!value.is_structured()) return value;
  Json out = value.is_array() ? Json::array() : Json::object();
  for (const auto& [key, item] : value.items()) {
    if (value.is_array()) out.push_back(write(item));
    if (value.is_object()) out[key] = write(item);
  }
  return out;
}
class Client {
 public:
  explicit Client(const Json& alias) : alias_(alias) {
    const std::string location =
        alias.value("LOCATION", Json()).is_string() ? alias["LOCATION"].get<std::string>() : "";
    char host[64] = "";
    int port = 0, db = 0;
    if (std::sscanf(location.c_str(), "redis://%63[0-9.]:%d/%d", host, &port, &db) < 2) {
      throw Unsupported("this LOCATION");
    }
    if (alias.contains("KEY_FUNCTION")) throw Unsupported("KEY_FUNCTION");
    context_.reset(redisConnectWithTimeout(host, port, {5, 0}));
    if (context_ == nullptr || context_->err != 0) throw Raised("ConnectionError", "no connection");
    if (db != 0) (void)command({"SELECT", std::to_string(db)});
  }

  Json call(const std::string& name, const Json& kwargs) {
    const std::string key = key_of(kwargs);
    if (name == "get") {
      const Reply reply = command({"GET", key});
      if (reply->type != REDIS_REPLY_NIL) return write(decode({reply->str, reply->len}));
      return kwargs.contains("default") ? kwargs["default"] : Json{{"$miss", true}};
    }
    if (name == "delete") return command({"DEL", key})->integer > 0;
    if (name == "has_key") return command({"EXISTS", key})->integer > 0;
    if (name == "incr") {  // INCRBY creates a missing key, where Django raises
      if (command({"EXISTS", key})->integer == 0) throw Raised("ValueError", "Key not found");
      return write(command({"INCRBY", key, std::to_string(kwargs.value("delta", 1LL))})->integer);
    }
    std::vector<std::string> words = {"SET", key, encode(read(kwargs.at("value")))};
    const Json timeout =
        kwargs.contains("timeout") ? read(kwargs["timeout"]) : alias_.value("TIMEOUT", Json(300));
    if (!timeout.is_null()) {
      const auto seconds = static_cast<long long>(timeout.get<double>());
      words.insert(words.end(), {"EX", std::to_string(seconds)});
      if (seconds <= 0) words = {"DEL", key};
    }
    (void)command(words);
    return nullptr;
  }

 private:
  std::string key_of(const Json& kwargs) const {
    const Json given = kwargs.value("version", Json());
    const Json version = given.is_null() ? alias_.value("VERSION", Json(1)) : given;
    const std::string key = kwargs.at("key").get<std::string>();
    return alias_.value("KEY_PREFIX", "") + ":" + version.dump() + ":" + key;
  }
  // Integers are stored as decimal text, as redis counts them; all other values are packed.
  static std::string encode(const Json& value) {
    if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
    const std::vector<std::uint8_t> packed = Json::to_msgpack(value);
    return {packed.begin(), packed.end()};
  }
  static Json decode(const std::string& bytes) {
    char* end = nullptr;
    const long long number = std::strtoll(bytes.c_str(), &end, 10);
    if (!bytes.empty() && end == bytes.c_str() + bytes.size()) return number;
    return Json::from_msgpack(bytes);
  }
  Reply command(const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    Reply reply(static_cast<redisReply*>(redisCommandArgv(
                    context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())),
                freeReplyObject);
    if (reply == nullptr) throw Raised("ConnectionError", context_->errstr);
    if (reply->type == REDIS_REPLY_ERROR) throw Raised("ResponseError", reply->str);
    return reply;
  }

  Json alias_;
  Context context_{nullptr, redisFree};
};

Json answer(const Json& message, const std::string& verb, std::unique_ptr<Client>& client) {
  if (verb == "hello") {
    return {{"hello", 1},
            {"name", "plain-hiredis"},
            {"versions", {{"hiredis", "1"}}},
            {"backends", {"redis"}},
            {"serializers", {"msgpack"}},
            {"calls", {"get", "set", "delete", "has_key", "incr"}}};
  }
  if (verb == "open") {
    client = std::make_unique<Client>(message["caches"]["default"]);
    return {{"opened", true}};
  }
  if (verb == "call") return {{"returns", client->call(message["call"], message["kwargs"])}};
  if (verb == "close") client.reset();
  return {{verb == "close" ? "closed" : verb, true}};
}

}  // namespace

int main() {
  std::unique_ptr<Client> client;
  for (std::string line; std::getline(std::cin, line);) {
    Json out;
    const auto message = nlohmann::ordered_json::parse(line);
    try {
      out = answer(Json(message), message.begin().key(), client);
    } catch (const Unsupported& what) {
      out = {{"unsupported", what.what()}};
    } catch (const Raised& error) {
      out = {{"raises", error.kind}, {"detail", error.what()}};
    } catch (const std::exception& error) {
      out = {{"raises", "Exception"}, {"detail", error.what()}};
    }
    std::cout << out.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  }
}
