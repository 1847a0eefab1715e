// Performs call, await and cancel.
#include <algorithm>
#include <string_view>

#include "src/replay/compare.h"
#include "src/replay/perform.h"

namespace djcache::conformance {
namespace {

std::string list(const std::vector<std::string>& texts) {
  if (texts.empty()) return "no warning";
  std::string text;
  for (const std::string& one : texts) text += (text.empty() ? "" : "\n") + one;
  return text;
}

// Django's warning shows the whole key; djcache's truncates it after 1000 bytes, with "..." after
// the quote.
bool says(const std::string& wanted, const std::string& told) {
  constexpr std::size_t shown = 1000;
  const std::size_t cut = told.rfind("...");
  if (cut == told.npos || cut < shown || told == wanted) return told == wanted;
  const std::string_view begin(told.data(), cut - 1), end = std::string_view(told).substr(cut + 3);
  return wanted.size() > told.size() && wanted.starts_with(begin) && wanted.ends_with(end);
}

// Django's clear() returns True on redis and None elsewhere; djcache's returns true on any backend.
void in_terms_of_django(const Stage& stage, const Call& call, Pending& seen) {
  if (call.method != Method::clear || stage.configuration.backend->has_server) return;
  if (seen.state == Pending::State::value && seen.value == Value(true)) seen.value = nullptr;
}

Verdict compare(const Expectation& expected, const Pending& seen) {
  return Verdict::compare(matches(expected, seen), describe(expected), describe(seen));
}

template <class Step>
Verdict judge_end(Stage& stage, const Step& step, const Pending& seen) {
  if (!seen.broken_rule.empty()) return Verdict::failed("the rules of callbacks", seen.broken_rule);
  std::optional<Verdict> django;
  if (step.django.expected) django = compare(*step.django.expected, seen);
  return judge(stage, compare(step.expected, seen), django);
}

Verdict judge_warnings(Stage& stage, const CallStep& step) {
  const Hello* hello = stage.configuration.flavour->hello;
  if (hello != nullptr && !hello->can("warnings")) return {};
  const auto compare = [&seen = stage.warnings](const std::vector<std::string>& wanted) {
    return Verdict::compare(std::ranges::equal(wanted, seen, says), list(wanted), list(seen));
  };
  std::optional<Verdict> django;
  if (step.django.warns) django = compare(*step.django.warns);
  return judge(stage, compare(step.warns), django);
}

}  // namespace

Verdict perform(Stage& stage, const CallStep& step) {
  stage.warnings.clear();
  auto pending = std::make_shared<Pending>();
  step.start.empty() ? stage.subject->start(step.call, pending)
                     : stage.subject->begin(step.call, pending);
  Verdict verdict;
  if (step.start.empty()) {
    stage.run_until([&] { return pending->ended(); });
    in_terms_of_django(stage, step.call, *pending);
    verdict = judge_end(stage, step, *pending);
  } else {
    stage.started[step.start] = pending;
  }
  // Compound operations warn again after their first step, so warnings of a started call are
  // incomplete.
  return verdict.passed() ? judge_warnings(stage, step) : verdict;
}

Verdict perform(Stage& stage, const AwaitStep& step) {
  const auto pending = stage.started.at(step.name);
  stage.subject->finish(*pending);
  stage.run_until([&] { return pending->ended(); });
  stage.started.erase(step.name);
  Verdict verdict = judge_end(stage, step, *pending);
  if (!verdict.passed() || !step.report || pending->foreign) return verdict;
  return judge_report(stage, *step.report, pending->report);
}

Verdict perform(Stage& stage, const CancelStep& step) {
  const bool cancelled = stage.subject->cancel(*stage.started.at(step.name));
  const auto word = [](bool flag) { return std::string(flag ? "True" : "False"); };
  const bool expected = step.returns.value_or(cancelled);
  return Verdict::compare(cancelled == expected, word(expected), word(cancelled));
}

}  // namespace djcache::conformance
