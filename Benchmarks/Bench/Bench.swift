// SPDX-License-Identifier: Apache-2.0

import BuiltIns
import CParseLimit
import Components
import Engine
import Glibc
import PipelineFiles
import Planning
import Records

/// The parts of the benchmark that are not the program itself: the generator, the limit, and decoding alone.
/// `scripts/bench` runs them beside `terrace run` and makes the table.
@main
struct Bench {
  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      switch (words.first, words.count) {
      case ("generate-xml", 3): Generator.xml(Int(words[1]) ?? 0, to: words[2])
      case ("generate-json", 3): Generator.json(Int(words[1]) ?? 0, to: words[2])
      case ("limit-xml", 2): print(parse_limit_xml(words[1]))
      case ("decode", 4): try decode(pipeline: words[1], folder: words[2], path: words[3], isWhole: false)
      case ("transform", 4): try decode(pipeline: words[1], folder: words[2], path: words[3], isWhole: true)
      case ("load", 5): try load(pipeline: words[1], folder: words[2], path: words[3], center: words[4])
      default:
        print(
          "bench generate-xml|generate-json COUNT FILE · limit-xml FILE · "
            + "decode|transform PIPELINE FOLDER FILE · load PIPELINE FOLDER FILE CENTER"
        )
        exit(64)
      }
    } catch {
      print(error)
      exit(70)
    }
  }

  /// Decodes a file into columns and drops them; with `isWhole` also transforms and validates.
  private static func decode(pipeline: String, folder: String, path: String, isWhole: Bool) throws {
    var plan = try plan(pipeline, folder)
    if !isWhole {
      plan.transformers = []
      plan.validators = []
    }
    let pool = ChunkPool(plan.decode)
    print(try run(plan, path, pool) { pool.giveBack($0) })
  }

  /// Loads a file's records into a new center in one transaction, from columns that were made ready before, and
  /// prints the seconds from its beginning to its durable end: what the load thread alone would take.
  private static func load(pipeline: String, folder: String, path: String, center: String) throws {
    let plan = try plan(pipeline, folder)
    var chunks: [Chunk] = []
    let records = try run(plan, path, ChunkPool(plan.decode)) { chunks.append($0) }
    let connection = try plan.loader.connect(center: center, plan: plan.load)
    let started = seconds()
    let session = try connection.begin(
      LoadBatch(batch: "B1", attempt: 1, run: "R1", planDigest: plan.digest, loadedAt: 0))
    for chunk in chunks { try session.load(chunk) }
    guard case .loaded(let counters, _) = try session.finish(), counters.inserted == records else {
      print("the records of \(path) did not all load in one pass")
      exit(70)
    }
    try session.commit(counters)
    print(seconds() - started)
    connection.close()
  }

  private static func plan(_ pipeline: String, _ folder: String) throws -> Plan {
    let resolver = ReferenceResolver(environment: [:], secretsFolder: nil)
    let planner = Planner(
      catalog: BuiltIns.catalog, folder: PipelineFolder(folder, resolver: resolver), resolver: resolver)
    let planned = planner.plan([pipeline])
    guard let plan = planned.plans.first else {
      print(planned.diagnostics)
      exit(78)
    }
    return plan
  }

  /// - Returns: how many records there were.
  private static func run(
    _ plan: Plan, _ path: String, _ pool: ChunkPool, deliver: @escaping (Chunk) throws -> Void
  ) throws -> Int {
    let blocks = try FileBlocks(path)
    let facts = PayloadFacts(name: path, landingDate: CalendarDate(days: 0))
    let flow = try RecordFlow(plan, facts: facts, pool: pool, deliver: deliver)
    return try flow.run { try blocks.next() }.read
  }

  private static func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
