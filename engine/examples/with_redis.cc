// Runs an example against a redis-server of its own: djcache_with_redis <program> [argument...]
//
// The program finds the server's URL in DJCACHE_EXAMPLE_URL. Exit code: 0 if the program ended with
// 0 and left no client on the server, otherwise 1. With --silent before the program, the server
// accepts connections but answers nothing, and the program must end with exit code 1. The program
// is killed after 30 s.
#include <djcache/harness/inspector.h>
#include <djcache/harness/loop_runner.h>
#include <djcache/harness/redis_server.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace djcache::harness;
using namespace std::chrono_literals;

namespace {

struct Program {
  uv_process_t process{};
  bool ended = false;
  std::int64_t status = -1;  // its exit code; -1 if a signal ended it
};

void on_exit(uv_process_t* process, std::int64_t status, int signal) {
  auto* program = static_cast<Program*>(process->data);
  program->status = signal == 0 ? status : -1;
  uv_close(reinterpret_cast<uv_handle_t*>(process),
           [](uv_handle_t* handle) { static_cast<Program*>(handle->data)->ended = true; });
}

std::int64_t run(char** command) {
  LoopRunner runner;
  Program program;
  program.process.data = &program;
  uv_stdio_container_t streams[3] = {};
  for (int i = 1; i < 3; ++i) {
    streams[i].flags = UV_INHERIT_FD;
    streams[i].data.fd = i;
  }
  uv_process_options_t options{};
  options.file = command[0];
  options.args = command;
  options.exit_cb = on_exit;
  options.stdio = streams;
  options.stdio_count = 3;
  if (const int error = uv_spawn(&runner.loop(), &program.process, &options); error != 0) {
    std::fprintf(stderr, "cannot run %s: %s\n", command[0], uv_strerror(error));
    on_exit(&program.process, 1, 0);
  }
  const auto has_ended = [&] { return program.ended; };
  if (!runner.run_until(has_ended, 30s)) {
    std::fprintf(stderr, "%s did not end within 30 s\n", command[0]);
    uv_process_kill(&program.process, SIGKILL);
    if (!runner.run_until(has_ended)) std::exit(1);
  }
  return program.status;
}

}  // namespace

int main(int argc, char** argv) {
  const bool silent = argc > 1 && std::string(argv[1]) == "--silent";
  char** const command = argv + (silent ? 2 : 1);
  if (*command == nullptr) {
    std::fprintf(stderr, "usage: %s [--silent] <program> [argument...]\n", argv[0]);
    return 2;
  }
  auto server = RedisServer::start();
  auto inspector = server ? Inspector::open(server->endpoint()) : Opened<Inspector>{};
  if (!server || !inspector) {
    std::fprintf(stderr, "no redis-server: %s%s\n", server.problem.c_str(),
                 inspector.problem.c_str());
    return 1;
  }
  uv_os_setenv("DJCACHE_EXAMPLE_URL", server->url().c_str());
  if (silent && !server->stop()) return 1;
  const std::int64_t status = run(command);
  if (silent && !server->cont()) return 1;
  if (const Outcome left = inspector->wait_for_clients(0); !left) {
    std::fprintf(stderr, "the program left clients on the server: %s\n", left.problem.c_str());
    return 1;
  }
  return status == (silent ? 1 : 0) ? 0 : 1;
}
