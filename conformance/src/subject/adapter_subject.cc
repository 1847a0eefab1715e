#include "src/subject/adapter_subject.h"

#include "src/cases/read_value.h"
#include "src/cases/write_value.h"

namespace djcache::conformance {
namespace {

Json call_message(const Call& call);

Json write_producer(const ProducerSpec& producer) {
  Json body = {{"returns", write_value(producer.returns)}};
  if (!producer.counter.empty()) body["counter"] = producer.counter;
  if (producer.fails) body["fails"] = true;
  if (producer.does) {
    body["does"] = call_message(*producer.does);
    body["does"]["on"] = producer.does->on;
  }
  return {{"$producer", std::move(body)}};
}

Json call_message(const Call& call) {
  Json arguments = Json::object();
  for (const auto& [name, written] : call.arguments.items()) {
    const bool is_producer = name == "default" && call.producer.has_value();
    arguments[name] = is_producer ? write_producer(*call.producer)
                                  : write_value(read_value(Node(written, name), Scope{call.index}));
  }
  Json message = {{"call", call.name}, {"kwargs", std::move(arguments)}, {"on", call.on}};
  if (call.fresh) message["fresh"] = true;
  if (call.limit) message["limit_ms"] = call.limit->count();
  return message;
}

}  // namespace

std::string not_for_adapters(const Case& c) {
  if (!c.not_for_django.empty()) return c.not_for_django;
  return c.peer.empty() ? "" : "the scripted peer speaks with djcache alone";
}

std::string not_supported(const Case& c, const Hello& hello) {
  for (const Step& step : c.steps) {
    if (std::get_if<DisconnectStep>(&step.action) != nullptr && !hello.can("disconnect")) {
      return "disconnect";
    }
    const auto* call = std::get_if<CallStep>(&step.action);
    if (call == nullptr) continue;
    if (!hello.knows(call->call.name)) return "the call " + call->call.name;
    if (call->call.producer && !hello.can("producers")) return "producers";
    if (!call->warns.empty() && !hello.can("warnings")) return "warnings";
    if (call->call.fresh && !hello.can("fresh")) return "fresh cache objects";
    if (call->call.on != "default" && !hello.can("aliases")) return "several aliases";
  }
  return {};
}

AdapterSubject::AdapterSubject(const SubjectSetup& setup, Adapter& adapter, std::string flavour)
    : setup_(setup), adapter_(adapter), flavour_(std::move(flavour)) {
  create();
}

void AdapterSubject::create() {
  const Json answer = ask({{"open", setup_.c.id},
                           {"backend", setup_.backend.name},
                           {"flavour", flavour_},
                           {"serializer", setup_.serializer},
                           {"caches", setup_.caches}});
  if (trouble_ || answer.contains("opened")) return;
  trouble_.broken = "open: it answered with " + brief(answer);
}

void AdapterSubject::destroy() {
  if (!trouble_.broken.empty()) return;
  const bool unsupported = !trouble_.unsupported.empty();
  const Json answer = ask({{"close", true}});
  if (trouble_.broken.empty() && !unsupported && !answer.contains("closed")) {
    trouble_.broken = "close: it answered with " + brief(answer);
  }
}

Json AdapterSubject::ask(const Json& message) {
  const std::string what = message.begin().key();
  std::string problem;
  Json answer = adapter_.ask(message, problem);
  if (!problem.empty()) {
    trouble_.broken = "the adapter, asked to " + what + ": " + problem;
    return Json::object();
  }
  if (!answer.contains("unsupported")) return answer;
  const Json& word = answer["unsupported"];
  trouble_.unsupported = word.is_string() ? word.get<std::string>() : "something it does not name";
  return Json::object();
}

void AdapterSubject::start(const Call& call, std::shared_ptr<Pending> pending) {
  settle(ask(call_message(call)), *pending);
}

void AdapterSubject::begin(const Call& call, std::shared_ptr<Pending> pending) {
  if (!adapter_.hello().can("concurrent")) return start(call, std::move(pending));
  const std::string name = std::to_string(++names_);
  Json message = {{"begin", name}};
  message.update(call_message(call));
  const Json answer = ask(message);
  if (trouble_) return settle(answer, *pending);
  begun_[pending.get()] = name;
  if (!answer.contains("begun")) trouble_.broken = "begin: it answered with " + brief(answer);
}

void AdapterSubject::finish(Pending& pending) {
  const auto found = begun_.find(&pending);
  if (found == begun_.end() || pending.ended()) return;
  settle(ask({{"wait", found->second}}), pending);
  begun_.erase(found);
}

void AdapterSubject::disconnect(const DisconnectStep& step, std::shared_ptr<Pending> pending) {
  const bool drain = step.options.mode == DisconnectMode::drain;
  Json message = {{"disconnect", drain ? "drain" : "abort"},
                  {"limit_ms", std::chrono::milliseconds(step.options.limit).count()}};
  if (!step.alias.empty()) message["alias"] = step.alias;
  const Json answer = ask(message);
  if (!trouble_ && !answer.contains("disconnected")) {
    trouble_.broken = "disconnect: it answered with " + brief(answer);
  }
  pending->foreign = true;  // the content of a disconnect's report is specific to djcache
  Settle(pending).report({});
}

void AdapterSubject::settle(const Json& answer, Pending& pending) {
  pending.foreign = true;
  if (trouble_) return pending.end(Pending::State::dropped);
  try {
    read_answer(answer, pending);
  } catch (const FileError& error) {
    trouble_.broken = std::string("the adapter's answer: ") + error.what();
    pending.end(Pending::State::dropped);
  }
}

void AdapterSubject::read_answer(const Json& answer, Pending& pending) {
  const Node node(answer, "");
  node.only({"returns", "raises", "detail", "warns", "counted"});
  if (node.has("returns") == node.has("raises")) node.fail_expected("either returns or raises");
  if (node.has("warns") && adapter_.hello().can("warnings")) {
    for (const Node& warning : node["warns"].elements()) setup_.warn(warning.text_or_empty());
  }
  if (node.has("counted")) {
    for (const auto& [name, count] : node["counted"].items()) {
      setup_.counters[name] += count.integer(0, 1'000'000);
    }
  }
  if (node.has("raises")) {
    pending.foreign_error = node["raises"].text();
    if (node.has("detail")) pending.error.detail = node["detail"].text_or_empty().substr(0, 2000);
    return pending.end(Pending::State::error);
  }
  const Node returns = node["returns"];
  if (tag_of(returns) == "$miss") return pending.end(Pending::State::miss);
  pending.value = read_value(returns, Scope{});
  pending.end(Pending::State::value);
}

}  // namespace djcache::conformance
