#include "gateway/engine_store.h"

#include "gateway/engine_id_text.h"
#include "gateway/journal/event_record.h"
#include "tests/gateway/journal/sim_journal.h"

namespace trapline::gateway::journal {
namespace {

using namespace std::chrono_literals;
using protocol::usm::Timeliness;

std::vector<std::byte> engine_id(std::uint32_t number) {
  std::vector<std::byte> id = *parse_engine_id("80001f8880aabbcc00000000");
  for (unsigned i = 0; i < 4; ++i) id[8 + i] = static_cast<std::byte>(number >> (8 * i));
  return id;
}

// An authenticated v3 trap of this engine, as EVENT payload.
std::vector<std::byte> event_of(base::Bytes engine, std::int32_t boots, std::int32_t time,
                                protocol::PduKind pdu = protocol::PduKind::trap) {
  static const auto kPdu = *parse_engine_id("a70e020101020100020100300300000000");
  protocol::TrapMessage message;
  message.version = protocol::Version::v3;
  message.pdu = pdu;
  message.security.level = protocol::SecurityLevel::auth_priv;
  message.security.name = "noc";
  message.security.engine_id = engine;
  message.security.engine_boots = boots;
  message.security.engine_time = time;
  std::vector<std::byte> payload(event_bytes(message, kPdu));
  (void)encode_event(message, kPdu, {}, payload);
  return payload;
}

class EngineStoreTest : public SimJournalTest {
 protected:
  EngineStoreTest() { restart(); }

  // The gateway ends and begins again, some time later; what it knew is what the journal says.
  void restart(std::chrono::nanoseconds later = 0s) {
    journal_.reset();
    clock_.advance(later);
    store_ = std::make_unique<EngineStore>(clock_);
    options_.engines = store_.get();
    open();
  }
  Timeliness judge(base::Bytes engine, std::int32_t boots, std::int32_t time) {
    return store_->judge(engine, boots, time, clock_.boot());
  }
  // Receives a trap: judged, and stored.
  void receive(base::Bytes engine, std::int32_t boots, std::int32_t time) {
    ASSERT_EQ(judge(engine, boots, time), Timeliness::inside);
    append(base::as_text(event_of(engine, boots, time)));
    clock_.advance(options_.trap_commit);
    (void)journal_->commit_step();
  }

  std::unique_ptr<EngineStore> store_;
};

TEST_F(EngineStoreTest, ARecordedTrapCannotBeReplayedAfterARestart) {
  const auto engine = engine_id(1);
  receive(engine, 5, 1'000);
  restart(149s);
  EXPECT_EQ(judge(engine, 5, 1'000), Timeliness::inside) << "149 s old: as USM says";
  restart(2s);
  EXPECT_EQ(judge(engine, 5, 1'000), Timeliness::outside) << "151 s old";
  EXPECT_EQ(judge(engine, 4, 9'999), Timeliness::outside) << "an earlier life of the engine";
  EXPECT_EQ(judge(engine, 5, 1'152), Timeliness::inside);
  EXPECT_EQ(judge(engine, 6, 0), Timeliness::inside);
}

TEST_F(EngineStoreTest, WhatIsOnlyInACheckpointIsKnownToo) {
  const auto engine = engine_id(2);
  receive(engine, 7, 500);
  for (int i = 0; i < 4; ++i) restart();  // each start begins a segment with what is known
  restart(200s);
  EXPECT_EQ(store_->size(), 1U);
  EXPECT_EQ(judge(engine, 7, 500), Timeliness::outside);
}

TEST_F(EngineStoreTest, InformsAndWhatIsNotAuthenticatedTeachNothing) {
  append(base::as_text(event_of(engine_id(3), 1, 1, protocol::PduKind::inform)));
  auto plain = event_of(engine_id(4), 1, 1);
  plain[1] = std::byte{1};  // noAuthNoPriv
  append(base::as_text(plain));
  clock_.advance(1s);
  (void)journal_->commit_step();
  restart();
  EXPECT_EQ(store_->size(), 0U);
}

TEST_F(EngineStoreTest, AForgottenEngineStaysForgotten) {
  const auto engine = engine_id(5);
  receive(engine, 9, 9);
  auto batch = journal_->new_batch();
  add_forgotten_engine(*batch, engine, clock_.wall());
  journal_->append(Lane::reserved, std::move(batch));
  clock_.advance(1s);
  (void)journal_->commit_step();
  restart();
  EXPECT_FALSE(store_->knows(engine));
  EXPECT_EQ(judge(engine, 1, 1), Timeliness::inside) << "it may begin again";
}

TEST_F(EngineStoreTest, ManyEnginesTakeMoreThanOneRecord) {
  options_.segment_bytes = 4 << 20;
  restart();
  for (std::uint32_t i = 0; i < 20'000; ++i) (void)judge(engine_id(i), 3, 30);
  // The next segment begins with all of them: it takes one that is full to have one.
  const std::string filling(60'000, 'x');
  for (int i = 0; i < 80; ++i) {
    append(filling, RecordType::timer);
    clock_.advance(1s);
    (void)journal_->commit_step();
    (void)journal_->housekeeping_step();
  }
  restart();
  EXPECT_EQ(store_->size(), 20'000U);
}

TEST_F(EngineStoreTest, WhereNotAllFitThoseHeardOfLastAreKept) {
  for (std::uint32_t i = 0; i < 2'000; ++i) {
    ASSERT_EQ(judge(engine_id(i), 3, 30), Timeliness::inside);
  }
  AppendBatch batch;
  store_->record(batch, 10'000);
  EXPECT_LE(batch.bytes().size(), 10'000U);
  EngineStore after(clock_);
  const base::Bytes bytes = std::as_const(batch).bytes();
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  for_each_engine(bytes.subspan(kRecordHeaderBytes, size),
                  [&](const RecordedEngine& engine, bool) { after.restore(engine); });
  EXPECT_GT(after.size(), 300U);
  EXPECT_TRUE(after.knows(engine_id(1'999)));
  EXPECT_FALSE(after.knows(engine_id(0)));
}

TEST(EngineRecord, DamagedPayloadsEndWhereTheyAreDamaged) {
  AppendBatch batch;
  const auto id = engine_id(1);
  EngineRecordWriter writer(batch, {}, 1'000);
  EXPECT_TRUE(writer.add({id, 1, 2, {}}));
  EXPECT_TRUE(writer.add({id, 3, 4, {}}));
  writer.finish();
  const base::Bytes payload =
      std::as_const(batch).bytes().subspan(kRecordHeaderBytes, 1 + 2 * (id.size() + 17));
  for (std::size_t size = 0; size <= payload.size(); ++size) {
    std::size_t engines = 0;
    for_each_engine(payload.first(size), [&](const RecordedEngine& engine, bool forget) {
      EXPECT_EQ(engine.id.size(), id.size());
      EXPECT_FALSE(forget);
      ++engines;
    });
    EXPECT_EQ(engines, size == 0 ? 0 : (size - 1) / (id.size() + 17));
  }
  EXPECT_EQ(batch.record_count(), 1U);
}

}  // namespace
}  // namespace trapline::gateway::journal
