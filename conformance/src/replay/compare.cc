#include "src/replay/compare.h"

#include <cmath>

namespace djcache::conformance {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

// "1" alone does not distinguish 1 from Decimal("1"); its type does.
std::string typed(const Value& value) {
  return to_string(value, 2000) + " (" + std::string(to_string(value.kind())) + ")";
}

// Another client identifies an error by djcache's code, or by the class of Django's exception.
bool is_error(const Raises& expected, const Pending& seen) {
  if (seen.foreign) {
    return seen.foreign_error == expected.django ||
           (expected.errc && seen.foreign_error == to_string(*expected.errc));
  }
  return expected.errc && seen.error.code == *expected.errc;
}

bool has_details(const Raises& expected, const std::string& detail) {
  for (const std::string& text : expected.detail) {
    if (detail.find(text) == std::string::npos) return false;
  }
  return true;
}

std::string describe_raises(const Raises& raises) {
  std::string text =
      "error " + (raises.errc ? std::string(to_string(*raises.errc)) : raises.django);
  for (const std::string& detail : raises.detail) text += ", with \"" + detail + "\"";
  return text;
}

}  // namespace

bool same_value(const Value& expected, const Value& seen) {
  if (const auto a = expected.as_double(), b = seen.as_double(); a && b && *a == 0 && *b == 0) {
    return std::signbit(*a) == std::signbit(*b);
  }
  return expected == seen;
}

bool matches(const Expectation& expected, const Pending& seen) {
  using State = Pending::State;
  return std::visit(
      Overloaded{
          [&](std::monostate) { return seen.state == State::value || seen.state == State::miss; },
          [&](const Value& value) {
            return seen.state == State::value && same_value(value, seen.value);
          },
          [&](Miss) { return seen.state == State::miss; },
          [&](AnyValue) { return seen.state == State::value; },
          [&](const OneOf& values) {
            if (seen.state != State::value) return false;
            for (const Value& value : values) {
              if (same_value(value, seen.value)) return true;
            }
            return false;
          },
          [&](const Raises& raises) {
            return seen.state == State::error && is_error(raises, seen) &&
                   (seen.foreign || has_details(raises, seen.error.detail));
          },
          [&](Dropped) { return seen.state == State::dropped; },
      },
      expected);
}

bool matches(const ReportBounds& expected, const DisconnectReport& seen) {
  const auto holds = [](const CountBounds& bounds, std::size_t count) {
    return !bounds || bounds->holds(static_cast<std::int64_t>(count));
  };
  return holds(expected.connections, seen.connections) &&
         holds(expected.completed, seen.completed) && holds(expected.aborted, seen.aborted) &&
         (!expected.limit_reached || *expected.limit_reached == seen.limit_reached);
}

ReportBounds at_least(ReportBounds expected) {
  for (CountBounds* each : {&expected.connections, &expected.completed, &expected.aborted}) {
    if (*each) (*each)->max = INT64_MAX;
  }
  return expected;
}

std::string describe(const Expectation& expected) {
  return std::visit(Overloaded{
                        [](std::monostate) -> std::string { return "no error"; },
                        [](const Value& value) -> std::string { return typed(value); },
                        [](Miss) -> std::string { return "a miss"; },
                        [](AnyValue) -> std::string { return "a value"; },
                        [](const OneOf& values) {
                          std::string text;
                          for (const Value& value : values) {
                            text += (text.empty() ? "" : " or ") + typed(value);
                          }
                          return text;
                        },
                        [](const Raises& raises) { return describe_raises(raises); },
                        [](Dropped) -> std::string { return "its callback destroyed uncalled"; },
                    },
                    expected);
}

std::string describe(const Pending& seen) {
  switch (seen.state) {
    case Pending::State::waiting:
      return "no end within the limit";
    case Pending::State::value:
      return typed(seen.value);
    case Pending::State::miss:
      return "a miss";
    case Pending::State::error:
      if (seen.foreign) return "error " + seen.foreign_error + ": " + seen.error.detail;
      return "error " + to_string(seen.error);
    case Pending::State::dropped:
      return "its callback was destroyed uncalled";
  }
  return "";
}

std::string describe(const Bounds& bounds) {
  if (bounds.min == bounds.max) return std::to_string(bounds.min);
  if (bounds.max == INT64_MAX) return "at least " + std::to_string(bounds.min);
  return std::to_string(bounds.min) + " to " + std::to_string(bounds.max);
}

std::string describe(const ReportBounds& expected) {
  std::string text;
  const auto add = [&text](const char* name, const CountBounds& bounds) {
    if (bounds) text += (text.empty() ? "" : ", ") + std::string(name) + " " + describe(*bounds);
  };
  add("connections", expected.connections);
  add("completed", expected.completed);
  add("aborted", expected.aborted);
  if (expected.limit_reached) {
    text += (text.empty() ? "" : ", ") + std::string("limit_reached ") +
            (*expected.limit_reached ? "true" : "false");
  }
  return text;
}

std::string describe(const DisconnectReport& seen) {
  return "connections " + std::to_string(seen.connections) + ", completed " +
         std::to_string(seen.completed) + ", aborted " + std::to_string(seen.aborted) +
         ", limit_reached " + (seen.limit_reached ? "true" : "false");
}

}  // namespace djcache::conformance
