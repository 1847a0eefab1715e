#include "redis/join.h"

namespace djcache::redis {

namespace {

class Values final : public ManyBytes {
 public:
  explicit Values(const std::vector<std::optional<std::string>>& values) : values_(values) {}
  bool next(std::string_view& bytes) override {
    const auto& value = values_[at_++];
    if (value) bytes = *value;
    return value.has_value();
  }

 private:
  const std::vector<std::optional<std::string>>& values_;
  std::size_t at_ = 0;
};

}  // namespace

class Join::Part final : public Call {
 public:
  Part(Join* join, std::vector<std::size_t> places) : join_(join), places_(std::move(places)) {}
  ~Part() override {
    if (join_ != nullptr) join_->dropped();
  }

  void finish(const Outcome& outcome) override {
    Join* join = std::exchange(join_, nullptr);
    const std::vector<std::size_t> places = std::move(places_);
    release();
    join->ended(places, outcome);
  }

 private:
  void give_up(const Error&) override {}  // no ticket exists, so it is never given up

  Join* join_;
  std::vector<std::size_t> places_;
};

Join* Join::start(Calls& calls, Call* whole, std::size_t values) {
  return new Join(calls, whole, values);
}

Join::Join(Calls& calls, Call* whole, std::size_t values)
    : calls_(calls), whole_(whole->ticket()), values_(values) {}

Call* Join::make_part(std::vector<std::size_t> places) {
  Call* part = calls_.make<Part>(this, std::move(places));
  ++open_;
  return part;
}

void Join::ended(const std::vector<std::size_t>& places, const Outcome& outcome) {
  const std::unique_ptr<Join, Release> ending(this);
  if (outcome.error != nullptr) {
    if (!error_) error_ = *outcome.error;
  } else if (outcome.many == nullptr) {
    count_ += outcome.integer;
  } else {
    for (const std::size_t place : places) {
      std::string_view bytes;
      if (outcome.many->next(bytes)) values_[place] = std::string(bytes);
    }
  }
  if (open_ > 1) return;
  Call* whole = calls_.find_also_given_up(whole_);
  if (whole == nullptr) return;
  Values values(values_);
  Outcome joined;
  joined.error = error_ ? &*error_ : nullptr;
  joined.many = &values;
  joined.integer = count_;
  whole->finish(joined);
}

void Join::dropped() {
  if (--open_ == 0) delete this;
}

}  // namespace djcache::redis
