// Performs server and raw: what another client stores and sees.
#include <djcache/harness/wire_text.h>

#include "src/cases/write_value.h"
#include "src/replay/compare.h"
#include "src/replay/perform.h"

namespace djcache::conformance {
namespace {

using harness::Inspector;
using harness::Reply;

Verdict no_answer(const std::string& problem) {
  return Verdict::failed("an answer of the server", problem);
}

// Bytes for display: in hexadecimal, and as escaped text.
std::string show(const std::string& bytes) {
  return hexadecimal(bytes.substr(0, 200)) + (bytes.size() > 200 ? "..." : "") + "  \"" +
         harness::escape(bytes.substr(0, 200)) + "\"" +
         (bytes.size() > 200 ? " (" + std::to_string(bytes.size()) + " bytes)" : "");
}

std::string show_keys(const std::vector<std::string>& keys) {
  std::string text;
  for (std::size_t i = 0; i < keys.size() && i < 50; ++i) {
    text += (i == 0 ? "" : " ") + harness::escape(keys[i]);
  }
  return std::to_string(keys.size()) + " keys: " + text + (keys.size() > 50 ? " ..." : "");
}

Verdict check_type(Inspector& inspector, const ServerStep& step) {
  const auto type = inspector.type(*step.key);
  if (!type) return no_answer(inspector.problem());
  return Verdict::compare(*type == *step.type, "type " + *step.type, "type " + *type);
}

std::string show_pttl(std::int64_t pttl) {
  if (pttl == -1) return "no expiry";
  if (pttl == -2) return "no such key";
  return "pttl " + std::to_string(pttl) + " ms";
}

Verdict check_pttl(Inspector& inspector, const ServerStep& step) {
  const auto pttl = inspector.pttl(*step.key);
  if (!pttl) return no_answer(inspector.problem());
  switch (step.pttl->kind) {
    case PttlExpectation::Kind::none:
      return Verdict::compare(*pttl == -1, "no expiry", show_pttl(*pttl));
    case PttlExpectation::Kind::missing:
      return Verdict::compare(*pttl == -2, "no such key", show_pttl(*pttl));
    case PttlExpectation::Kind::within:
      break;
  }
  return Verdict::compare(*pttl >= 0 && step.pttl->bounds.holds(*pttl),
                          "pttl " + describe(step.pttl->bounds) + " ms", show_pttl(*pttl));
}

Verdict check_raw(Inspector& inspector, const ServerStep& step, const std::string& serializer) {
  std::string expected;
  if (step.text) {
    expected = *step.text;
  } else if (step.raw.count(serializer) != 0) {
    expected = step.raw.at(serializer);
  } else {
    return {};  // the case does not specify this serializer
  }
  const auto raw = inspector.raw(*step.key);
  if (!raw) {
    const bool missing = inspector.problem().empty();
    return Verdict::failed(show(expected), missing ? "no such key" : inspector.problem());
  }
  return Verdict::compare(*raw == expected, show(expected), show(*raw));
}

Verdict check_keys(Inspector& inspector, const ServerStep& step) {
  const auto keys = inspector.keys();
  if (!keys) return no_answer(inspector.problem());
  return Verdict::compare(*keys == *step.keys, show_keys(*step.keys), show_keys(*keys));
}

Verdict check_size(Inspector& inspector, const ServerStep& step) {
  const auto size = inspector.dbsize();
  if (!size) return no_answer(inspector.problem());
  return Verdict::compare(*size == *step.dbsize, std::to_string(*step.dbsize) + " keys",
                          std::to_string(*size) + " keys");
}

Verdict check(Inspector& inspector, const ServerStep& step, const std::string& serializer) {
  Verdict verdict;
  if (step.type) verdict = check_type(inspector, step);
  if (verdict.passed() && step.pttl) verdict = check_pttl(inspector, step);
  if (verdict.passed() && step.key && (step.text || !step.raw.empty())) {
    verdict = check_raw(inspector, step, serializer);
  }
  if (verdict.passed() && step.keys) verdict = check_keys(inspector, step);
  if (verdict.passed() && step.dbsize) verdict = check_size(inspector, step);
  return verdict;
}

// A reply as a Value.
Value value_of(const Reply& reply) {
  switch (reply.type) {
    case Reply::Type::integer:
      return reply.integer;
    case Reply::Type::status:
    case Reply::Type::bulk:
      return reply.text;
    case Reply::Type::array: {
      Value::List items;
      for (const Reply& element : reply.elements) items.push_back(value_of(element));
      return Value::list(std::move(items));
    }
    default:
      return nullptr;
  }
}

Verdict judge_reply(const RawStep& step, const Reply& reply) {
  const std::string seen = harness::format(reply);
  if (const auto* error = std::get_if<ErrorReply>(&step.reply)) {
    const bool begins = reply.type == Reply::Type::error && reply.text.rfind(error->begins, 0) == 0;
    return Verdict::compare(begins, "an error that begins with " + error->begins, seen);
  }
  if (reply.is_error()) return Verdict::failed("no error", seen);
  const auto* value = std::get_if<Value>(&step.reply);
  if (value == nullptr) return {};
  return Verdict::compare(*value == value_of(reply), to_string(*value), seen);
}

}  // namespace

Verdict perform(Stage& stage, const ServerStep& step) {
  if (!stage.configuration.backend->has_server) {
    return {StepResult::Status::not_applicable, "", "this backend has no server"};
  }
  std::string problem;
  Inspector* inspector = stage.inspector(step.place, problem);
  if (inspector == nullptr) return no_answer(problem);
  const std::string& serializer = stage.configuration.serializer;
  std::optional<Verdict> django;
  if (step.django && stage.configuration.flavour->hello != nullptr) {
    django = check(*inspector, *step.django, serializer);
  }
  return judge(stage, check(*inspector, step, serializer), django);
}

Verdict perform(Stage& stage, const RawStep& step) {
  std::string problem;
  Inspector* inspector = stage.inspector(step.place, problem);
  if (inspector == nullptr) return no_answer(problem);
  return judge_reply(step, inspector->command(step.words));
}

}  // namespace djcache::conformance
