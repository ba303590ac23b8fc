// No SNMPv3 password and no key made of one in any file, log line or core of a run.

#include <filesystem>

#include <gtest/gtest.h>

#include "gateway/engine_id_text.h"
#include "protocol/usm/keys.h"
#include "tests/integration/running_gateway.h"

namespace trapline::integration {
namespace {

namespace fs = std::filesystem;
namespace usm = protocol::usm;
using test_support::read_file;
using test_support::run_program;
using test_support::ScratchDirectory;

constexpr const char* kSenderEngine = "80001f880463616e617279";
constexpr usm::AuthProtocol kAuth = usm::AuthProtocol::sha256;
constexpr usm::PrivProtocol kPriv = usm::PrivProtocol::aes256;

// What must be nowhere: each with a name to be told by.
struct Canary {
  std::string name;
  std::string octets;
};

class V3Canary : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string user = "    - { name: noc, auth: sha256, priv: aes256";
    for (const char* which : {"auth", "priv"}) {
      user += std::string(", ") + which + "_password: " + secret(which);
    }
    user += ",\n        next: { auth_password: " + secret("next-auth") +
            ", priv_password: " + secret("next-priv") + " } }\n";
    gateway_.config_path = scratch_.write(
        "trapline.yaml",
        "data_dir: " + gateway_.data_dir() + "\nlisteners:\n  - udp: " + gateway_.v4() +
            "\nlog: { level: debug }\nv3:\n  users:\n" + user +
            "sinks:\n  events: { type: file, path: " + gateway_.events_path() + " }\n");
    ASSERT_TRUE(gateway_.start()) << gateway_.log();
    const std::string own = gateway_.status()["v3"]["engine_id"];
    for (const std::string& which : passwords_) add_keys(which, {own, kSenderEngine});
  }

  static std::string password(const std::string& which) { return "canary-7be1-" + which + "-f03c"; }

  // A reference to the file of a password.
  std::string secret(const std::string& which) {
    passwords_.push_back(which);
    return "\"${file:" + scratch_.write("secret/" + which, password(which)) + "}\"";
  }

  void add(std::string name, base::Bytes octets) {
    canaries_.push_back({std::move(name), std::string(base::as_text(octets))});
  }

  // The password, its Ku, and what is made of that for each engine.
  void add_keys(const std::string& which, const std::vector<std::string>& engines) {
    add(which, base::as_bytes(password(which)));
    const usm::KeyOctets master = usm::stretch(base::as_bytes(password(which)), kAuth);
    add(which + " Ku", master.bytes());
    for (const std::string& engine : engines) {
      const auto id = gateway::parse_engine_id(engine);
      ASSERT_TRUE(id) << engine;
      add(which + " Kul", usm::localize(master.bytes(), *id, kAuth).bytes());
      add(which + " privacy key",
          usm::privacy_key(master.bytes(), *id, kAuth, kPriv, usm::KeyExtension::blumenthal)
              .bytes());
    }
  }

  void send(const std::string& kind, const std::string& auth, const std::string& priv) {
    std::vector<std::string> words = {"send",
                                      kind,
                                      "--version",
                                      "v3",
                                      "--user",
                                      "noc",
                                      "--auth",
                                      "sha256",
                                      "--auth-password",
                                      password(auth),
                                      "--priv",
                                      "aes256",
                                      "--priv-password",
                                      password(priv)};
    if (kind == "trap") words.insert(words.end(), {"--engine-id", kSenderEngine});
    words.insert(words.end(),
                 {"--retries", "0", "--timeout-ms", "2000", gateway_.v4(), "IF-MIB::linkDown"});
    const Finished done = trapline(words);
    expect_clean("what send says", done.out + done.err);
  }

  void expect_clean(const std::string& where, const std::string& text) const {
    for (const Canary& canary : canaries_) {
      EXPECT_EQ(text.find(canary.octets), std::string::npos) << canary.name << " in " << where;
    }
  }

  ScratchDirectory scratch_;
  RunningGateway gateway_{scratch_.path()};
  std::vector<std::string> passwords_;
  std::vector<Canary> canaries_;
};

TEST_F(V3Canary, IsNowhere) {
  for (const char* kind : {"trap", "inform"}) {
    send(kind, "auth", "priv");
    send(kind, "next-auth", "next-priv");
    send(kind, "next-auth", "auth");  // a wrong privacy password
    send(kind, "priv", "auth");       // wrong both
  }
  ASSERT_EQ(gateway_.wait_for_events(4).size(), 4U) << gateway_.log();
  expect_clean("status", gateway_.status().dump());
  const std::string pid = std::to_string(gateway_.process().pid());
  const Finished cored = run_program({"gcore", "-o", scratch_ / "core", pid});
  ASSERT_EQ(cored.exit_code, 0) << cored.err;
  const std::string core = read_file(scratch_ / ("core." + pid));
  EXPECT_NE(core.find("IF-MIB::linkDown"), std::string::npos) << "the core holds no events";
  ASSERT_EQ(gateway_.stop(), 0);
  expect_clean("log", gateway_.log());
  expect_clean("journal dump",
               trapline({"journal", "dump", "--json", "--data-dir", gateway_.data_dir()}).out);
  fs::remove_all(scratch_ / "secret");
  std::size_t searched = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(scratch_.path())) {
    if (!entry.is_regular_file()) continue;
    expect_clean(entry.path(), read_file(entry.path()));
    ++searched;
  }
  EXPECT_GE(searched, 4U);  // configuration, journal, engine, events, core
}

}  // namespace
}  // namespace trapline::integration
