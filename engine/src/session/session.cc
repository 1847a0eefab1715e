// The dict of a session, its flags, and its user; see session_data.h.
#include <djcache/session_data.h>

#include <djcache/cookie.h>

#include <algorithm>

namespace djcache {

Session::Session(SessionOptions options, std::string_view session_key)
    : options_(std::move(options)) {
  if (is_session_key(session_key, options_.more_key_characters)) key_.emplace(session_key);
}

const Value* Session::get(std::string_view name) const {
  accessed_ = true;
  return data_.find(name);
}

Value Session::get(std::string_view name, Value fallback) const {
  const Value* found = get(name);
  return found != nullptr ? *found : std::move(fallback);
}

const Value::Items& Session::items() const {
  accessed_ = true;
  return *data_.as_dict();
}

void Session::set(std::string_view name, Value value) {
  accessed_ = true;
  modified_ = true;
  data_.put(name, std::move(value));
}

bool Session::erase(std::string_view name) {
  accessed_ = true;
  if (!data_.erase(name)) return false;
  modified_ = true;
  return true;
}

std::optional<Value> Session::pop(std::string_view name) {
  accessed_ = true;
  Value* found = data_.find(Value(name));
  if (found == nullptr) return std::nullopt;
  std::optional<Value> value(std::move(*found));
  erase(name);
  return value;
}

const Value& Session::setdefault(std::string_view name, Value value) {
  if (const Value* found = get(name)) return *found;
  set(name, std::move(value));
  return *get(name);
}

void Session::update(Value::Items items) {
  accessed_ = true;
  modified_ = true;
  for (auto& [name, value] : items) data_.put(std::move(name), std::move(value));
}

// Needs no data: the stored data will be replaced.
void Session::clear() {
  data_ = Value::dict();
  loaded_ = true;
  accessed_ = true;
  modified_ = true;
}

bool Session::test_cookie_worked() const {
  const Value* found = get("testcookie");
  return found != nullptr && found->as_string() == "worked";
}

std::optional<std::string_view> Session::text_of(std::string_view name) const {
  const Value* found = get(name);
  const auto text = found != nullptr ? found->as_string() : std::nullopt;
  return text && !text->empty() ? text : std::nullopt;
}

std::optional<std::string> Session::user_id() const {
  if (const auto text = text_of("_auth_user_id")) return std::string(*text);
  // Django also reads an int here, from sessions of old projects or written by hand.
  const Value* found = get("_auth_user_id");
  if (found == nullptr || !(found->is(Kind::integer) || found->is(Kind::big_integer))) {
    return std::nullopt;
  }
  return to_string(*found);
}

std::optional<std::string_view> Session::user_backend() const {
  return text_of("_auth_user_backend");
}

// Django accepts a hash in bytes, too.
std::optional<std::string_view> Session::user_hash() const {
  if (const auto text = text_of("_auth_user_hash")) return text;
  const Value* found = get("_auth_user_hash");
  const auto bytes = found != nullptr ? found->as_bytes() : std::nullopt;
  return bytes && !bytes->empty() ? bytes : std::nullopt;
}

bool Session::user_hash_malformed() const {
  const Value* found = get("_auth_user_hash");
  return found != nullptr && !found->is_nil() && !found->is(Kind::string) &&
         !found->is(Kind::bytes);
}

std::optional<SessionUser> Session::user() const {
  std::optional<std::string> id = user_id();
  const auto backend = user_backend();
  if (!id || !backend) return std::nullopt;
  return SessionUser{*std::move(id), std::string(*backend),
                     std::string(user_hash().value_or(std::string_view())), user_hash_malformed()};
}

}  // namespace djcache
