// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import Paths
import PipelineFiles
import Records

/// Plans one pipeline and gathers all that is wrong with it.
struct PipelinePlanner {
  let spec: PipelineSpec
  let catalog: Catalog
  let folder: FolderContents
  var diagnostics: [Diagnostic] = []

  init(_ spec: PipelineSpec, catalog: Catalog, folder: FolderContents) {
    self.spec = spec
    self.catalog = catalog
    self.folder = folder
  }

  /// - Parameters:
  ///   - used: what the pipeline uses of the files beside it.
  ///   - digest: of all these files and its own.
  /// - Returns: nil when anything was at fault.
  mutating func plan(using used: UsedFiles, digest: String) -> Plan? {
    let extractor = spec.extract.flatMap { choose($0, "extractor", catalog.extractors) as? any Extractor }
    let decoderType = spec.decode.flatMap { find($0.decoder, catalog.decoders) as? any RecordDecoder.Type }
    let decoder = spec.decode.flatMap {
      choose($0.decoder, "decoder", catalog.decoders, beside: .decode) as? any RecordDecoder
    }
    let loader = spec.load.flatMap {
      choose($0.loader, "loader", catalog.loaders, beside: .load) as? any Loader
    }
    let prefixes = spec.decode?.namespaces.map(\.prefix.value) ?? []
    let paths = PathReader(decoder: decoderType, prefixes: prefixes)
    var document = DocumentPlanner(paths: paths)
    let total = document.total(spec.decode?.total, isPaging: extractor?.isPaging ?? false)
    let errors = spec.decode?.errors.compactMap { document.errorCondition($0) } ?? []
    diagnostics += document.diagnostics
    checkNamespaces(decoderType)
    let encoding = encoding(spec.decode?.encoding)
    let kinds = spec.transforms.enumerated().flatMap { index, transform in
      tables(transform, number: index, paths: paths, isDecoderSound: decoder != nil)
    }
    let load = loadPlan(kinds, splitsAnswers: extractor?.splitsAnswers ?? false)
    let envelope = envelope(spec.decode?.within)
    let needs = extractor?.needs ?? ExtractorNeeds()
    let answerDecoders = answerDecoders(needs)
    check(needs)
    let queried = needs.centerQuery.flatMap { facts(of: $0, loader) }
    let transformers = made(catalog.transformers).compactMap { $0 as? any Transformer }
    let validators = made(catalog.validators).compactMap { $0 as? any Validator }
    guard !diagnostics.contains(where: { $0.severity == .error }), let name = spec.name?.value, let extractor,
      let decoder, let loader, let load, let decodeSpec = spec.decode, let extractSpec = spec.extract
    else { return nil }

    let decode = DecodePlan(
      namespaces: Dictionary(
        decodeSpec.namespaces.map { ($0.prefix.value, $0.uris.map(\.value)) },
        uniquingKeysWith: { first, _ in first }
      ),
      kinds: kinds.map(\.kind), documentSlots: document.slots.slots, limits: limits(decodeSpec.limits),
      allowsEmpty: decodeSpec.allowsEmpty)
    var plan = Plan(
      pipeline: name, title: spec.title?.value, owner: spec.owner?.value, schedule: spec.schedule?.value,
      file: spec.file, digest: digest, decodeDigest: decodeDigest(decodeSpec, decode), extractor: extractor,
      extractorName: extractSpec.name.value, decoder: decoder, decoderName: decodeSpec.decoder.name.value,
      decode: decode, encoding: encoding?.name, errorConditions: errors, total: total,
      transforms: kinds.map { transformPlan($0) },
      transformers: transformers, validators: validators,
      rejectLimit: spec.rejectLimit.map { limit in
        RejectLimit(atMost: limit.atMost.planned, ofAtLeast: limit.ofAtLeast, at: limit.position)
      },
      lists: folder.lists.filter { list in
        used.lists.contains(list.key) || needs.lists.contains { $0.text == list.key }
      }, loader: loader, load: load)
    plan.envelope = envelope
    plan.watched = needs.watched?.name.text
    plan.answerDecoders = answerDecoders
    plan.reads = (queried?.entities ?? []).union(
      needs.centerFields.compactMap { $0.text.split(separator: ".").first.map(String.init) })
    plan.agreement = spec.agreement.map { agreement in
      Agreement(
        number: agreement.number?.value, validTo: agreement.validTo?.value, contact: agreement.contact?.value)
    }
    plan.purpose = spec.purpose?.value
    plan.legalBasis = spec.legalBasis?.value
    return plan
  }

  /// One table for each place where the records of a transform may stand.
  private mutating func tables(
    _ transform: TransformSpec, number: Int, paths: PathReader, isDecoderSound: Bool
  ) -> [TablePlanner.Result] {
    guard transform.records.count > 1 else {
      let table = table(
        transform, at: transform.records.first ?? spec.decode?.records, isFirst: number == 0, paths: paths,
        isDecoderSound: isDecoderSound)
      return table.map { [$0] } ?? []
    }
    return transform.records.compactMap { place in
      var table = table(
        transform, at: place, isFirst: number == 0, paths: paths, isDecoderSound: isDecoderSound)
      table?.kind.list = number
      return table
    }
  }

  private mutating func table(
    _ transform: TransformSpec, at place: Located<String>?, isFirst: Bool, paths: PathReader,
    isDecoderSound: Bool
  ) -> TablePlanner.Result? {
    let records: RecordPath?
    if let place {
      records = paths.readRecords(place, isChild: false, &diagnostics)
    } else if let usual = paths.decoder?.defaultRecords {
      records = try? RecordPath(parsing: usual)
    } else {
      records = nil
      if isDecoderSound, let decoder = spec.decode?.decoder.name {
        diagnostics.append(.recordsMissing(format: decoder.value, at: decoder.position))
      }
    }
    let planner = TablePlanner(transform, parent: nil, folder: folder, paths: paths)
    // Rules of the pipeline are those of its first transform: where there is one, it is the only one they can
    // mean.
    var result = planner.plan(records: records, rules: transform.rules + (isFirst ? spec.rules : []))
    result?.kind.allowsEmpty = transform.allowsEmpty
    result?.version = transform.version?.value
    diagnostics += planner.diagnostics
    return result
  }

  private mutating func checkNamespaces(_ decoder: (any RecordDecoder.Type)?) {
    guard let decoder, !decoder.isMarkup, let first = spec.decode?.namespaces.first else { return }
    diagnostics.append(.namespacesWithoutMarkup(first.prefix.position, format: decoder.description.name))
  }

  private mutating func encoding(_ written: Located<String>?) -> PayloadEncoding? {
    guard let written else { return nil }
    let found = PayloadEncoding.named(written.value)
    if found == nil { diagnostics.append(.unknownEncoding(written, known: PayloadEncoding.names)) }
    return found
  }

  private func limits(_ spec: LimitsSpec) -> DecodeLimits {
    var limits = DecodeLimits()
    limits.depth = spec.depth ?? limits.depth
    limits.textBytes = spec.textBytes ?? limits.textBytes
    limits.tagBytes = spec.tagBytes ?? limits.tagBytes
    return limits
  }
}

extension RejectLimitSpec.Bound {
  fileprivate var planned: RejectLimit.Bound {
    switch self {
    case .count(let count): .count(count)
    case .share(let share): .share(partsPerMillion: share)
    }
  }
}
