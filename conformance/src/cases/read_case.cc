// Reads the fields of a case other than its steps; each defaults to the file's.
#include "src/cases/read_case.h"

#include <algorithm>
#include <regex>

#include "src/cases/read_step.h"

namespace djcache::conformance {
namespace {

// The case's field, or else the file's.
std::optional<Node> own_or_file(const Node& file, const Node& node, std::string_view field) {
  if (node.has(field)) return node[field];
  if (file.has(field)) return file[field];
  return {};
}

std::vector<std::string> texts_of(const Node& node) {
  if (node.is_string()) return {node.text()};
  std::vector<std::string> texts;
  for (const Node& element : node.elements()) texts.push_back(element.text());
  if (texts.empty()) node.fail_expected("at least one text");
  return texts;
}

void sort_unique(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

void read_labels(const Node& file, const Node& node, Case& c) {
  for (const Node* level : {&file, &node}) {
    if (!level->has("labels")) continue;
    for (const Node& label : (*level)["labels"].elements()) c.labels.push_back(label.name());
  }
  if (c.labels.empty()) node.fail("no label: say \"core\", or what the case is about");
  c.labels.push_back(c.group);
  sort_unique(c.labels);
}

bool read_version_need(const std::string& text, Case& c) {
  static const std::regex form(R"(server(>=|<)(\d{1,3})(?:\.(\d{1,3}))?)");
  std::smatch match;
  if (!std::regex_match(text, match, form)) return false;
  c.versions.push_back(
      {match[1] == ">=", std::stoi(match[2]), match[3].matched ? std::stoi(match[3]) : 0, text});
  return true;
}

void read_needs(const Node& file, const Node& node, Case& c) {
  for (const Node* level : {&file, &node}) {
    if (!level->has("needs")) continue;
    for (const Node& need : (*level)["needs"].elements()) {
      if (need.is_string() && read_version_need(need.text(), c)) continue;
      c.needs.push_back(need.word(
          {"server:2", "replica:1", "replica:2", "unix", "peer", "own_server", "databases"}));
    }
  }
  sort_unique(c.needs);
}

void read_backends(const Node& node, Case& c) {
  node.only({"redis", "memory", "dummy"}).need({"redis", "memory", "dummy"});
  for (const auto& [backend, applies] : node.items()) {
    if (applies.json().is_boolean()) {
      if (!applies.flag()) applies.fail_expected("true or the reason why not");
    } else {
      c.not_for_backend[backend] = applies.text();
    }
  }
  if (c.not_for_backend.size() == 3) node.fail("for no backend at all; use \"skip\"");
}

void read_flavours(const Node& node, Case& c) {
  node.only({"callback", "sync", "coroutine"});
  for (const auto& [flavour, reason] : node.items()) c.not_for_flavour[flavour] = reason.text();
}

void read_serializers(const Node& node, Case& c) {
  c.serializers.clear();
  for (const Node& name : node.elements()) {
    c.serializers.push_back(name.word({"msgpack", "pickle", "json", "raw"}));
  }
  if (c.serializers.empty()) node.fail_expected("at least one serializer");
}

void read_django(const Node& node, Case& c) {
  if (node.json().is_boolean()) {
    if (!node.flag()) node.fail_expected("true or the reason why not");
  } else {
    c.not_for_django = node.text();
  }
}

void read_divergence(const Node& node, Case& c) {
  node.only({"django", "why"}).need({"django", "why"});
  c.divergence = Divergence{node["django"].text(), node["why"].text()};
}

void read_steps(const Node& node, Case& c) {
  const StepContext context{.shared = c.not_for_django.empty(),
                            .diverges = c.divergence.has_value()};
  for (const Node& step : node.elements()) read_step(step, context, c.steps);
  if (c.steps.empty()) node.fail_expected("at least one step");
}

void read_identity(const Node& file, const Node& node, Case& c) {
  c.group = file["group"].name();
  c.id = node["id"].text();
  const auto dot = c.id.find('.');
  const auto is_name = [](char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '_';
  };
  if (c.id.substr(0, dot) != c.group || dot + 1 >= c.id.size() ||
      !std::all_of(c.id.begin() + static_cast<std::ptrdiff_t>(dot) + 1, c.id.end(), is_name)) {
    node["id"].fail_expected("\"" + c.group + ".\" and a name of a-z, 0-9 and _");
  }
  c.claim = node["claim"].text();
  c.sources = texts_of(*own_or_file(file, node, "source"));
}

}  // namespace

Case read_case(const Node& file, const Node& node) {
  node.only({"id", "claim", "source", "labels", "needs", "backends", "flavours", "serializers",
             "django", "divergence", "skip", "caches", "servers", "peer", "steps", "comment"});
  node.need({"id", "claim", "steps"});
  Case c;
  read_identity(file, node, c);
  read_labels(file, node, c);
  read_needs(file, node, c);
  read_backends(*own_or_file(file, node, "backends"), c);
  if (const auto flavours = own_or_file(file, node, "flavours")) read_flavours(*flavours, c);
  if (const auto names = own_or_file(file, node, "serializers")) read_serializers(*names, c);
  if (const auto django = own_or_file(file, node, "django")) read_django(*django, c);
  if (const auto caches = own_or_file(file, node, "caches")) c.caches = read_caches(*caches);
  if (const auto servers = own_or_file(file, node, "servers")) c.servers = read_servers(*servers);
  if (const auto peer = own_or_file(file, node, "peer")) c.peer = read_peer(*peer);
  if (node.has("divergence")) read_divergence(node["divergence"], c);
  if (node.has("skip")) c.skip = node["skip"].text();
  read_steps(node["steps"], c);
  check_case(node, c);
  return c;
}

bool Case::needs_one(std::string_view need) const {
  return std::find(needs.begin(), needs.end(), need) != needs.end();
}

bool Case::has_label(std::string_view label) const {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

}  // namespace djcache::conformance
