// AdapterSubject: the code under test is a program that speaks PROTOCOL.md. Every message is
// answered before the replay continues.
#pragma once

#include "src/adapter/adapter.h"
#include "src/subject/subject.h"

namespace djcache::conformance {

class AdapterSubject final : public Subject {
 public:
  AdapterSubject(const SubjectSetup& setup, Adapter& adapter, std::string flavour);

  void create() override;
  void destroy() override;
  // An adapter has no engine, so nothing is disconnected before it is destroyed.
  bool exists() const override { return false; }
  void start(const Call& call, std::shared_ptr<Pending> pending) override;
  void begin(const Call& call, std::shared_ptr<Pending> pending) override;
  void finish(Pending& pending) override;
  bool cancel(const Pending&) override { return false; }
  void disconnect(const DisconnectStep& step, std::shared_ptr<Pending> pending) override;
  std::vector<PoolInfo> pools() const override { return {}; }
  const Trouble& trouble() const override { return trouble_; }

 private:
  Json ask(const Json& message);
  void settle(const Json& answer, Pending& pending);
  void read_answer(const Json& answer, Pending& pending);

  const SubjectSetup setup_;
  Adapter& adapter_;
  std::string flavour_;
  std::map<const Pending*, std::string> begun_;  // not yet awaited
  int names_ = 0;
  Trouble trouble_;
};

// Why a case does not apply to adapters at all; "" if it does.
std::string not_for_adapters(const Case& c);
// What a case needs that the adapter does not support; "" if nothing.
std::string not_supported(const Case& c, const Hello& hello);

}  // namespace djcache::conformance
