// Reads steps, with one reader per verb. The verbs are registered in one table in read_step.cc;
// their readers are in the read_*_steps.cc of their group. Throws FileError.
#pragma once

#include <vector>

#include "src/cases/model.h"
#include "src/cases/read_value.h"

namespace djcache::conformance {

// The context in which a step is read.
struct StepContext {
  Scope scope{};
  bool shared = true;     // real Django replays the case: `raises` must name Django's exception
  bool diverges = false;  // the case has a divergence: steps may carry `django`
};

// Appends a step, or several for a `repeat`.
void read_step(const Node& node, const StepContext& context, std::vector<Step>& steps);

// --- read_call_steps.cc
Action read_call_step(const Node& node, const StepContext& context);
Action read_await_step(const Node& node, const StepContext& context);
Action read_cancel_step(const Node& node, const StepContext& context);
// --- read_server_steps.cc
Action read_server_step(const Node& node, const StepContext& context);
Action read_raw_step(const Node& node, const StepContext& context);
Action read_record_step(const Node& node, const StepContext& context);
Action read_recorded_step(const Node& node, const StepContext& context);
Action read_clients_step(const Node& node, const StepContext& context);
Action read_control_step(const Node& node, const StepContext& context);
// --- read_engine_steps.cc
Action read_loop_step(const Node& node, const StepContext& context);
Action read_disconnect_step(const Node& node, const StepContext& context);
Action read_pools_step(const Node& node, const StepContext& context);
Action read_events_step(const Node& node, const StepContext& context);
Action read_engine_step(const Node& node, const StepContext& context);
Action read_peer_step(const Node& node, const StepContext& context);
// --- read_wait_steps.cc
Action read_wait_step(const Node& node, const StepContext& context);
Action read_counted_step(const Node& node, const StepContext& context);

// --- Shared by the readers.
Bounds read_bounds(const Node& node);  // a number, or {"min": .., "max": ..}
CountBounds read_optional_bounds(const Node& node, std::string_view field);
ReportBounds read_report(const Node& node);
void read_place(const Node& node, Place& place);  // its fields "at" and "db"
// A step's "django" may replace only these fields, and only in a case with a divergence.
void check_django(const Node& step, const StepContext& context,
                  std::initializer_list<std::string_view> fields);

}  // namespace djcache::conformance
