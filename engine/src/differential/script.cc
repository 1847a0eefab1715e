#include "differential/script.h"

#include <array>
#include <utility>

namespace djcache::differential {

namespace {

using namespace std::chrono_literals;

struct Share {
  Verb verb;
  const char* name;
  unsigned weight;
};
constexpr std::array shares{
    Share{Verb::get, "get", 200},
    Share{Verb::set, "set", 150},
    Share{Verb::add, "add", 80},
    Share{Verb::touch, "touch", 50},
    Share{Verb::delete_, "delete", 70},
    Share{Verb::has_key, "has_key", 50},
    Share{Verb::get_many, "get_many", 60},
    Share{Verb::set_many, "set_many", 40},
    Share{Verb::delete_many, "delete_many", 20},
    Share{Verb::incr, "incr", 90},
    Share{Verb::decr, "decr", 60},
    Share{Verb::incr_version, "incr_version", 30},
    Share{Verb::decr_version, "decr_version", 30},
    Share{Verb::get_or_set, "get_or_set", 40},
    Share{Verb::produce, "get_or_set (producer)", 29},
    Share{Verb::clear, "clear", 1},
};
constexpr unsigned all_weights = [] {
  unsigned sum = 0;
  for (const Share& each : shares) sum += each.weight;
  return sum;
}();

template <class T>
std::string text(const Result<T>& result);

std::string text(bool flag) { return flag ? "true" : "false"; }
std::string text(std::int64_t number) { return std::to_string(number); }
std::string text(const Value& value) { return djcache::to_string(value); }
std::string text(const std::optional<Value>& value) { return value ? text(*value) : "a miss"; }
std::string text(const Found& found) {
  std::string all = "{";
  for (const auto& [key, value] : found) all.append(key) += ": " + text(value) + ", ";
  return all + "}";
}
std::string text(const std::vector<std::string>& keys) {
  return "failed: " + std::to_string(keys.size());
}
template <class T>
std::string text(const Result<T>& result) {
  // Details name servers and limits, which differ.
  if (!result.ok()) return std::string(djcache::to_string(result.error().code));
  if constexpr (std::is_void_v<T>) {
    return "done";
  } else {
    return text(*result);
  }
}

auto tell(Told& told) {
  return [told = std::move(told)](auto result) { told(text(result)); };
}

}  // namespace

std::string to_string(const Operation& operation) {
  std::string line = shares[static_cast<std::size_t>(operation.verb)].name;
  line += " " + djcache::to_string(Value::list({operation.keys.begin(), operation.keys.end()}));
  if (!operation.values.empty()) line += " = " + djcache::to_string(Value::list(operation.values));
  if (operation.ttl.is_forever()) line += " ttl=None";
  if (!operation.ttl.is_forever() && !operation.ttl.omitted()) {
    line += " ttl=" + std::to_string(operation.ttl.milliseconds() / 1000);
  }
  if (operation.version) line += " version=" + std::to_string(*operation.version);
  return line + " delta=" + std::to_string(operation.delta);
}

void play(Cache& cache, const Operation& operation, Told told) {
  const std::string& key = operation.keys.front();
  const ReadOptions read{.version = operation.version, .limit = 60s};
  const WriteOptions write{.ttl = operation.ttl, .version = operation.version, .limit = 60s};
  const DeltaOptions delta{.delta = operation.delta, .version = operation.version, .limit = 60s};
  const GetOrSetOptions compute{.ttl = operation.ttl, .version = operation.version, .limit = 60s};
  const auto value = [&] { return operation.values.front(); };
  switch (operation.verb) {
    case Verb::get:
      return (void)cache.get(key, read, tell(told));
    case Verb::set:
      return (void)cache.set(key, value(), write, tell(told));
    case Verb::add:
      return (void)cache.add(key, value(), write, tell(told));
    case Verb::touch:
      return (void)cache.touch(key, write, tell(told));
    case Verb::delete_:
      return (void)cache.delete_(key, read, tell(told));
    case Verb::has_key:
      return (void)cache.has_key(key, read, tell(told));
    case Verb::get_many:
      return (void)cache.get_many(operation.keys, read, tell(told));
    case Verb::set_many: {
      Entries entries;
      for (std::size_t i = 0; i < operation.keys.size(); ++i) {
        entries.emplace_back(operation.keys[i], operation.values[i]);
      }
      return (void)cache.set_many(entries, write, tell(told));
    }
    case Verb::delete_many:
      return (void)cache.delete_many(operation.keys, read, tell(told));
    case Verb::incr:
      return (void)cache.incr(key, delta, tell(told));
    case Verb::decr:
      return (void)cache.decr(key, delta, tell(told));
    case Verb::incr_version:
      return (void)cache.incr_version(key, delta, tell(told));
    case Verb::decr_version:
      return (void)cache.decr_version(key, delta, tell(told));
    case Verb::get_or_set:
      return (void)cache.get_or_set(key, value(), compute, tell(told));
    case Verb::produce:
      return (void)cache.get_or_set(
          key, AsyncProducer([product = value()](Resolve resolve) { resolve(product); }), compute,
          tell(told));
    case Verb::clear:
      return (void)cache.clear(read, tell(told));
  }
}

Operation Script::next() {
  Operation operation;
  std::uint64_t at = below(all_weights);
  for (const Share& each : shares) {
    operation.verb = each.verb;
    if (at < each.weight) break;
    at -= each.weight;
  }
  const bool many = operation.verb == Verb::get_many || operation.verb == Verb::set_many ||
                    operation.verb == Verb::delete_many;
  const std::size_t keys = many ? 1 + below(6) : 1;
  for (std::size_t i = 0; i < keys; ++i) {
    operation.keys.push_back(key());
    operation.values.push_back(value());
  }
  operation.ttl = ttl();
  if (operation.verb == Verb::touch && operation.ttl.is_forever()) operation.ttl = Ttl(7200s);
  if (below(3) == 0) operation.version = static_cast<std::int64_t>(below(4));
  operation.delta = delta();
  const bool moves = operation.verb == Verb::incr_version || operation.verb == Verb::decr_version;
  // Few versions, so that moved entries are used again.
  if (moves) operation.delta = static_cast<std::int64_t>(below(4)) - 1;
  return operation;
}

std::string Script::key() { return "k" + std::to_string(below(64)); }

Ttl Script::ttl() {
  switch (below(10)) {
    case 0:
      return Ttl(0s);
    case 1:
      return Ttl(-5s);
    case 2:
    case 3:
      return forever;
    case 4:
    case 5:
    case 6:
      return Ttl(3600s + std::chrono::seconds(below(1000)));
    default:
      return {};
  }
}

std::int64_t Script::delta() {
  switch (below(12)) {
    case 0:
      return INT64_MAX;
    case 1:
      return INT64_MIN;
    case 2:
      return static_cast<std::int64_t>(random_());
    default:
      return static_cast<std::int64_t>(below(21)) - 10;
  }
}

Value Script::value(int depth) {
  switch (below(depth < 2 ? 14 : 9)) {
    case 0:
      return {};
    case 1:
      return Value(below(2) == 0);
    case 2:
      return Value(static_cast<std::int64_t>(random_()));
    case 3:
      return Value(static_cast<double>(below(1000)) / 8);
    case 4:
      return Value(std::string(below(300), static_cast<char>('a' + below(26))));
    case 5:
      return Value::bytes(std::string(below(20), static_cast<char>(below(256))));
    case 6:
      return Value(std::to_string(below(100)));  // a text that looks like a number
    case 10:
      return Value::list({value(depth + 1), value(depth + 1)});
    case 11:
      return Value::tuple({value(depth + 1)});
    case 12: {
      Value dict = Value::dict();
      dict.put(Value("a"), value(depth + 1));
      return dict;
    }
    default:
      return Value(static_cast<std::int64_t>(below(200)) - 100);
  }
}

}  // namespace djcache::differential
