// Reads call, await and cancel: calls of the cache and their expected results.
#include <algorithm>
#include <map>

#include "src/cases/read_call.h"
#include "src/cases/read_step.h"

namespace djcache::conformance {
namespace {

// The codes by name, from the engine's own list.
const std::map<std::string, Errc, std::less<>>& errcs() {
  static const std::map<std::string, Errc, std::less<>> all = [] {
    std::map<std::string, Errc, std::less<>> found;
    for (int i = 0; i <= static_cast<int>(Errc::decode_failed); ++i) {
      const auto code = static_cast<Errc>(i);
      found.emplace(std::string(to_string(code)), code);
    }
    return found;
  }();
  return all;
}

Raises read_raises(const Node& node, const StepContext& context) {
  node.only({"errc", "django", "detail"}).need({"errc"});
  Raises raises;
  const auto code = errcs().find(node["errc"].text());
  if (code == errcs().end()) node["errc"].fail_expected("the name of an Errc");
  raises.errc = code->second;
  if (node.has("django")) {
    raises.django = node["django"].text();
  } else if (context.shared) {
    node.fail(
        "\"django\" is missing: which exception does Django raise? (or say in the case why "
        "Django does not replay it)");
  }
  if (node.has("detail")) {
    for (const Node& text : node["detail"].elements()) {
      raises.detail.push_back(read_string(text, context.scope));
    }
  }
  return raises;
}

OneOf read_one_of(const Node& node, const Scope& scope) {
  OneOf values;
  for (const Node& element : node.elements()) values.push_back(read_value(element, scope));
  if (values.empty()) node.fail_expected("at least one value");
  return values;
}

Expectation read_returns(const Node& node, const Scope& scope) {
  const std::string tag = tag_of(node);
  const auto is_true = [&] {
    if (!node[tag].flag()) node[tag].fail_expected("true");
  };
  if (tag == "$miss") return is_true(), Miss{};
  if (tag == "$any") return is_true(), AnyValue{};
  if (tag == "$one_of") return read_one_of(node[tag], scope);
  return read_value(node, scope);
}

// "returns" and "raises" of a call or an await.
Expectation read_expectation(const Node& step, const StepContext& context) {
  if (step.has("returns") && step.has("raises")) step.fail("both \"returns\" and \"raises\"");
  if (step.has("raises")) return read_raises(step["raises"], context);
  if (step.has("returns")) return read_returns(step["returns"], context.scope);
  return {};
}

// The text of a Django warning, written out or given by its subject.
std::string read_warning(const Node& node, const Scope& scope) {
  const bool named = node.json().is_object() && tag_of(node).empty();
  if (!named) return read_string(node, scope);
  node.only({"too_long", "bad_characters"});
  if (node.json().size() != 1) node.fail_expected("too_long or bad_characters");
  const bool too_long = node.has("too_long");
  const std::string key = read_string(node[too_long ? "too_long" : "bad_characters"], scope);
  const std::string repr = to_string(Value(key), SIZE_MAX);
  return too_long
             ? "Cache key will cause errors if used with memcached: " + repr + " (longer than 250)"
             : "Cache key contains characters that will cause errors if used with "
               "memcached: " +
                   repr;
}

std::vector<std::string> read_warnings(const Node& node, const Scope& scope) {
  std::vector<std::string> warnings;
  for (const Node& warning : node.elements()) warnings.push_back(read_warning(warning, scope));
  return warnings;
}

DjangoInstead read_django(const Node& step, const StepContext& context) {
  check_django(step, context, {"returns", "raises", "warns"});
  DjangoInstead instead;
  if (!step.has("django")) return instead;
  const Node django = step["django"];
  if (django.has("returns") && django.has("raises")) django.fail("both \"returns\" and \"raises\"");
  if (django.has("returns")) instead.expected = read_returns(django["returns"], context.scope);
  if (django.has("raises")) instead.expected = Raises{.django = django["raises"].text()};
  if (django.has("warns")) instead.warns = read_warnings(django["warns"], context.scope);
  return instead;
}

}  // namespace

Action read_call_step(const Node& node, const StepContext& context) {
  CallStep step;
  if (node.has("start")) {
    node.only({"call", "args", "kwargs", "on", "fresh", "limit_ms", "warns", "start", "comment"});
    step.start = node["start"].name();
  } else {
    node.only({"call", "args", "kwargs", "on", "fresh", "limit_ms", "returns", "raises", "warns",
               "django", "comment"});
  }
  step.call = read_call(node, context.scope);
  step.expected = read_expectation(node, context);
  if (node.has("warns")) step.warns = read_warnings(node["warns"], context.scope);
  step.django = read_django(node, context);
  return step;
}

Action read_await_step(const Node& node, const StepContext& context) {
  node.only({"await", "returns", "raises", "dropped", "report", "django", "comment"});
  AwaitStep step;
  step.name = node["await"].name();
  step.expected = read_expectation(node, context);
  if (node.has("dropped")) {
    if (!node["dropped"].flag()) node["dropped"].fail_expected("true");
    if (node.has("returns") || node.has("raises")) node.fail("\"dropped\" beside a result");
    step.expected = Dropped{};
  }
  if (node.has("report")) step.report = read_report(node["report"]);
  step.django = read_django(node, context);
  return step;
}

Action read_cancel_step(const Node& node, const StepContext&) {
  node.only({"cancel", "returns", "comment"});
  CancelStep step;
  step.name = node["cancel"].name();
  if (node.has("returns")) step.returns = node["returns"].flag();
  return step;
}

}  // namespace djcache::conformance
