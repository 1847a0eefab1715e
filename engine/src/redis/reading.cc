#include "redis/reading.h"

#include <charconv>
#include <string>

#include "redis/detours.h"
#include "resp/words.h"
#include "text/foreign.h"
#include "text/python_repr.h"

namespace djcache::redis {

void ReplyValues::of(const resp::Reply& array) {
  item_ = array;
  left_ = array.size();
  first_ = true;
}

bool ReplyValues::next(std::string_view& bytes) {
  if (left_ == 0) return false;
  item_ = first_ ? item_.first() : item_.next();
  first_ = false;
  --left_;
  if (item_.type() != resp::Type::string) return false;
  bytes = item_.text();
  return true;
}

namespace {

using Got = Reading::Got;
using resp::Type;

std::string made_key(const void* command, std::size_t index) {
  return std::string(resp::word_at(*static_cast<const std::string_view*>(command), 1 + index));
}

bool only_strings(const resp::Reply& array) {
  resp::Reply item = array;
  for (std::size_t i = 0; i < array.size(); ++i) {
    item = i == 0 ? array.first() : item.next();
    if (item.type() != Type::string) return false;
  }
  return true;
}

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  return ec == std::errc() && end == text.data() + text.size();
}

// The number of keys of a command of one word and keys: two for "*3\r\n...".
std::size_t count_keys(std::string_view command) {
  std::size_t arguments = 0;
  if (!command.empty()) {
    std::from_chars(command.data() + 1, command.data() + command.size(), arguments);
  }
  return arguments > 0 ? arguments - 1 : 0;
}

// --- One function per kind of command.

Got read_bytes(const resp::Reply& reply, std::string_view, ReplyValues&, Outcome&) {
  return reply.is_nil() ? Got::outcome : Got::unexpected;  // Reading::end() has handled a value
}

Got read_flag(const resp::Reply& reply, std::string_view, ReplyValues&, Outcome& outcome) {
  if (reply.type() != Type::integer) return Got::unexpected;
  outcome.integer = reply.integer();
  outcome.flag = reply.integer() > 0;
  return Got::outcome;
}

Got read_absent(const resp::Reply& reply, std::string_view command, ReplyValues& values,
                Outcome& outcome) {
  const Got got = read_flag(reply, command, values, outcome);
  outcome.flag = !outcome.flag;
  return got;
}

Got read_done(const resp::Reply& reply, std::string_view command, ReplyValues& values,
              Outcome& outcome) {
  if (reply.type() != Type::status) return read_flag(reply, command, values, outcome);
  outcome.flag = true;
  return Got::outcome;
}

Got read_stored(const resp::Reply& reply, std::string_view, ReplyValues&, Outcome& outcome) {
  outcome.flag = reply.type() == Type::status;
  return outcome.flag || reply.is_nil() ? Got::outcome : Got::unexpected;
}

Got read_many(const resp::Reply& reply, std::string_view command, ReplyValues& values,
              Outcome& outcome) {
  if (reply.type() != Type::array || reply.size() != count_keys(command)) return Got::unexpected;
  values.of(reply);
  outcome.many = &values;
  return Got::outcome;
}

Got read_transaction(const resp::Reply& reply, std::string_view, ReplyValues&, Outcome& outcome) {
  if (reply.is_nil()) return Got::aborted;
  if (reply.type() != Type::array) return Got::unexpected;
  resp::Reply item = reply;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    item = i == 0 ? reply.first() : item.next();
    if (!item.is_error()) continue;
    outcome.bytes = item.text();
    return Got::refused;
  }
  return Got::outcome;
}

Got read_script_integer(const resp::Reply& reply, std::string_view command, ReplyValues& values,
                        Outcome& outcome) {
  if (reply.is_nil()) return Got::missing_key;
  if (reply.type() != Type::string) return read_flag(reply, command, values, outcome);
  return read_number(reply.text(), outcome.integer) ? Got::outcome : Got::unexpected;
}

Got read_page(const resp::Reply& reply, std::string_view, ReplyValues& values, Outcome& outcome) {
  if (reply.type() != Type::array || reply.size() != 2) return Got::unexpected;
  const resp::Reply cursor = reply.first();
  if (cursor.type() != Type::string) return Got::unexpected;
  const resp::Reply found = cursor.next();
  if (found.type() != Type::array || !only_strings(found)) return Got::unexpected;
  values.of(found);
  outcome.bytes = cursor.text();
  outcome.many = &values;
  return Got::outcome;
}

Got read_raw(const resp::Reply& reply, std::string_view, ReplyValues&, Outcome& outcome) {
  outcome.reply = &reply;
  outcome.flag = !reply.is_nil();
  return Got::outcome;
}

void fail(const link::Completion& completion, const Error& error) {
  completion.call->finish({.error = &error});
}

}  // namespace

// In an EVAL the key follows the script and the number of keys.
constinit const Reading bytes_or_nil{&read_bytes, 1};
constinit const Reading done{&read_done, 1};
constinit const Reading stored_or_nil{&read_stored, 1};
constinit const Reading flag{&read_flag, 1};
constinit const Reading absent{&read_absent, 1};
constinit const Reading many{&read_many, 1};
constinit const Reading transaction{&read_transaction, 0};
constinit const Reading script_integer{&read_script_integer, 3};
constinit const Reading script_flag{&read_flag, 3};
constinit const Reading page{&read_page, 0};
constinit const Reading raw{&read_raw, 0, Reading::Of::raw_client};
constinit const Reading raw_or_error{&read_raw, 0, Reading::Of::raw_client_that_takes_errors};
constinit const Reading exec{&read_raw, 0, Reading::Of::raw_client};

Errc classify(std::string_view text) {
  constexpr std::string_view aborted = "EXECABORT Transaction discarded because of: ";
  if (text.starts_with(aborted)) text.remove_prefix(aborted.size());
  const auto starts = [text](std::string_view word) { return text.starts_with(word); };
  if (starts("WRONGTYPE")) return Errc::wrong_type;
  if (text::says_unavailable(text)) return Errc::unavailable;
  if (starts("READONLY")) return Errc::read_only;
  if (starts("OOM")) return Errc::out_of_memory;
  // redis 7 and valkey 8 use these words for errors within a script.
  if (starts("NOPERM") || starts("ERR ACL failure in script") ||
      starts("ERR The user executing the script can't")) {
    return Errc::permission_denied;
  }
  if (starts("NOAUTH") || starts("WRONGPASS")) return Errc::auth_failed;
  if (starts("ERR value is not an integer")) return Errc::not_an_integer;
  if (starts("ERR increment or decrement would overflow")) return Errc::integer_overflow;
  return Errc::server_error;
}

void Reading::end(link::Pool& pool, link::Connection& connection,
                  const link::Completion& completion) const {
  // The common replies: a string to a GET, OK to a SET.
  if (completion.reply != nullptr) [[likely]] {
    if (this == &bytes_or_nil && completion.reply->type() == Type::string) {
      return completion.call->finish({.flag = true,
                                      .bytes = completion.reply->text(),
                                      .body = completion.reply->body(),
                                      .made_key = &made_key,
                                      .context = &completion.command});
    }
    if (this == &done && completion.reply->type() == Type::status) {
      return completion.call->finish({.flag = true});
    }
  }
  end_otherwise(pool, connection, completion);
}

void Reading::end_otherwise(link::Pool& pool, link::Connection& connection,
                            const link::Completion& completion) const {
  if (!completion.refused.empty()) {
    return connection.go_around(make_detour(completion.command, completion.refused));
  }
  if (completion.error == nullptr) return end_with_reply(pool, connection, completion);
  // A refused transaction carries the server's words.
  if (completion.error->code == Errc::server_error) {
    return end_refused(pool, completion, completion.error->detail);
  }
  const Error error = *completion.error;
  fail(completion, error);
}

void Reading::end_with_reply(link::Pool& pool, link::Connection& connection,
                             const link::Completion& completion) const {
  const resp::Reply& reply = *completion.reply;
  const std::string& endpoint = pool.config().connection.endpoint;
  if (reply.type() == Type::oversized) {
    const std::string where = this == &bytes_or_nil ? named_key(completion) : endpoint;
    return fail(completion, {Errc::value_too_large, where + ": " + std::string(reply.text())});
  }
  if (reply.is_error() && of_ != Of::raw_client_that_takes_errors) {
    return end_refused(pool, completion, reply.text());
  }
  ReplyValues values;
  Outcome outcome{.made_key = &made_key, .context = &completion.command};
  switch (read_(reply, completion.command, values, outcome)) {
    case Got::outcome:
      return completion.call->finish(outcome);
    case Got::missing_key:
      return fail(completion, {Errc::key_not_found, named_key(completion) + " not found"});
    case Got::aborted:
      return fail(completion, {Errc::server_error, "the transaction was aborted by the server"});
    case Got::refused:
      return end_refused(pool, completion, outcome.bytes);
    case Got::unexpected:
      break;
  }
  // The reply does not belong to the command, so later ones may not either.
  connection.on_lost("a reply of an unexpected type or size");
  fail(completion, {Errc::protocol_error, endpoint + ": a reply of an unexpected type or size"});
}

void Reading::end_refused(const link::Pool& pool, const link::Completion& completion,
                          std::string_view said) const {
  const Error error = error_of(pool, completion, said);
  fail(completion, error);
}

// "Key ':1:a'"
std::string Reading::named_key(const link::Completion& completion) const {
  return text::named_key(resp::word_at(completion.command, key_at_));
}

// `said`: the server's words, of which only what text::foreign() leaves may appear in the detail.
Error Reading::error_of(const link::Pool& pool, const link::Completion& completion,
                        std::string_view said) const {
  const Errc code = classify(said);
  const bool of_a_key =
      code == Errc::wrong_type || code == Errc::not_an_integer || code == Errc::integer_overflow;
  std::string detail =
      of_a_key && key_at_ > 0 ? named_key(completion) : pool.config().connection.endpoint;
  detail += ": ";
  const Credentials& sent = pool.totals().credentials;
  detail += text::foreign(said, {completion.command, sent.username, sent.password});
  if (const std::string_view hint = text::hint(said); !hint.empty() && of_ == Of::cache) {
    detail.append("; ").append(hint);
  }
  return {code, std::move(detail)};
}

}  // namespace djcache::redis
