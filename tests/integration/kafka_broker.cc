#include "tests/integration/kafka_broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

namespace trapline::integration {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test_support::run_program;
using test_support::wait_until;

constexpr auto kServesWithin = 2min;

// Two different ports that nobody on 127.0.0.1 has at this moment.
std::pair<std::uint16_t, std::uint16_t> free_tcp_ports() {
  std::uint16_t ports[2] = {};
  int sockets[2] = {};
  for (int i = 0; i < 2; ++i) {
    sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (bind(sockets[i], any, size) == 0 && getsockname(sockets[i], any, &size) == 0) {
      ports[i] = ntohs(address.sin_port);
    }
  }
  for (const int each : sockets) close(each);
  return {ports[0], ports[1]};
}

std::string jars() {
  if (!std::filesystem::exists(TRAPLINE_KAFKA_JARS "/.complete")) {
    std::fputs("no Kafka broker in " TRAPLINE_KAFKA_JARS ": run `./dev test`\n", stderr);
    std::exit(1);
  }
  return TRAPLINE_KAFKA_JARS;
}

std::string node_properties(const std::string& address, std::uint16_t controller,
                            const std::string& data) {
  const std::string voter = "127.0.0.1:" + std::to_string(controller);
  return "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@" + voter +
         "\nlisteners=PLAINTEXT://" + address + ",CONTROLLER://" + voter +
         "\ncontroller.listener.names=CONTROLLER\n"
         "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
         "offsets.topic.replication.factor=1\noffsets.topic.num.partitions=1\n"
         "group.initial.rebalance.delay.ms=0\n"
         // Until it may be started again after it was killed.
         "broker.session.timeout.ms=2000\nbroker.heartbeat.interval.ms=500\n"
         "controller.quorum.election.timeout.ms=300\nnum.partitions=" +
         std::to_string(KafkaBroker::kPartitions) + "\nlog.dirs=" + data + "\n";
}

constexpr const char* kLogging =
    "log4j.rootLogger=WARN, stderr\n"
    "log4j.appender.stderr=org.apache.log4j.ConsoleAppender\n"
    "log4j.appender.stderr.target=System.err\n"
    "log4j.appender.stderr.layout=org.apache.log4j.PatternLayout\n"
    "log4j.appender.stderr.layout.ConversionPattern=%d %p %c: %m%n\n";

// What kcat printed, a line of JSON per record.
std::vector<KafkaMessage> messages_of(const std::string& out) {
  std::vector<KafkaMessage> all;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    const json record = json::parse(line, nullptr, false);
    if (record.is_discarded()) break;  // ended in the middle of it
    KafkaMessage& message = all.emplace_back();
    message.partition = record["partition"];
    if (record["key"].is_string()) message.key = record["key"];
    if (record["payload"].is_string()) message.value = record["payload"];
    const json headers = record.value("headers", json::array());
    for (std::size_t i = 0; i + 1 < headers.size(); i += 2) {
      message.headers[headers[i].get<std::string>()] = headers[i + 1];
    }
  }
  return all;
}

}  // namespace

KafkaBroker::KafkaBroker() {
  const auto [port, controller] = free_tcp_ports();
  address_ = "127.0.0.1:" + std::to_string(port);
  properties_ =
      scratch_.write("server.properties", node_properties(address_, controller, scratch_ / "data"));
  scratch_.write("log4j.properties", kLogging);
  // Any 16 octets in base64 name a cluster.
  log_ = run_program(java("kafka.tools.StorageTool",
                          {"format", "-t", "dHJhcGxpbmUtdGVzdHMtMQ", "-c", properties_}),
                     {}, kServesWithin)
             .err;
}

std::vector<std::string> KafkaBroker::java(const std::string& main_class,
                                           std::vector<std::string> arguments) {
  // What starts soonest and takes the least of the machine.
  std::vector<std::string> all = {
      "java", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", jars() + "/*"};
  all.push_back(main_class);
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

void KafkaBroker::launch() {
  if (process_) log_ += process_->err();
  process_ = std::make_unique<test_support::Process>(
      java("kafka.Kafka", {properties_}),
      std::vector<std::string>{"JAVA_TOOL_OPTIONS=-Dlog4j.configuration=file:" +
                               (scratch_ / "log4j.properties")});
}

bool KafkaBroker::start() {
  launch();
  return wait_until(
             [&] {
               return !process_->running() ||
                      run_program({"kcat", "-b", address_, "-L", "-m", "1"}).exit_code == 0;
             },
             kServesWithin) &&
         process_->running();
}

void KafkaBroker::kill() {
  process_->signal(SIGKILL);
  static_cast<void>(process_->wait());
}

std::string KafkaBroker::log() const { return log_ + (process_ ? process_->err() : std::string()); }

std::map<int, std::int64_t> KafkaBroker::ends(const std::string& topic) const {
  constexpr const char* kEnd = ":-1";
  std::vector<std::string> arguments = {"kcat", "-b", address_, "-Q"};
  for (int partition = 0; partition < kPartitions; ++partition) {
    arguments.insert(arguments.end(), {"-t", topic + ':' + std::to_string(partition) + kEnd});
  }
  std::map<int, std::int64_t> ends;
  std::istringstream lines(run_program(arguments, {}, kServesWithin).out);  // "traps [0] offset 7"
  for (std::string line; std::getline(lines, line);) {
    const std::size_t partition = line.rfind('[');
    const std::size_t offset = line.rfind(' ');
    if (partition == std::string::npos) continue;
    ends[std::stoi(line.substr(partition + 1))] = std::stoll(line.substr(offset + 1));
  }
  return ends;
}

// Nothing is ever deleted, and no transaction leaves its marks: what a partition holds are so many
// records as its end says.
std::vector<KafkaMessage> KafkaBroker::consume(const std::string& topic) const {
  std::vector<KafkaMessage> all;
  const auto is_whole = [&] {
    std::map<int, std::int64_t> wanted = ends(topic);
    if (wanted.size() != static_cast<std::size_t>(kPartitions)) return false;
    const auto read = run_program(
        {"kcat", "-b", address_, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J"}, {},
        kServesWithin);
    all = messages_of(read.out);
    for (const KafkaMessage& message : all) --wanted[message.partition];
    const bool whole =
        std::ranges::all_of(wanted, [](const auto& each) { return each.second == 0; });
    if (!whole)
      std::fprintf(stderr, "kcat (exit %d) read less than there is: %s\n", read.exit_code,
                   read.err.c_str());
    return whole;
  };
  EXPECT_TRUE(wait_until(is_whole, kServesWithin)) << "kcat cannot read all of " << topic;
  return all;
}

}  // namespace trapline::integration
