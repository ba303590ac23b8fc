#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/undumped_buffer.h"
#include "gateway/config/config_loader.h"
#include "tests/support/scratch_directory.h"

namespace trapline::gateway {
namespace {

using test_support::ScratchDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

base::Result<Config, ConfigErrors> load_community(const ScratchDirectory& scratch,
                                                  std::string_view value) {
  return load_config(scratch.write(
      "c.yaml", "communities:\n  - name: a\n    community: " + std::string(value) + "\n"));
}

std::string community_of(const base::Result<Config, ConfigErrors>& config) {
  if (!config) return "problem: " + config.error().lines.front();
  return std::string(base::as_text(config->communities.at(0).community.reveal()));
}

TEST(SecretReference, FromEnvironmentFileAndCredentials) {
  const ScratchDirectory scratch;
  const std::string file = scratch.write("secret", "from-file\n");
  scratch.write("credentials/noc", "from-credential\r\n");
  ::setenv("TRAPLINE_TEST_COMMUNITY", "from-environment", 1);
  ::setenv("CREDENTIALS_DIRECTORY", (scratch / "credentials").c_str(), 1);
  EXPECT_EQ(community_of(load_community(scratch, "${env:TRAPLINE_TEST_COMMUNITY}")),
            "from-environment");
  EXPECT_EQ(community_of(load_community(scratch, "${file:" + file + "}")), "from-file");
  EXPECT_EQ(community_of(load_community(scratch, "\"${cred:noc}\"")), "from-credential");
  EXPECT_EQ(community_of(load_community(scratch, "a-${cred:noc}-b$${c}-$d")),
            "a-from-credential-b${c}-$d");
}

TEST(SecretReference, IsWipedFromTheEnvironmentAndStillFoundByTheNextLoad) {
  const ScratchDirectory scratch;
  ::setenv("TRAPLINE_TEST_TAKEN", "once-only", 1);
  EXPECT_EQ(community_of(load_community(scratch, "${env:TRAPLINE_TEST_TAKEN}")), "once-only");
  EXPECT_STREQ(::getenv("TRAPLINE_TEST_TAKEN"), "");
  EXPECT_EQ(community_of(load_community(scratch, "${env:TRAPLINE_TEST_TAKEN}")), "once-only");
  ::setenv("TRAPLINE_TEST_TAKEN", "changed", 1);
  EXPECT_EQ(community_of(load_community(scratch, "${env:TRAPLINE_TEST_TAKEN}")), "changed");
}

TEST(SecretReference, OfAnOrdinaryTextLeavesTheEnvironmentAlone) {
  const ScratchDirectory scratch;
  ::setenv("TRAPLINE_TEST_NODE", "gw-7", 1);
  const auto config = load_config(scratch.write("c.yaml", "node: ${env:TRAPLINE_TEST_NODE}\n"));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->node, "gw-7");
  EXPECT_STREQ(::getenv("TRAPLINE_TEST_NODE"), "gw-7");
}

TEST(SecretReference, AMissingOneIsNamedAndNothingItHolds) {
  const ScratchDirectory scratch;
  ::unsetenv("TRAPLINE_TEST_NONE");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  const auto problem = [&](std::string_view value) {
    return community_of(load_community(scratch, value));
  };
  EXPECT_THAT(problem("${env:TRAPLINE_TEST_NONE}"),
              HasSubstr("c.yaml:3:16: `communities[0].community`: ${env:TRAPLINE_TEST_NONE}: the "
                        "environment variable is not set"));
  EXPECT_THAT(problem("${file:/nowhere/x}"), HasSubstr("${file:/nowhere/x}: cannot be read"));
  EXPECT_THAT(problem("${cred:x}"), HasSubstr("${cred:x}: no credentials here"));
  EXPECT_THAT(problem("${vault:x}"), HasSubstr("write ${env:NAME}, ${file:PATH} or ${cred:NAME}"));
  EXPECT_THAT(problem("${env:x"), HasSubstr("no closing brace"));
  ::setenv("CREDENTIALS_DIRECTORY", "/tmp", 1);
  EXPECT_THAT(problem("${cred:../etc/passwd}"), HasSubstr("a plain file name"));
  const std::string long_one(300, 'k');
  EXPECT_THAT(problem(long_one), Not(HasSubstr("kkk")));
  EXPECT_THAT(problem("[sesame]"), Not(HasSubstr("sesame")));
}

// A text that stands nowhere in this program: it is made octet by octet in memory outside cores.
constexpr std::size_t kCanaryBytes = 24;
void make_canary(base::MutableBytes out, unsigned seed) {
  for (std::size_t i = 0; i < kCanaryBytes; ++i) {
    seed = seed * 1'103'515'245U + 12'345U;
    out[i] = static_cast<std::byte>('a' + (seed >> 16) % 26);
  }
}

struct Mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool dumped = true;
  bool readable = false;
};

// The mappings of this process as a core dump would see them.
std::vector<Mapping> mappings() {
  std::vector<Mapping> all;
  std::ifstream smaps("/proc/self/smaps");
  for (std::string line; std::getline(smaps, line);) {
    Mapping mapping;
    char mode = 0;
    if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %c", &mapping.begin, &mapping.end,
                    &mode) == 3) {
      mapping.readable = mode == 'r';
      all.push_back(mapping);
    } else if (line.starts_with("VmFlags:") && !all.empty()) {
      all.back().dumped = line.find(" dd") == std::string::npos;
    }
  }
  return all;
}

// How often the canary stands in memory that a core dump would hold.
int count_in_core(base::Bytes canary) {
  int found = 0;
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  const base::UndumpedBuffer chunk(std::size_t{1} << 20);
  for (const Mapping& mapping : mappings()) {
    if (!mapping.dumped || !mapping.readable) continue;
    // Chunks overlap, so that no place is cut in two.
    for (std::uint64_t at = mapping.begin; at < mapping.end;
         at += chunk.size_bytes() - canary.size()) {
      const auto wanted = std::min<std::uint64_t>(chunk.size_bytes(), mapping.end - at);
      const ssize_t got = ::pread(memory, chunk.bytes().data(), wanted, static_cast<off_t>(at));
      if (got <= 0) break;
      if (::memmem(chunk.bytes().data(), static_cast<std::size_t>(got), canary.data(),
                   canary.size()) != nullptr) {
        ++found;
      }
    }
  }
  ::close(memory);
  return found;
}

void write_file(const std::string& path, std::string_view before, base::Bytes secret,
                std::string_view after) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const auto put = [&](base::Bytes octets) {
    ASSERT_EQ(::write(file, octets.data(), octets.size()), static_cast<ssize_t>(octets.size()));
  };
  put(base::as_bytes(before));
  put(secret);
  put(base::as_bytes(after));
  ::close(file);
}

bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

TEST(SecretReference, NoCommunityStaysWhereACoreDumpWouldShowIt) {
  if (is_sanitized()) GTEST_SKIP() << "the sanitizer owns the allocator";
  const ScratchDirectory scratch;
  const base::UndumpedBuffer memory(3 * kCanaryBytes);
  std::array<base::MutableBytes, 3> canaries;
  for (unsigned i = 0; i < canaries.size(); ++i) {
    canaries[i] = memory.bytes().subspan(i * kCanaryBytes, kCanaryBytes);
    make_canary(canaries[i], i + 1);
  }
  // As the environment of a process holds it: a string that lives as long as the process.
  static std::array<char, kCanaryBytes + 32> variable{"TRAPLINE_TEST_CANARY="};
  std::memcpy(variable.data() + std::strlen(variable.data()), canaries[2].data(), kCanaryBytes);
  ::putenv(variable.data());
  write_file(scratch / "secret", "", canaries[1], "\n");
  write_file(scratch / "c.yaml", "communities:\n  - { name: a, community: \"", canaries[0],
             "\" }\n  - { name: b, community: \"${file:" + (scratch / "secret") +
                 "}\" }\n  - { name: c, community: \"${env:TRAPLINE_TEST_CANARY}\" }\n");
  ASSERT_EQ(count_in_core(canaries[2]), 1) << "the search must find what is there";

  const auto config = load_config(scratch / "c.yaml");
  ASSERT_TRUE(config) << config.error().lines.front();
  for (std::size_t i = 0; i < canaries.size(); ++i) {
    EXPECT_TRUE(config->communities.at(i).community.equals(canaries[i]));
    EXPECT_EQ(count_in_core(canaries[i]), 0) << "canary " << i;
  }
}

TEST(SecretReference, NorAfterAConfigurationThatIsWrong) {
  if (is_sanitized()) GTEST_SKIP() << "the sanitizer owns the allocator";
  const ScratchDirectory scratch;
  const base::UndumpedBuffer memory(kCanaryBytes);
  make_canary(memory.bytes(), 77);
  write_file(scratch / "c.yaml", "communities:\n  - { name: a, community: \"", memory.bytes(),
             "\", extra: 1 }\nnode: [\n");
  EXPECT_FALSE(load_config(scratch / "c.yaml"));
  EXPECT_EQ(count_in_core(memory.bytes()), 0);
}

}  // namespace
}  // namespace trapline::gateway
