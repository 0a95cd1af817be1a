// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

extension RunSession {
  /// Where the run is the unit of commit, replaying one of its batches replays all of them.
  func replayRuns(of rows: [BatchRow], _ request: ReplayRequest) throws {
    let all = try environment.ledger.batches(BatchFilter(pipeline: plan.pipeline)).sorted { $0.id < $1.id }
    var runs = try Set(rows.map(\.run)).sorted().filter { try isWhole($0, all, request) }
    // A later run has replaced all that an earlier one had.
    if plan.load.mode == .replace {
      runs = runs.suffix(1)
      if let newest = runs.last { try requireStanding(newest, all) }
    }
    for run in runs {
      let batches = all.filter { $0.run == run && $0.status != .superseded && $0.status != .waived }
      try requirePayloads(of: batches)
      let before = failures.count
      try replace(by: batches, kind: .replay, isDryRun: request.isDryRun)
      if !request.isDryRun, failures.count == before, batches.contains(where: { $0.status != .loaded }) {
        try environment.ledger.settleCheckpoint(pipeline: plan.pipeline)
      }
    }
  }

  /// Whether all payloads of a run came. They are worked on only then, so the state of any of them tells; of a run
  /// that ended before, what it landed is not what the source had.
  private func isWhole(_ run: String, _ all: [BatchRow], _ request: ReplayRequest) throws -> Bool {
    if all.contains(where: { $0.run == run && ($0.status == .loaded || $0.status == .failed) }) {
      return true
    }
    let what = "run \(run) ended before all of its payloads had come"
    guard case .batches = request.scope else {
      notice("\(what), so it was not replayed; 'terrace run \(plan.pipeline)' asks for them again.")
      return false
    }
    throw StageFailure(
      id: "replay.run-incomplete", "\(what), and \(plan.pipeline) loads the payloads of a run together",
      help: "ask for them again: 'terrace run \(plan.pipeline)'.", exit: .usage, state: "nothing was replayed"
    )
  }

  private func requireStanding(_ newest: String, _ all: [BatchRow]) throws {
    guard let published = all.first(where: { $0.run > newest && $0.status == .loaded }) else { return }
    let batch = all.last { $0.run == newest }?.id ?? ""
    throw StageFailure(
      id: "replay.overtaken",
      "batch \(batch) is of run \(newest), and run \(published.run) has replaced the whole table since",
      help: "replay what stands: 'terrace replay \(published.id)'.", exit: .usage,
      state: "nothing was replayed")
  }
}
