// Lists one CTest per case and configuration. A case that does not apply to a configuration has no
// test; a skipped case has one, which prints the reason.
#include "src/replay/replay.h"
#include "src/report/report.h"

namespace djcache::conformance {
namespace {

// CMake's bracket argument: its content is literal.
std::string bracket(const std::string& text) { return "[==[" + text + "]==]"; }

std::string test(const Case& c, const Configuration& configuration, const std::string& program) {
  const std::string name = "conformance." + c.id + "." + configuration.name();
  std::string command =
      "add_test(" + bracket(name) + " " + bracket(program) + " --in-process --case " +
      bracket(c.id) + " --backend " + std::string(configuration.backend->name) + " --flavour " +
      std::string(configuration.flavour->name) + " --serializer " + configuration.serializer;
  if (!configuration.server.binary.empty()) {
    command += " --server-binary " + bracket(configuration.server.binary);
  }
  command += " " + bracket(c.file) + ")\n";
  std::string labels = "conformance";
  for (const std::string& label : c.labels) labels += ";" + label;
  for (const std::string& label :
       {std::string(configuration.backend->name), std::string(configuration.flavour->name),
        configuration.serializer, configuration.server.name}) {
    if (!label.empty()) labels += ";" + label;
  }
  return command + "set_tests_properties(" + bracket(name) + " PROPERTIES TIMEOUT 60 LABELS \"" +
         labels + "\" SKIP_REGULAR_EXPRESSION \"0 passed, 0 failed, [1-9][0-9]* skipped\")\n";
}

}  // namespace

std::string ctest_list(const Plan& plan, const Options&, const std::string& program) {
  std::string text;
  for (const Run& run : plan.runs) {
    const Case& c = plan.cases[run.case_index];
    const Configuration& configuration = plan.configurations[run.configuration];
    if (not_applicable(c, configuration).empty()) text += test(c, configuration, program);
  }
  return text;
}

}  // namespace djcache::conformance
