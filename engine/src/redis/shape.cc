#include "redis/shape.h"

#include <charconv>
#include <string>

#include "redis/detours.h"
#include "resp/words.h"
#include "text/foreign.h"
#include "text/python_repr.h"

namespace djcache::redis {

namespace {

struct CommandKeys {
  std::string_view command;
  std::size_t first;  // argument index of the first key
};

std::string made_key(const void* context, std::size_t index) {
  const auto& keys = *static_cast<const CommandKeys*>(context);
  return std::string(resp::word_at(keys.command, keys.first + index));
}

class ReplyValues final : public ManyBytes {
 public:
  explicit ReplyValues(const resp::Reply& array) : item_(array), left_(array.size()) {}
  bool next(std::string_view& bytes) override {
    if (left_ == 0) return false;
    item_ = first_ ? item_.first() : item_.next();
    first_ = false;
    --left_;
    if (item_.type() != resp::Type::string) return false;
    bytes = item_.text();
    return true;
  }

 private:
  resp::Reply item_;
  std::size_t left_;
  bool first_ = true;
};

bool only_strings(const resp::Reply& array) {
  resp::Reply item = array;
  for (std::size_t i = 0; i < array.size(); ++i) {
    item = i == 0 ? array.first() : item.next();
    if (item.type() != resp::Type::string) return false;
  }
  return true;
}

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  return ec == std::errc() && end == text.data() + text.size();
}

// How many keys a command of one word and keys has: "*3\r\n..." has two.
std::size_t count_keys(std::string_view command) {
  std::size_t arguments = 0;
  if (!command.empty()) {
    std::from_chars(command.data() + 1, command.data() + command.size(), arguments);
  }
  return arguments > 0 ? arguments - 1 : 0;
}

void fail(const link::Completion& completion, Errc code, std::string detail) {
  const Error error{code, std::move(detail)};
  Outcome outcome;
  outcome.error = &error;
  completion.call->finish(outcome);
}

// "Key ':1:a'"; empty when the command may have none, as those of raw clients.
std::string named_key(const link::Completion& completion) {
  const Shape shape = static_cast<Shape>(completion.shape);
  if (shape >= Shape::transaction && !is_script(shape)) return {};
  return text::named_key(resp::word_at(completion.command, is_script(shape) ? 3 : 1));
}

void finish_other(link::Pool& pool, link::Connection& connection,
                  const link::Completion& completion);

// `said`: what the server wrote, of which no more than text::foreign() leaves may go into the detail.
Error error_of(const link::Pool& pool, const link::Completion& completion, std::string_view said) {
  const link::ConnectionConfig& config = pool.config().connection;
  const Errc code = classify(said);
  const bool of_a_key =
      code == Errc::wrong_type || code == Errc::not_an_integer || code == Errc::integer_overflow;
  std::string detail = of_a_key ? named_key(completion) : std::string();
  if (detail.empty()) detail = config.endpoint;
  detail += ": ";
  const Credentials& sent = pool.totals().credentials;
  detail += text::foreign(said, {completion.command, sent.username, sent.password});
  const bool raw = static_cast<Shape>(completion.shape) >= Shape::reply;
  if (const std::string_view hint = text::hint(said); !hint.empty() && !raw) {
    detail.append("; ").append(hint);
  }
  return {code, std::move(detail)};
}

void finish_error(const link::Pool& pool, const link::Completion& completion,
                  std::string_view said) {
  const Error error = error_of(pool, completion, said);
  Outcome outcome;
  outcome.error = &error;
  completion.call->finish(outcome);
}

}  // namespace

Errc classify(std::string_view text) {
  constexpr std::string_view aborted = "EXECABORT Transaction discarded because of: ";
  if (text.starts_with(aborted)) text.remove_prefix(aborted.size());
  const auto starts = [text](std::string_view word) { return text.starts_with(word); };
  if (starts("WRONGTYPE")) return Errc::wrong_type;
  if (text::says_unavailable(text)) return Errc::unavailable;
  if (starts("READONLY")) return Errc::read_only;
  if (starts("OOM")) return Errc::out_of_memory;
  // Within a script redis 7 and valkey 8 say it in these words.
  if (starts("NOPERM") || starts("ERR ACL failure in script") ||
      starts("ERR The user executing the script can't")) {
    return Errc::permission_denied;
  }
  if (starts("NOAUTH") || starts("WRONGPASS")) return Errc::auth_failed;
  if (starts("ERR value is not an integer")) return Errc::not_an_integer;
  if (starts("ERR increment or decrement would overflow")) return Errc::integer_overflow;
  return Errc::server_error;
}

void finish(link::Pool& pool, link::Connection& connection, const link::Completion& completion) {
  Call& call = *completion.call;
  if (completion.reply != nullptr && completion.reply->type() == resp::Type::string &&
      completion.shape == static_cast<std::uint8_t>(Shape::bytes_or_nil)) [[likely]] {
    const CommandKeys keys{completion.command, 1};
    return call.finish({.flag = true,
                        .bytes = completion.reply->text(),
                        .body = completion.reply->body(),
                        .made_key = &made_key,
                        .context = &keys});
  }
  finish_other(pool, connection, completion);
}

namespace {

void finish_other(link::Pool& pool, link::Connection& connection,
                  const link::Completion& completion) {
  if (!completion.refused.empty()) {
    return connection.go_around(make_detour(completion.command, completion.refused));
  }
  Call& call = *completion.call;
  Outcome outcome;
  if (completion.error != nullptr) {
    // A transaction that was refused carries what the server wrote.
    const bool said = completion.error->code == Errc::server_error;
    const Error error =
        said ? error_of(pool, completion, completion.error->detail) : *completion.error;
    outcome.error = &error;
    return call.finish(outcome);
  }
  const resp::Reply& reply = *completion.reply;
  const Shape shape = static_cast<Shape>(completion.shape);
  const CommandKeys keys{completion.command, 1};
  outcome.made_key = &made_key;
  outcome.context = &keys;
  if (shape >= Shape::reply && reply.type() != resp::Type::oversized &&
      (!reply.is_error() || shape == Shape::reply_or_error)) {
    outcome.reply = &reply;
    outcome.flag = !reply.is_nil();
    return call.finish(outcome);
  }
  switch (reply.type()) {
    case resp::Type::string:  // finish() has taken those of get
      if (shape != Shape::script_integer || !read_number(reply.text(), outcome.integer)) break;
      return call.finish(outcome);
    case resp::Type::nil:
      if (shape == Shape::script_integer) {
        return fail(completion, Errc::key_not_found, named_key(completion) + " not found");
      }
      if (shape == Shape::transaction) {
        return fail(completion, Errc::server_error, "the transaction was aborted by the server");
      }
      if (shape != Shape::bytes_or_nil && shape != Shape::stored_or_nil) break;
      return call.finish(outcome);
    case resp::Type::status:
      if (shape != Shape::done && shape != Shape::stored_or_nil) break;
      outcome.flag = true;
      return call.finish(outcome);
    case resp::Type::integer:
      if (shape == Shape::bytes_or_nil || shape == Shape::many || shape == Shape::transaction ||
          shape == Shape::stored_or_nil || shape == Shape::page) {
        break;
      }
      outcome.integer = reply.integer();
      outcome.flag = (reply.integer() > 0) != (shape == Shape::absent);
      return call.finish(outcome);
    case resp::Type::array: {
      if (shape == Shape::transaction) {
        resp::Reply item = reply;
        for (std::size_t i = 0; i < reply.size(); ++i) {
          item = i == 0 ? reply.first() : item.next();
          if (item.is_error()) return finish_error(pool, completion, item.text());
        }
        return call.finish(outcome);
      }
      if (shape == Shape::page) {
        const resp::Reply cursor = reply.size() == 2 ? reply.first() : reply;
        if (cursor.type() != resp::Type::string) break;
        const resp::Reply found = cursor.next();
        if (found.type() != resp::Type::array || !only_strings(found)) break;
        ReplyValues values(found);
        outcome.bytes = cursor.text();
        outcome.many = &values;
        return call.finish(outcome);
      }
      if (shape != Shape::many || reply.size() != count_keys(completion.command)) break;
      ReplyValues values(reply);
      outcome.many = &values;
      return call.finish(outcome);
    }
    case resp::Type::error:
      return finish_error(pool, completion, reply.text());
    case resp::Type::oversized:
      return fail(completion, Errc::value_too_large,
                  (shape == Shape::bytes_or_nil ? named_key(completion)
                                                : pool.config().connection.endpoint) +
                      ": " + std::string(reply.text()));
  }
  // An answer to another question: whatever follows may be, too.
  connection.on_lost("a reply of an unexpected type or size");
  fail(completion, Errc::protocol_error,
       pool.config().connection.endpoint + ": a reply of an unexpected type or size");
}

}  // namespace

}  // namespace djcache::redis
