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
      default:
        print(
          "bench generate-xml|generate-json COUNT FILE · limit-xml FILE · decode|transform PIPELINE FOLDER FILE"
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
    let resolver = ReferenceResolver(environment: [:], secretsFolder: nil)
    let planner = Planner(
      catalog: BuiltIns.catalog, folder: PipelineFolder(folder, resolver: resolver), resolver: resolver)
    let planned = planner.plan([pipeline])
    guard var plan = planned.plans.first else {
      print(planned.diagnostics)
      exit(78)
    }
    if !isWhole {
      plan.transformers = []
      plan.validators = []
    }
    let pool = ChunkPool(plan.decode)
    let blocks = try FileBlocks(path)
    let facts = PayloadFacts(name: path, landingDate: CalendarDate(days: 0))
    let flow = try RecordFlow(plan, facts: facts, pool: pool) { pool.giveBack($0) }
    print(try flow.run({ try blocks.next() }, late: nil).read)
  }
}
