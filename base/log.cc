#include "base/log.h"

#include <unistd.h>

#include <ctime>

#include "base/json_writer.h"

namespace trapline::base {
namespace {

constexpr std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  return "error";
}

// RFC 3339 in UTC with milliseconds.
std::string rfc3339(WallTime time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const std::time_t whole = seconds.count();
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string milliseconds = std::to_string((since_epoch - seconds).count());
  milliseconds.insert(0, 3 - milliseconds.size(), '0');
  return std::string(text, size) + "." + milliseconds + "Z";
}

// logfmt needs quotes around anything but a plain word.
bool is_plain_word(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\') return false;
  }
  return true;
}

void append_logfmt(std::string& line, std::string_view name, std::string_view value) {
  if (!line.empty()) line += ' ';
  line += name;
  line += '=';
  if (is_plain_word(value)) {
    line += value;
    return;
  }
  line += '"';
  append_json_escaped(line, value);
  line += '"';
}

}  // namespace

bool LogSite::allow(BootTime now, std::uint64_t& suppressed) {
  const std::lock_guard lock(mutex_);
  if (now - second_began_ >= std::chrono::seconds(1)) {
    second_began_ = now;
    written_ = 0;
  }
  if (written_ == kPerSecond) {
    ++suppressed_;
    return false;
  }
  ++written_;
  suppressed = suppressed_;
  suppressed_ = 0;
  return true;
}

Log::Log(LogFormat format, LogLevel least, const Clock& clock, Sink sink)
    : format_(format), least_(least), clock_(clock), sink_(std::move(sink)) {}

void Log::write(LogLevel level, std::string_view id, std::string_view message,
                std::initializer_list<LogField> fields) {
  if (level >= least_) emit(level, id, message, fields, 0);
}

void Log::write_limited(LogSite& site, LogLevel level, std::string_view id,
                        std::string_view message, std::initializer_list<LogField> fields) {
  std::uint64_t suppressed = 0;
  if (level < least_ || !site.allow(clock_.boot(), suppressed)) return;
  emit(level, id, message, fields, suppressed);
}

void Log::emit(LogLevel level, std::string_view id, std::string_view message,
               std::initializer_list<LogField> fields, std::uint64_t suppressed) {
  std::string line;
  if (format_ == LogFormat::json) {
    JsonWriter json(line);
    json.begin_object();
    json.key("time"), json.value(std::string_view(rfc3339(clock_.wall())));
    json.key("level"), json.value(name_of(level));
    json.key("id"), json.value(id);
    json.key("msg"), json.value(message);
    for (const LogField& field : fields) {
      json.key(field.name);
      json.value(std::string_view(field.value));
    }
    if (suppressed != 0) json.key("suppressed"), json.value(suppressed);
    json.end_object();
  } else {
    append_logfmt(line, "time", rfc3339(clock_.wall()));
    append_logfmt(line, "level", name_of(level));
    append_logfmt(line, "id", id);
    append_logfmt(line, "msg", message);
    for (const LogField& field : fields) append_logfmt(line, field.name, field.value);
    if (suppressed != 0) append_logfmt(line, "suppressed", std::to_string(suppressed));
  }
  line += '\n';
  sink_(line);
}

Log::Sink Log::to_stderr() {
  return [](std::string_view line) {
    // A log line that cannot be written is lost on purpose: there is nowhere to say so.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  };
}

}  // namespace trapline::base
