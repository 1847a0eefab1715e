#include "src/cases/parse_json.h"

#include <cmath>
#include <set>

namespace djcache::conformance {
namespace {

// Observes the parser: records the keys of the objects around the current position.
class Watch {
 public:
  bool operator()(int /*depth*/, Json::parse_event_t event, Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
        keys_.emplace_back();
        break;
      case Json::parse_event_t::object_end:
        keys_.pop_back();
        break;
      case Json::parse_event_t::key:
        check_key(parsed.get<std::string>());
        break;
      case Json::parse_event_t::value:
        check_number(parsed);
        break;
      default:
        break;
    }
    return true;
  }

 private:
  void check_key(const std::string& key) {
    if (!keys_.back().insert(key).second) {
      throw FileError("the key \"" + key + "\" stands twice in one object");
    }
  }
  // The parser turns an integer that does not fit into a double.
  static void check_number(const Json& parsed) {
    if (!parsed.is_number_float()) return;
    const double number = parsed.get<double>();
    if (std::fabs(number) >= 9.2e18) {
      throw FileError("the number " + parsed.dump() +
                      " is too large for JSON: write {\"$int\": \"...\"} or {\"$float\": \"...\"}");
    }
  }

  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Json parse_json(std::string_view text) {
  try {
    Watch watch;
    return Json::parse(text, [&watch](int depth, Json::parse_event_t event, Json& parsed) {
      return watch(depth, event, parsed);
    });
  } catch (const Json::exception& e) {
    // "[json.exception.parse_error.101] parse error at line 3, column 1: ..."
    const std::string what = e.what();
    const auto end = what.find("] ");
    throw FileError("not JSON: " + (end == std::string::npos ? what : what.substr(end + 2)));
  }
}

}  // namespace djcache::conformance
