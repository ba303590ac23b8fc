// Rendering an event allocates nothing once the line has its capacity. This file replaces the
// program's operator new by one that counts.

#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "sinks/delivery_window.h"
#include "sinks/event_json.h"
#include "sinks/event_text.h"
#include "sinks/snmptrapd_text.h"
#include "tests/sinks/test_event.h"

namespace {

thread_local std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace trapline::sinks {
namespace {

template <class Append>
std::size_t allocations_of(Append append) {
  const auto& mibs = protocol::mib::MibIndex::built_in();
  const TestEvent events[] = {{link_down(), "gw-1-5f3a-17"},
                              {trap_with_text("a\r\n\"\xff"), "gw-1-5f3a-18"},
                              {trap_with_text("\x01"
                                              "binary"),
                               "gw-1-5f3a-19"}};
  std::string out;
  out.reserve(4'096);
  for (const TestEvent& event : events) append(event.event, mibs, out);
  const std::size_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    for (const TestEvent& event : events) {
      out.clear();
      append(event.event, mibs, out);
    }
  }
  return allocations - before;
}

TEST(Allocations, NonePerEventInAnyFormat) {
  EXPECT_EQ(allocations_of(append_event_json), 0U);
  EXPECT_EQ(allocations_of(append_event_text), 0U);
  EXPECT_EQ(allocations_of(append_snmptrapd_text), 0U);
}

TEST(Allocations, NonePerEventInTheWindowOnceItHasGrown) {
  DeliveryWindow window(4'096);
  for (std::uint64_t lsn = 1; lsn <= 4'096; ++lsn) static_cast<void>(window.add(lsn));
  const std::size_t before = allocations;
  for (std::uint64_t lsn = 1; lsn < 100'000; ++lsn) {
    window.answer_through(window.last_sequence() - 4'095);
    static_cast<void>(window.add(lsn));
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace trapline::sinks
