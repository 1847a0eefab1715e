#include "codec/pickle_outline.h"

#include <algorithm>

#include "codec/pickle_outline_tree.h"
#include "codec/pickle_python_2.h"

namespace djcache::codec::pickle {
namespace outline {

bool Outline::read() {
  while (read_instruction(pickle_, at_, now_)) {
    if (now_.op == Op::stop) {
      if (stack_.size() != 1 || !marks_.empty() || at_ + 1 != pickle_.size()) break;
      root_ = stack_[0];
      ++items_[root_].uses;
      return true;
    }
    if (!step(now_)) return false;
    at_ += now_.size;
  }
  return fail(" is not understood");
}

bool Outline::step(const Instruction& now) {
  Inputs inputs;
  switch (now.op) {
    case Op::proto:
      protocol_ = now.number;
      return true;
    case Op::frame:
      return true;
    case Op::mark:
      marks_.push_back(static_cast<std::uint32_t>(stack_.size()));
      return true;
    case Op::pop:
      if (!marks_.empty() && marks_.back() == stack_.size()) {
        marks_.pop_back();
        return true;
      }
      return take(1, inputs);
    case Op::pop_mark:
      return take_marked(inputs);
    case Op::dup:
      if (stack_.empty()) return fail(" needs an object");
      stack_.push_back(stack_.back());
      return true;
    case Op::put:
    case Op::bin_put:
    case Op::long_bin_put:
      return remember(now.number);
    case Op::memoize:
      return remember(put_count_);
    case Op::get:
    case Op::bin_get:
    case Op::long_bin_get:
      if (now.number >= memo_.size() || memo_[now.number] == none) return fail(" recalls nothing");
      stack_.push_back(memo_[now.number]);
      return true;
    case Op::append:
    case Op::build:
      return take(1, inputs) && add_change(inputs);
    case Op::set_item:
      return take(2, inputs) && add_change(inputs);
    case Op::appends:
    case Op::set_items:
    case Op::add_items:
      return take_marked(inputs) && add_change(inputs);
    case Op::tuple1:
      return take(1, inputs) && push(inputs);
    case Op::tuple2:
    case Op::stack_global:
    case Op::reduce:
    case Op::new_obj:
      return take(2, inputs) && push(inputs);
    case Op::tuple3:
    case Op::new_obj_ex:
      return take(3, inputs) && push(inputs);
    case Op::tuple:
    case Op::list:
    case Op::dict:
    case Op::frozen_set:
    case Op::inst:
    case Op::obj:
      return take_marked(inputs) && push(inputs);
    default:
      if (!refusal(static_cast<unsigned char>(now.op)).empty()) {
        return fail(refusal(static_cast<unsigned char>(now.op)));
      }
      return push(inputs);
  }
}

bool Outline::take(std::uint32_t count, Inputs& inputs) {
  const std::size_t fence = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() < fence + count) return fail(" needs objects that are not there");
  inputs.begin = static_cast<std::uint32_t>(inputs_.size());
  inputs.count = count;
  inputs_.insert(inputs_.end(), stack_.end() - count, stack_.end());
  stack_.resize(stack_.size() - count);
  return true;
}

bool Outline::take_marked(Inputs& inputs) {
  if (marks_.empty()) return fail(" needs a MARK before it");
  const auto count = static_cast<std::uint32_t>(stack_.size() - marks_.back());
  if (!take(count, inputs)) return false;
  marks_.pop_back();
  inputs.marked = true;
  return true;
}

bool Outline::remember(std::uint64_t index) {
  if (stack_.empty()) return fail(" needs an object");
  // CPython counts from 0 up, so indexes are hardly larger than the number of objects.
  if (index > 4 * items_.size() + 1024) return fail(": a memo entry out of range");
  if (index >= memo_.size()) memo_.resize(static_cast<std::size_t>(index) + 1, none);
  if (memo_[index] == none) ++put_count_;
  memo_[index] = stack_.back();
  return true;
}

bool Outline::push(const Inputs& inputs) {
  Item& made = items_.emplace_back();
  made.at = static_cast<std::uint32_t>(at_);
  made.size = static_cast<std::uint32_t>(now_.size);
  made.inputs = inputs;
  for (std::uint32_t i = 0; i < inputs.count; ++i) {
    Item& each = items_[input(inputs, i)];
    ++each.uses;
    made.holds_foreign = made.holds_foreign || each.foreign;
  }
  judge(made);
  stack_.push_back(static_cast<std::uint32_t>(items_.size() - 1));
  return true;
}

bool Outline::add_change(const Inputs& inputs) {
  const std::size_t fence = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() <= fence) return fail(" needs objects that are not there");
  const auto index = static_cast<std::uint32_t>(changes_.size());
  Item& target = items_[stack_.back()];
  for (std::uint32_t i = 0; i < inputs.count; ++i) ++items_[input(inputs, i)].uses;
  changes_.push_back({now_.op, inputs, none});
  (target.last_change == none ? target.first_change : changes_[target.last_change].next) = index;
  target.last_change = index;
  return true;
}

// Decides whether an object is of an unknown class. An object that a known class makes of one
// belongs to it.
void Outline::judge(Item& made) {
  switch (now_.op) {
    case Op::global:
    case Op::stack_global:
      made.is_global = true;
      made.foreign = known(static_cast<std::uint32_t>(items_.size() - 1)) == Global::none;
      return;
    case Op::new_obj_ex:
    case Op::inst:
    case Op::obj:
      made.is_call = made.foreign = true;
      return;
    case Op::reduce:
    case Op::new_obj:
      break;
    default:
      return;
  }
  made.is_call = true;
  Item& arguments = items_[input(made.inputs, 1)];
  arguments.is_arguments = true;
  made.foreign = items_[input(made.inputs, 0)].foreign || arguments.holds_foreign;
}

// The text of a name. A longer text is not a name, and must not be examined for each class that
// refers to it.
std::string_view Outline::text_of(std::uint32_t index) const {
  constexpr std::uint32_t name_max = 4096;
  if (items_[index].size > name_max) return {};
  Instruction made;
  read_instruction(pickle_, items_[index].at, made);
  return made.argument;
}

bool Outline::names_of(const Item& item, std::string_view& module, std::string_view& name) const {
  if (op_of(item) == Op::stack_global) {
    module = text_of(input(item.inputs, 0));
    name = text_of(input(item.inputs, 1));
    return true;
  }
  if (op_of(item) != Op::global && op_of(item) != Op::inst) return false;
  Instruction made;
  read_instruction(pickle_, item.at, made);
  const std::size_t between = made.argument.find('\n');
  module = made.argument.substr(0, between);
  name = made.argument.substr(between + 1);
  if (protocol_ < 3) rename_for_python_3(module, name);
  return true;
}

void Outline::append_instruction(const Item& item, std::string& out) const {
  std::string_view module, name;
  const Op op = op_of(item);
  if (protocol_ < 3 && (op == Op::global || op == Op::inst) && names_of(item, module, name)) {
    out += static_cast<char>(op);
    out.append(module).append("\n").append(name).append("\n");
  } else {
    out += pickle_.substr(item.at, item.size);
  }
}

Global Outline::known(std::uint32_t index) const {
  std::string_view module, name;
  return names_of(items_[index], module, name) ? find_global(module, name) : Global::none;
}

std::string Outline::name_of_global(std::uint32_t index) const {
  std::string_view module, name;
  if (!names_of(items_[index], module, name)) return {};
  return printable(module) + "." + printable(name);
}

// django.db.models.base.model_unpickle(("shops", "Shop")): "shops.Shop".
std::string Outline::name_of_model(const Item& item) const {
  if (!item.is_call || item.inputs.count < 2) return {};
  if (name_of_global(input(item.inputs, 0)) != "django.db.models.base.model_unpickle") return {};
  const Inputs& arguments = items_[input(item.inputs, 1)].inputs;
  if (arguments.count == 0) return {};
  const Inputs& names = items_[input(arguments, 0)].inputs;
  if (names.count != 2) return {};
  return printable(text_of(input(names, 0))) + "." + printable(text_of(input(names, 1)));
}

std::string Outline::class_of(std::uint32_t index) const {
  // A call of a call of ... of a class.
  for (int depth = 0; depth < 16; ++depth) {
    const Item& item = items_[index];
    if (std::string name = name_of_global(index); !name.empty()) return name;
    if (std::string name = name_of_model(item); !name.empty()) return name;
    if (!item.is_call || item.inputs.count == 0) break;
    std::uint32_t next = input(item.inputs, 0);
    const Item& arguments = items_[input(item.inputs, item.inputs.count > 1 ? 1 : 0)];
    // The arguments of copyreg and getattr say more than these functions.
    if (!items_[next].foreign) {
      for (std::uint32_t i = 0; i < arguments.inputs.count; ++i) {
        if (!items_[input(arguments.inputs, i)].foreign) continue;
        next = input(arguments.inputs, i);
        break;
      }
    }
    index = next;
  }
  return "an object";
}

}  // namespace outline

bool take_out_foreign(std::string_view pickle, const Limits& limits, std::string& rewritten,
                      std::vector<std::string>& opaques, Error& error) {
  const std::size_t size_max = std::min(limits.max_bytes, 64 * pickle.size() + (64u << 10));
  const std::size_t written = pickle.size() + 2 * size_max;
  Memory::restart(std::max<std::size_t>(
      1u << 20, limits.max_memory() > written ? limits.max_memory() - written : 0));
  try {
    outline::Outline outline(pickle, error);
    return outline.read() && outline::rewrite(outline, limits, rewritten, opaques, error, size_max);
  } catch (const TooMuchMemory&) {
    return fail(error,
                std::string(no_memory_left) + std::to_string(limits.max_memory()) + " bytes");
  }
}

OpaqueParts parts_of_opaque(std::string_view opaque) {
  const std::size_t end = opaque.find('\0');
  return {opaque.substr(0, end), opaque.substr(end + 1)};
}

}  // namespace djcache::codec::pickle
