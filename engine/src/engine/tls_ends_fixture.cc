#include "engine/tls_ends_fixture.h"

#include <djcache/harness/redis_server.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

namespace djcache {

namespace {

[[noreturn]] void run_program(char* const* words, int input, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(input, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  ::execv(words[0], words);
  ::_exit(127);
}

}  // namespace

std::unique_ptr<TlsEnd> TlsEnd::stunnel(const TlsEndOptions& options, std::uint16_t port) {
  std::unique_ptr<TlsEnd> end(new TlsEnd);
  end->port_ = harness::unused_port();
  const std::string file = options.shows.cert_file + ".stunnel";
  std::ofstream config(file);
  config << "foreground = yes\npid =\ndebug = notice\nsyslog = no\n[redis]\n"
         << "accept = 127.0.0.1:" << end->port_ << "\nconnect = 127.0.0.1:" << port
         << "\ncert = " << options.shows.cert_file << "\nkey = " << options.shows.key_file << '\n';
  if (*options.version != '\0') config << "sslVersion = " << options.version << '\n';
  if (options.wants_clients) {
    config << "verifyChain = yes\nrequireCert = yes\nCAfile = " << options.shows.ca_file << '\n';
  }
  config.close();
  if (!end->start({"/usr/bin/stunnel4", file})) return nullptr;
  return end->says("Configuration successful") ? std::move(end) : nullptr;
}

std::unique_ptr<TlsEnd> TlsEnd::openssl(const TlsEndOptions& options) {
  if (::access("/usr/bin/openssl", X_OK) != 0) return nullptr;
  std::unique_ptr<TlsEnd> end(new TlsEnd);
  end->port_ = harness::unused_port();
  // Without a buffer, so that what it says is heard when it says it.
  std::vector<std::string> words = {"/usr/bin/stdbuf", "-o0", "/usr/bin/openssl", "s_server"};
  words.insert(words.end(), {"-accept", "127.0.0.1:" + std::to_string(end->port_), "-cert",
                             options.shows.cert_file, "-key", options.shows.key_file});
  const std::string version = options.version;
  if (version == "TLSv1.2") words.emplace_back("-tls1_2");
  if (version == "TLSv1.3") words.emplace_back("-tls1_3");
  if (options.wants_clients) {
    words.insert(words.end(),
                 {"-CAfile", options.shows.ca_file, "-Verify", "1", "-verify_return_error"});
  }
  if (!end->start(words)) return nullptr;
  return end->says("ACCEPT") ? std::move(end) : nullptr;
}

bool TlsEnd::start(const std::vector<std::string>& words) {
  if (::access(words[0].c_str(), X_OK) != 0) return false;
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return false;
  input_ = in[1];
  output_ = out[0];
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) run_program(arguments.data(), in[0], out[1]);
  ::close(in[0]);
  ::close(out[1]);
  if (pid_ < 0) return false;
  listener_ = std::thread([this] { listen_to_it(); });
  return true;
}

TlsEnd::~TlsEnd() {
  kill9();
  if (listener_.joinable()) listener_.join();
  ::close(input_);
  ::close(output_);
}

void TlsEnd::kill9() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

// To the end of it.
void TlsEnd::listen_to_it() {
  std::array<char, 4096> room{};
  for (ssize_t size; (size = ::read(output_, room.data(), room.size())) > 0;) {
    const std::lock_guard lock(mutex_);
    said_.append(room.data(), static_cast<std::size_t>(size));
    answer(std::string_view(said_).substr(answered_));
  }
}

// What redis answers to the commands that a get needs. s_server itself prints none of these.
void TlsEnd::answer(std::string_view said) {
  constexpr std::pair<std::string_view, std::string_view> answers[] = {
      {"SETNAME\r\n", "+OK\r\n"}, {"PING\r\n", "+PONG\r\n"}, {"GET\r\n", "$1\r\n7\r\n"}};
  std::size_t used = 0;
  for (const auto& [command, reply] : answers) {
    const std::size_t at = said.find(command);
    if (at == said.npos) continue;
    used = std::max(used, at + command.size());
    (void)!::write(input_, reply.data(), reply.size());
  }
  answered_ += used;
}

void TlsEnd::type(const std::string& command) {
  (void)!::write(input_, (command + "\n").data(), command.size() + 1);
}

bool TlsEnd::says(const std::string& text, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    {
      const std::lock_guard lock(mutex_);
      const std::size_t at = said_.find(text, waited_for_);
      if (at != std::string::npos) return waited_for_ = at + text.size(), true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace djcache
