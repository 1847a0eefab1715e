// Fuzz target of case files: each is read and checked, or rejected with a reason.
#include "codec_property.h"
#include "src/cases/load.h"
#include "src/cases/node.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache;
  try {
    const auto cases =
        conformance::read_cases("fuzzed.json", {reinterpret_cast<const char*>(data), size});
    for (const auto& each : cases) fuzz::require(!each.id.empty(), "a case without a name");
  } catch (const conformance::FileError& error) {
    fuzz::require(*error.what() != '\0', "an error without a reason");
  }
  return 0;
}
