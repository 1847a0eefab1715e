#include <djcache/harness/handle_census.h>

#include <algorithm>

namespace djcache::harness {
namespace {

// handle->data points to it in marked handles.
char harness_mark;

int descriptor_of(const uv_handle_t* handle) {
  uv_os_fd_t fd = -1;
  return uv_fileno(handle, &fd) == 0 ? fd : -1;
}

void note(uv_handle_t* handle, void* into) {
  const char* type = uv_handle_type_name(uv_handle_get_type(handle));
  static_cast<std::vector<HandleInfo>*>(into)->push_back({
      .type = type != nullptr ? type : "unknown",
      .active = uv_is_active(handle) != 0,
      .has_ref = uv_has_ref(handle) != 0,
      .closing = uv_is_closing(handle) != 0,
      .fd = descriptor_of(handle),
      .of_harness = uv_handle_get_data(handle) == &harness_mark,
      .handle = handle,
  });
}

bool contains(const std::vector<HandleInfo>& handles, const HandleInfo& wanted) {
  return std::any_of(handles.begin(), handles.end(), [&](const HandleInfo& info) {
    return info.handle == wanted.handle && info.type == wanted.type;
  });
}

}  // namespace

std::vector<HandleInfo> census(uv_loop_t& loop) {
  std::vector<HandleInfo> handles;
  uv_walk(&loop, note, &handles);
  return handles;
}

std::string format(const std::vector<HandleInfo>& handles) {
  if (handles.empty()) return "no handles";
  std::string out;
  for (const auto& info : handles) {
    if (!out.empty()) out += ", ";
    out += info.type;
    if (info.fd >= 0) out += " fd=" + std::to_string(info.fd);
    if (info.active) out += " active";
    if (info.has_ref) out += " ref";
    if (info.closing) out += " closing";
    if (info.of_harness) out += " (of the harness)";
  }
  return out;
}

CensusDiff diff(const std::vector<HandleInfo>& before, const std::vector<HandleInfo>& after) {
  CensusDiff out;
  std::copy_if(after.begin(), after.end(), std::back_inserter(out.added),
               [&](const HandleInfo& info) { return !contains(before, info); });
  std::copy_if(before.begin(), before.end(), std::back_inserter(out.gone),
               [&](const HandleInfo& info) { return !contains(after, info); });
  return out;
}

void mark_as_harness(uv_handle_t* handle) { uv_handle_set_data(handle, &harness_mark); }

}  // namespace djcache::harness
