// Comparison of expected and actual values, and their forms for display.
#pragma once

#include <string>

#include "src/cases/model.h"
#include "src/subject/pending.h"

namespace djcache::conformance {

bool matches(const Expectation& expected, const Pending& seen);
bool matches(const ReportBounds& expected, const DisconnectReport& seen);
// What to expect where the report also counts connections to Sentinels and commands for them.
ReportBounds at_least(ReportBounds expected);

// Compares kind and content; at the top level also the sign of a zero.
bool same_value(const Value& expected, const Value& seen);

std::string describe(const Expectation& expected);
std::string describe(const Pending& seen);
std::string describe(const Bounds& bounds);
std::string describe(const ReportBounds& expected);
std::string describe(const DisconnectReport& seen);

}  // namespace djcache::conformance
