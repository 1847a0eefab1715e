#include "simulation/judge.h"

#include <algorithm>
#include <charconv>

namespace djcache::simulation {

namespace {

constexpr std::int64_t counter_step = 1'000'000'000;

std::int64_t counter_tag(std::uint8_t alias, std::uint8_t name) { return 1 + alias * 100 + name; }

// Operations with commands that are sent after the issue, or over a connection of their own:
// operations issued later may be executed first.
bool comes_late(Operation::Kind kind) {
  return kind == Operation::Kind::get_or_set || kind == Operation::Kind::leased;
}

}  // namespace

std::string_view to_string(Operation::Kind kind) {
  static constexpr std::string_view names[] = {
      "get",          "set",      "add",      "touch",       "delete_",    "has_key", "incr",
      "incr_version", "get_many", "set_many", "delete_many", "get_or_set", "clear",   "leased"};
  static_assert(std::size(names) == static_cast<std::size_t>(Operation::Kind::count));
  return names[static_cast<std::size_t>(kind)];
}

// --- Values: each names its alias, its key and its nonce, and is of a length of its own.

Value Judge::make_value(std::uint32_t number) const {
  const Nonce& nonce = nonces_[number];
  if (is_counter(nonce.name)) {
    return counter_tag(nonce.alias, nonce.name) * counter_step + number * std::int64_t{1000};
  }
  std::string text = "alias " + std::to_string(nonce.alias) + " key " + std::to_string(nonce.name);
  text += "<#" + std::to_string(number) + ">";
  text.append(nonce.size, static_cast<char>('a' + number % 26));
  return text;
}

Seen Judge::seen(const Operation& operation, std::uint8_t name, const Value* value) {
  if (value == nullptr) return {};
  if (const auto integer = value->as_int()) {
    // Without scripts, an incr whose entry is erased between its two steps creates it anew: a
    // number without a tag.
    const bool anew = plan_->lacks_scripts && *integer > 0 && *integer < counter_step;
    const bool own = anew || *integer / counter_step == counter_tag(operation.alias, name);
    return {own ? Seen::Kind::integer : Seen::Kind::foreign, *integer};
  }
  const auto text = value->as_string();
  const Seen seen = text ? seen_in(*text) : Seen{Seen::Kind::foreign, 0};
  const auto number = static_cast<std::uint64_t>(seen.number);
  if (seen.kind != Seen::Kind::value || number >= nonces_.size()) return {Seen::Kind::foreign, 0};
  const Nonce& nonce = nonces_[number];
  if (nonce.alias != operation.alias || nonce.name != name ||
      !(make_value(static_cast<std::uint32_t>(number)) == *value)) {
    return {Seen::Kind::foreign, seen.number};
  }
  return seen;
}

// --- What must have happened.

// The first execution that counts: everything acknowledged before the issue was executed before it.
std::size_t Judge::behind(const Operations& all, std::size_t place, Truth::KeyId key) const {
  const Operation& operation = all[place];
  std::size_t from = operation.first;
  if (operation.kind == Operation::Kind::leased) return from;
  for (std::size_t i = 0; i < place; ++i) {
    const Operation& before = all[i];
    if (!before.ok || before.engine != operation.engine || comes_late(before.kind)) continue;
    for (std::size_t k = 0; k < before.keys; ++k) {
      if (before.made[k] == key && before.effects[k] != Truth::npos) {
        from = std::max(from, before.effects[k] + 1);
      }
    }
  }
  return from;
}

template <class F>
void Judge::expect(Operations& all, std::size_t place, std::size_t index, bool claims, F fits,
                   std::string_view told) {
  Operation& operation = all[place];
  const Truth::KeyId key = operation.keys > 0 ? operation.made[index] : Truth::no_key;
  const std::size_t at = truth_.first(behind(all, place, key), [&](const Execution& execution) {
    return execution.key == key && !(claims && execution.claimed) && fits(execution);
  });
  if (at == Truth::npos) {
    return complain(operation, place,
                    "was told " + std::string(told) + " of key " + truth_.name(key) +
                        ", but no execution of its command says so");
  }
  if (claims) truth_[at].claimed = true;
  operation.effects[index] = at;
}

void Judge::flag(Operations& all, std::size_t place, bool flag) {
  using Kind = Operation::Kind;
  const Operation& operation = all[place];
  const auto verb = operation.kind == Kind::add       ? Verb::add
                    : operation.kind == Kind::touch   ? Verb::touch
                    : operation.kind == Kind::has_key ? Verb::exists
                    : operation.kind == Kind::clear   ? Verb::clear
                                                      : Verb::erase;
  const bool changes = flag && (verb == Verb::add || verb == Verb::erase);
  expect(
      all, place, 0, changes,
      [&](const Execution& execution) {
        return execution.verb == verb && execution.ok == flag &&
               (verb != Verb::add || execution.seen.number == make_value_number(operation, 0));
      },
      flag ? "true" : "false");
}

void Judge::done(Operations& all, std::size_t place) {
  const Operation& operation = all[place];
  for (std::size_t i = 0; i < operation.keys; ++i) {
    const bool erases = operation.erases || operation.kind == Operation::Kind::delete_many;
    expect(
        all, place, i, false,
        [&](const Execution& execution) {
          if (erases) return execution.verb == Verb::erase;
          return execution.verb == Verb::set &&
                 execution.seen.number == make_value_number(operation, i);
        },
        "done");
  }
}

void Judge::number(Operations& all, std::size_t place, std::int64_t number) {
  const Operation& operation = all[place];
  const bool moves = operation.kind == Operation::Kind::move;
  if (moves && number != operation.delta) {
    return complain(operation, place, "was told the version " + std::to_string(number));
  }
  const bool steps = moves && plan_->lacks_scripts;
  expect(
      all, place, 0, !steps,
      [&](const Execution& execution) {
        if (steps) return execution.verb == Verb::erase;
        if (!execution.ok) return false;
        if (moves) return execution.verb == Verb::move;
        return execution.verb == Verb::incr && execution.delta == operation.delta &&
               execution.seen.number == number;
      },
      std::to_string(number));
}

void Judge::value(Operations& all, std::size_t place, const Value* value) {
  found(all, place, 0, value);
}

void Judge::found(Operations& all, std::size_t place, std::size_t index, const Value* value) {
  const Operation& operation = all[place];
  const Seen told = seen(operation, operation.names[index], value);
  if (told.kind == Seen::Kind::foreign) {
    return complain(operation, place,
                    "was given what is not of its key: " +
                        (value ? std::string(value->text().substr(0, 60)) : ""));
  }
  expect(
      all, place, index, false,
      [&](const Execution& execution) {
        return execution.verb == Verb::get && execution.seen == told;
      },
      describe(told));
}

// Its own product, another operation's for the same key, or the stored value.
void Judge::produced(Operations& all, std::size_t place, const Value& value) {
  const Operation& operation = all[place];
  const Seen told = seen(operation, operation.names[0], &value);
  if (told.kind == Seen::Kind::foreign) {
    return complain(operation, place,
                    "was given what is not of its key: " + std::string(value.text().substr(0, 60)));
  }
  if (told.kind == Seen::Kind::value) {
    const auto nonce = static_cast<std::uint32_t>(told.number);
    if (nonce == operation.nonces[0] || nonces_[nonce].produced) return;
  }
  expect(
      all, place, 0, false,
      [&](const Execution& execution) {
        return execution.verb == Verb::get && execution.seen == told;
      },
      describe(told));
}

std::int64_t Judge::make_value_number(const Operation& operation, std::size_t index) const {
  const std::uint32_t nonce = operation.nonces[index];
  return is_counter(operation.names[index]) ? *make_value(nonce).as_int() : nonce;
}

void Judge::complain(const Operation& operation, std::size_t place, std::string_view what) {
  world_.fail("operation " + std::to_string(place) + " (" + std::string(to_string(operation.kind)) +
              ") " + std::string(what));
}

}  // namespace djcache::simulation
