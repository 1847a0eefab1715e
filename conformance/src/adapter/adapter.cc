#include "src/adapter/adapter.h"

#include <algorithm>

#include "src/cases/parse_json.h"

namespace djcache::conformance {
namespace {

// Interpreters and their modules load slowly on a busy machine.
constexpr std::chrono::milliseconds start_limit = std::chrono::seconds(30);

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::vector<std::string> read_names(const Node& node, std::string_view field,
                                    std::vector<std::string> otherwise) {
  if (!node.has(field)) return otherwise;
  std::vector<std::string> names;
  for (const Node& name : node[field].elements()) names.push_back(name.text());
  return names;
}

// Names appear in file names, in CTest's names and on the command line.
std::string read_name(const Node& node) {
  const std::string name = node.text();
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name.size() > 40 || !std::all_of(name.begin(), name.end(), allowed)) {
    node.fail_expected("a name of a-z, 0-9, - and _");
  }
  return name;
}

}  // namespace

bool Hello::can(const std::string& extra) const { return has(extras, extra); }
bool Hello::knows(const std::string& call) const { return calls.empty() || has(calls, call); }

void Adapter::read_hello(const Json& answer) {
  const Node node(answer, "");
  node.need({"hello"});
  if (const auto version = node["hello"].integer(); version != protocol_version) {
    throw FileError("it speaks version " + std::to_string(version) +
                    " of the protocol, and this runner version " +
                    std::to_string(protocol_version));
  }
  node.only({"hello", "name", "versions", "contract", "backends", "flavours", "serializers",
             "calls", "extras"});
  node.need({"name", "backends"});
  Hello hello{.name = read_name(node["name"])};
  hello.title = hello.name;
  if (node.has("versions")) {
    hello.title.clear();
    for (const auto& [name, version] : node["versions"].items()) {
      hello.title += (hello.title.empty() ? "" : ", ") + name + " " + version.text();
    }
  }
  if (node.has("contract")) {
    hello.is_django = node["contract"].word({"django", "either"}) == "django";
  }
  hello.backends = read_names(node, "backends", {});
  hello.flavours = read_names(node, "flavours", {"sync"});
  hello.serializers = read_names(node, "serializers", {"pickle"});
  hello.calls = read_names(node, "calls", {});
  hello.extras = read_names(node, "extras", {});
  hello_ = std::move(hello);
}

std::string Adapter::begin() {
  if (process_ != nullptr) return {};
  std::string problem;
  process_ = Process::start(command_, problem);
  if (process_ == nullptr) return problem;
  const Json answer = talk({{"hello", protocol_version}}, std::max(limit_, start_limit), problem);
  if (problem.empty()) {
    try {
      read_hello(answer);
    } catch (const FileError& error) {
      problem = error.what();
    }
  }
  if (problem.empty()) return {};
  process_.reset();
  return "hello: " + problem;
}

Json Adapter::ask(const Json& message, std::string& problem) {
  problem = begin();
  return problem.empty() ? talk(message, limit_, problem) : Json();
}

Json Adapter::talk(const Json& message, std::chrono::milliseconds limit, std::string& problem) {
  std::string line;
  problem =
      process_->exchange(message.dump(-1, ' ', false, Json::error_handler_t::replace), limit, line);
  if (problem.empty()) {
    try {
      Json answer = parse_json(line);
      if (answer.is_object()) return answer;
      problem = "it answered with no object: " + brief(answer);
    } catch (const FileError& error) {
      problem = "it answered with nonsense: " + std::string(error.what()).substr(0, 300);
    }
  }
  process_.reset();
  return {};
}

void Adapter::end() {
  if (process_ == nullptr) return;
  std::string answer;
  if (process_->exchange(R"({"bye":true})", limit_, answer).empty()) {
    process_->wait(std::chrono::seconds(2));
  }
  process_.reset();
}

}  // namespace djcache::conformance
