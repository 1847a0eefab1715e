// Report: collects the findings about one alias.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <djcache/settings.h>

#include "settings/where.h"

namespace djcache::settings {

class Report {
 public:
  Report(std::string alias, std::vector<SettingsFinding>& findings)
      : alias_(std::move(alias)), findings_(findings) {}

  void error(const Where& where, Problem problem) {
    add(SettingsFinding::Severity::error, where, std::move(problem));
  }
  void warning(const Where& where, Problem problem) {
    add(SettingsFinding::Severity::warning, where, std::move(problem));
  }
  // Reports an error unless the problem is empty.
  void note(const Where& where, Problem problem) {
    if (!problem.empty()) error(where, std::move(problem));
  }

 private:
  void add(SettingsFinding::Severity severity, const Where& where, Problem problem) {
    findings_.push_back({severity, alias_, where.text(), std::move(problem)});
  }

  std::string alias_;
  std::vector<SettingsFinding>& findings_;
};

}  // namespace djcache::settings
