#include "redis/detours.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <initializer_list>
#include <vector>

#include "redis/scripts.h"
#include "resp/encoder.h"
#include "resp/words.h"
#include "text/foreign.h"

namespace djcache::redis {

namespace {

using link::Detour;
using Step = Detour::Step;
using Kind = Step::Kind;
using Words = std::vector<std::string>;

void append(std::string& commands, std::initializer_list<std::string_view> words) {
  std::size_t payload = 0;
  for (const std::string_view word : words) payload += word.size();
  const std::size_t before = commands.size();
  commands.resize(before + resp::command_bound(words.size(), payload));
  resp::Encoder encoder(commands.data() + before);
  encoder.array(words.size());
  for (const std::string_view word : words) encoder.bulk(word);
  commands.resize(static_cast<std::size_t>(encoder.end() - commands.data()));
}

constexpr Step as_it_is{Kind::reply};
Step integer(std::int64_t number) { return {Kind::integer, number}; }

// Django's incr: a key that expires between the two steps is created anew, without an expiry.
class Incr final : public Detour {
 public:
  explicit Incr(Words words) : words_(std::move(words)) {}
  Step next(const Heard& heard, std::string& commands) override {
    if (heard.last == nullptr) {
      append(commands, {"EXISTS", words_[3]});
      return {Kind::send};
    }
    if (counting_ || heard.last->type() != resp::Type::integer) return as_it_is;
    if (heard.last->integer() == 0) return {Kind::nil};
    counting_ = true;
    append(commands, {"INCRBY", words_[3], words_[4]});
    return {Kind::send};
  }

 private:
  Words words_;
  bool counting_ = false;
};

// Django's incr_version: a write of another client between the steps is lost or kept, depending on
// its time.
class Move final : public Detour {
 public:
  explicit Move(Words words) : words_(std::move(words)) {}
  Step next(const Heard& heard, std::string& commands) override {
    const std::string& from = words_[3];
    if (heard.last == nullptr) {
      append(commands, {"GET", from});
      return {Kind::send};
    }
    const resp::Reply& said = *heard.last;
    switch (at_) {
      case At::reading:
        if (said.is_nil()) return integer(0);
        if (said.type() != resp::Type::string) return as_it_is;
        value_ = said.text();
        if (seconds() != "keep") return store(commands);
        append(commands, {"PTTL", from});
        return send(At::asking_life);
      case At::asking_life:
        if (said.type() != resp::Type::integer) return as_it_is;
        if (said.integer() == -2) return integer(0);  // it has expired meanwhile
        life_ = said.integer();
        return store(commands);
      case At::storing:
        if (said.is_error()) return refused(said.text(), commands);
        if (said.type() != resp::Type::status && said.type() != resp::Type::integer) break;
        append(commands, {"DEL", from});
        return send(At::erasing);
      case At::erasing:
        if (said.type() != resp::Type::integer) break;
        return integer(1);
    }
    return as_it_is;
  }

 private:
  enum class At : std::uint8_t { reading, asking_life, storing, erasing } at_ = At::reading;

  const std::string& to() const { return words_[4]; }
  const std::string& seconds() const { return words_[5]; }
  Step send(At at) {
    at_ = at;
    return {Kind::send};
  }
  Step store(std::string& commands) {
    if (seconds().empty() || (seconds() == "keep" && life_ < 0)) {
      append(commands, {"SET", to(), value_});
    } else if (seconds() == "keep") {
      append(commands,
             {"SET", to(), value_, "PX", std::to_string(std::max<std::int64_t>(1, life_))});
    } else if (seconds().front() == '-' || seconds() == "0") {
      append(commands, {"DEL", to()});
    } else {
      append(commands, {"SET", to(), value_, "EX", seconds()});
    }
    return send(At::storing);
  }
  // The value is not among the words of the script, and must not appear in a text either.
  Step refused(std::string_view error, std::string& commands) const {
    std::string sent;
    append(sent, {"SET", to(), value_});
    commands = text::foreign(error, {.command = sent});
    return {Kind::failed};
  }

  Words words_;
  std::string value_;
  std::int64_t life_ = -1;
};

// Acts only on a lock that holds this token. WATCH ensures that it still does when the transaction
// is executed. If the server refuses that, a single command compares and acts, if it has one:
// DELIFEQ (valkey 9), DELEX IFEQ (redis 8.4), SET IFEQ (valkey 8.1, redis 8.4).
class Locked final : public Detour {
 public:
  Locked(Words words, std::string_view refused) : words_(std::move(words)), refused_(refused) {
    if (words_[1] == unlock_script) verb_ = Verb::unlock;
    if (words_[1] == extend_script) verb_ = Verb::extend;
    if (words_[1] == renew_script) verb_ = Verb::renew;
  }

  Step next(const Heard& heard, std::string& commands) override {
    if (heard.last == nullptr) return look(commands);
    const resp::Reply& said = *heard.last;
    switch (at_) {
      case At::looking:
        return looked(heard, commands);
      case At::asking_life:
        if (said.is_error()) return unwatch_and_fail(said.text(), commands);
        if (said.type() != resp::Type::integer) return as_it_is;
        if (said.integer() < 0) return unwatch(0, commands);
        life_ = said.integer() + number(words_[5]);
        return watching_ ? begin(commands) : compare(commands);
      case At::beginning:
        if (said.is_error()) return transaction_refused(said.text(), commands);
        return said.type() == resp::Type::status ? act(commands) : as_it_is;
      case At::acting:
        return acted(heard, commands);
      case At::comparing:
        return compared(said, commands);
      case At::leaving:
        if (!failure_.empty()) return fail(failure_, commands);
        return integer(answer_);
      case At::leaving_to_compare:
        return compare(commands);
    }
    std::abort();
  }

 private:
  enum class Verb : std::uint8_t { unlock, extend, renew, holds } verb_ = Verb::holds;
  enum class At : std::uint8_t {
    looking,
    asking_life,
    beginning,
    acting,
    comparing,
    leaving,
    leaving_to_compare
  } at_ = At::looking;
  static constexpr int rounds_max = 16;

  const std::string& key() const { return words_[3]; }
  const std::string& token() const { return words_[4]; }
  static std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }
  Step send(At at, std::int64_t replies = 1) {
    at_ = at;
    return {Kind::send, replies};
  }
  static Step fail(std::string_view text, std::string& commands) {
    commands = text;
    return {Kind::failed};
  }

  Step look(std::string& commands) {
    watching_ = verb_ != Verb::holds;
    if (watching_) append(commands, {"WATCH", key()});
    append(commands, {"GET", key()});
    return send(At::looking, watching_ ? 2 : 1);
  }
  Step looked(const Heard& heard, std::string& commands) {
    const resp::Reply& said = *heard.last;
    if (watching_ && !heard.error.empty()) {
      watching_ = false;
      if (!text::refuses(heard.error, "WATCH")) return fail(heard.error, commands);
    }
    if (said.is_error() && !said.text().starts_with("WRONGTYPE")) {
      return unwatch_and_fail(said.text(), commands);
    }
    if (said.type() == resp::Type::array || said.type() == resp::Type::status) return as_it_is;
    if (said.type() != resp::Type::string || said.text() != token()) return unwatch(0, commands);
    if (verb_ == Verb::holds) return integer(1);
    if (verb_ == Verb::extend) {
      append(commands, {"PTTL", key()});
      return send(At::asking_life);
    }
    life_ = verb_ == Verb::renew ? number(words_[5]) : 0;
    return watching_ ? begin(commands) : compare(commands);
  }

  Step begin(std::string& commands) {
    append(commands, {"MULTI"});
    return send(At::beginning);
  }
  Step transaction_refused(std::string_view error, std::string& commands) {
    if (!text::refuses(error, "MULTI")) return unwatch_and_fail(error, commands);
    watching_ = false;
    append(commands, {"UNWATCH"});
    return send(At::leaving_to_compare);
  }
  Step act(std::string& commands) {
    if (verb_ == Verb::unlock) {
      append(commands, {"DEL", key()});
    } else {
      append(commands, {"PEXPIRE", key(), std::to_string(life_)});
    }
    append(commands, {"EXEC"});
    return send(At::acting, 2);
  }
  Step acted(const Heard& heard, std::string& commands) {
    const resp::Reply& said = *heard.last;
    watching_ = false;
    if (said.is_nil()) {  // the entry was changed meanwhile
      if (++rounds_ < rounds_max) return look(commands);
      return fail("ERR the entry of the lock is changed all the time", commands);
    }
    if (said.type() == resp::Type::array && said.size() == 1) {
      const resp::Reply did = said.first();
      if (did.is_error()) return fail(did.text(), commands);
      return integer(did.type() == resp::Type::integer && did.integer() > 0 ? 1 : 0);
    }
    if (!said.is_error()) return as_it_is;
    failure_ = heard.error.empty() ? said.text() : heard.error;
    if (said.text().starts_with("EXECABORT")) return fail(failure_, commands);
    append(commands, {"DISCARD"});
    return send(At::leaving);
  }

  // With neither script nor transaction.
  Step compare(std::string& commands) {
    const std::string life = std::to_string(life_);
    if (verb_ != Verb::unlock) {
      append(commands, {"SET", key(), token(), "IFEQ", token(), "PX", life});
    } else if (comparisons_ == 0) {
      append(commands, {"DELIFEQ", key(), token()});
    } else {
      append(commands, {"DELEX", key(), "IFEQ", token()});
    }
    ++comparisons_;
    return send(At::comparing);
  }
  Step compared(const resp::Reply& said, std::string& commands) {
    if (said.is_error()) {
      if (verb_ == Verb::unlock && comparisons_ == 1) return compare(commands);
      return fail(refused_, commands);
    }
    if (said.type() == resp::Type::integer) return integer(said.integer() > 0 ? 1 : 0);
    return integer(said.is_nil() ? 0 : 1);
  }

  Step unwatch(std::int64_t answer, std::string& commands) {
    if (!watching_) return integer(answer);
    answer_ = answer;
    append(commands, {"UNWATCH"});
    return send(At::leaving);
  }
  Step unwatch_and_fail(std::string_view error, std::string& commands) {
    if (!watching_) return fail(error, commands);
    failure_ = error;
    append(commands, {"UNWATCH"});
    return send(At::leaving);
  }

  Words words_;
  std::string refused_;
  std::string failure_;
  std::int64_t answer_ = 0;
  std::int64_t life_ = 0;
  int rounds_ = 0;
  int comparisons_ = 0;
  bool watching_ = false;
};

}  // namespace

std::unique_ptr<link::Detour> make_detour(std::string_view script, std::string_view refused) {
  Words words;
  resp::Words all(script);
  for (std::string_view word; all.next(word);) words.emplace_back(word);
  if (words[1] == incr_script) return std::make_unique<Incr>(std::move(words));
  if (words[1] == move_script) return std::make_unique<Move>(std::move(words));
  return std::make_unique<Locked>(std::move(words), refused);
}

}  // namespace djcache::redis
