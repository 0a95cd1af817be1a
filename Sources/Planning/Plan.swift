// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Records

/// A checked pipeline, ready to run: everything its files say, resolved, typed and compiled. Pure value.
public struct Plan: Sendable {
  public var pipeline: String
  public var title: String?
  public var owner: String?
  /// Cron text of `schedule`, as written.
  public var schedule: String?
  /// Position of the pipeline's file, relative to the folder that holds the pipelines folder.
  public var file: String
  /// SHA-256 (hex) over the pipeline file, the schema files of its entities and their parents, and the lists
  /// it uses: what a loaded batch was loaded with.
  public var digest: String
  /// SHA-256 over the `decode` section and the record paths: while it stays, ordinals and offsets stay.
  public var decodeDigest: String

  public var extractor: any Extractor
  public var extractorName: String
  public var decoder: any RecordDecoder
  public var decoderName: String
  public var decode: DecodePlan
  /// Declared text encoding of payloads, or nil for UTF-8 (or what the payload itself declares).
  public var encoding: String?
  /// Set when the document stands in a text of the payload.
  public var envelope: EnvelopePlan?
  /// Index of a document slot that tells a payload is an error answer, with what it must or must not be.
  public var errorConditions: [ErrorCondition]
  public var total: TotalPlan?

  /// One per root kind of ``decode``, in the same order.
  public var transforms: [TransformPlan]
  public var transformers: [any Transformer]
  public var validators: [any Validator]
  public var rejectLimit: RejectLimit?
  public var lists: [String: CodeList]
  /// Mapped field whose highest value the extractor goes on from.
  public var watched: String?
  /// Decoders of answers that are no payloads, by name.
  public var answerDecoders: [String: any RecordDecoder] = [:]

  /// Entities of the center that the extractor reads.
  public var reads: Set<String> = []

  public var loader: any Loader
  public var load: LoadPlan

  /// What the register of processing asks for; nothing is decided by it.
  public var agreement: Agreement?
  public var purpose: String?
  public var legalBasis: String?

  public init(
    pipeline: String, title: String?, owner: String?, schedule: String?, file: String,
    digest: String, decodeDigest: String, extractor: any Extractor, extractorName: String,
    decoder: any RecordDecoder, decoderName: String, decode: DecodePlan, encoding: String?,
    errorConditions: [ErrorCondition], total: TotalPlan?, transforms: [TransformPlan],
    transformers: [any Transformer], validators: [any Validator], rejectLimit: RejectLimit?,
    lists: [String: CodeList], loader: any Loader, load: LoadPlan
  ) {
    self.pipeline = pipeline
    self.title = title
    self.owner = owner
    self.schedule = schedule
    self.file = file
    self.digest = digest
    self.decodeDigest = decodeDigest
    self.extractor = extractor
    self.extractorName = extractorName
    self.decoder = decoder
    self.decoderName = decoderName
    self.decode = decode
    self.encoding = encoding
    self.errorConditions = errorConditions
    self.total = total
    self.transforms = transforms
    self.transformers = transformers
    self.validators = validators
    self.rejectLimit = rejectLimit
    self.lists = lists
    self.loader = loader
    self.load = load
  }
}

/// `agreement`: the data sharing agreement that the pipeline runs under.
public struct Agreement: Sendable, Equatable {
  public var number: String?
  /// `yyyy-MM-dd`
  public var validTo: String?
  public var contact: String?

  public init(number: String? = nil, validTo: String? = nil, contact: String? = nil) {
    self.number = number
    self.validTo = validTo
    self.contact = contact
  }
}

/// `total`: what the source says it sent, which must balance with what was read.
public struct TotalPlan: Sendable, Equatable {
  public enum Scope: String, Sendable { case payload, run }

  /// Index into ``DecodePlan/documentSlots``.
  public var slot: Int
  public var scope: Scope
  public var position: FilePosition

  public init(slot: Int, scope: Scope, at position: FilePosition) {
    self.slot = slot
    self.scope = scope
    self.position = position
  }
}

/// A declared sign that a payload is an error answer although the transport said it went well.
public struct ErrorCondition: Sendable, Equatable {
  /// Document slot that is looked at.
  public var slot: Int
  /// The payload is an error when the slot's value is one of these; empty: when it has any value.
  public var values: [String]
  /// The condition holds when the value is *not* one of `values`.
  public var isNegated: Bool
  /// Document slot whose value says what went wrong.
  public var messageSlot: Int?
  public var isRetriable: Bool
  public var position: FilePosition

  public init(
    slot: Int, values: [String], isNegated: Bool, messageSlot: Int?, isRetriable: Bool,
    at position: FilePosition
  ) {
    self.slot = slot
    self.values = values
    self.isNegated = isNegated
    self.messageSlot = messageSlot
    self.isRetriable = isRetriable
    self.position = position
  }
}

/// `{ rejects: { at_most: 1%, of_at_least: 200 } }`: more rejects fail the batch before its commit.
public struct RejectLimit: Sendable, Equatable {
  public enum Bound: Sendable, Equatable {
    case count(Int)
    /// Parts per million of the records read, so that `0.5%` is exact.
    case share(partsPerMillion: Int)
  }

  public var atMost: Bound
  /// A share is judged only in batches of at least this many records.
  public var ofAtLeast: Int
  public var position: FilePosition

  public init(atMost: Bound, ofAtLeast: Int, at position: FilePosition) {
    self.atMost = atMost
    self.ofAtLeast = ofAtLeast
    self.position = position
  }

  public func allows(rejected: Int, of read: Int) -> Bool {
    switch atMost {
    case .count(let most): rejected <= most
    case .share(let partsPerMillion):
      read < ofAtLeast || Int128(rejected) * 1_000_000 <= Int128(partsPerMillion) * Int128(read)
    }
  }
}
