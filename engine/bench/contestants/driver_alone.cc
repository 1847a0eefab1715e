// No client: answers from memory on the next turn of the loop. Its figures are the overhead that
// the driver adds to every contestant's figures.
#include "contestants/contestant.h"

namespace djcache::bench {
namespace {

class DriverAlone final : public Contestant {
 public:
  explicit DriverAlone(const Workload& workload) : values_(workload.keys, workload.value_bytes) {
    pending_.reserve(workload.in_flight);
    answering_.reserve(workload.in_flight);
  }

  std::string open(uv_loop_t& loop, const Endpoint&, ReplySink& sink) override {
    sink_ = &sink;
    uv_idle_init(&loop, &idle_);
    idle_.data = this;
    uv_idle_start(&idle_, [](uv_idle_t* idle) { static_cast<DriverAlone*>(idle->data)->turn(); });
    return "";
  }

  void get(std::uint32_t slot, const Key& key) override { pending_.push_back({slot, &key}); }
  void set(std::uint32_t slot, const Key&, std::string_view) override {
    pending_.push_back({slot, nullptr});
  }
  void close() override { uv_close(reinterpret_cast<uv_handle_t*>(&idle_), nullptr); }

 private:
  struct Pending {
    std::uint32_t slot;
    const Key* key;  // Null for a SET.
  };

  void turn() {
    answering_.swap(pending_);
    for (const Pending& each : answering_) {
      if (each.key == nullptr) {
        sink_->on_stored(each.slot);
      } else {
        // The driver's keys are in one array, in the order of their digits.
        sink_->on_value(each.slot, values_.value_of(index_of(*each.key)));
      }
    }
    answering_.clear();
  }

  std::uint32_t index_of(const Key& key) {
    if (first_ == nullptr) first_ = &key - std::stoul(key.bare.substr(4));
    return static_cast<std::uint32_t>(&key - first_);
  }

  KeySet values_;
  const Key* first_ = nullptr;
  std::vector<Pending> pending_;
  std::vector<Pending> answering_;
  uv_idle_t idle_{};
  ReplySink* sink_ = nullptr;
};

}  // namespace

std::unique_ptr<Contestant> make_driver_alone(const Workload& workload) {
  return std::make_unique<DriverAlone>(workload);
}

}  // namespace djcache::bench
