// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Expressions
import Paths
import Records

/// What stands outside the records of a payload and is the same for all of them.
public struct PayloadFacts: Sendable, Equatable {
  /// `payload_name()`
  public var name: String
  /// `request('x')`
  public var request: [String: String]
  /// `today()` and `${run_date}`: the day the payload landed, so that a replay gives the same.
  public var landingDate: CalendarDate

  public init(name: String, request: [String: String] = [:], landingDate: CalendarDate) {
    self.name = name
    self.request = request
    self.landingDate = landingDate
  }
}

/// Chunk in, chunk out. Pure: no input or output, no clock, no state but what one batch carries on.
public protocol Transformer: Component {
  /// Begins a batch. Sessions are used by one thread; chunks of one kind come in document order.
  func session(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts)
    throws(StageFailure) -> any TransformSession
}

public protocol TransformSession: AnyObject {
  /// Works on a chunk in place: fills `fields` from `captures`, marks rows filtered or rejected, adds failures.
  func transform(_ chunk: Chunk)
  /// Begins another batch: forgets everything of the one before, which may have ended anywhere. From here on the session
  /// gives what a new one would.
  func restart(_ facts: PayloadFacts)
}

/// Lets records pass or rejects them. Pure, like a transformer.
public protocol Validator: Component {
  func session(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts)
    throws(StageFailure) -> any ValidationSession
}

public protocol ValidationSession: AnyObject {
  /// Adds failures; never changes a value.
  func validate(_ chunk: Chunk)
  /// Begins another batch or another pass: forgets everything of the one before, which may have ended anywhere. From here
  /// on the session gives what a new one would.
  func restart(_ facts: PayloadFacts)
  /// A rule with `else: stop` that was broken, if one was: the batch fails before its commit.
  var stop: StageFailure? { get }
  /// Tells what earlier passes over the same batch found. Called before the first chunk of another pass.
  func recall(_ finding: any BatchFinding)
  /// Says that every chunk of the batch came. Not called where the batch was not read to its end.
  ///
  /// - Returns: what must be known from the first record on, so that the batch is decoded once more; nil where this
  ///   pass stands. A session that recalls a finding gives none.
  /// - Throws: where what it keeps outside of memory cannot be read.
  func finish() throws(StageFailure) -> (any BatchFinding)?
}

extension ValidationSession {
  public func recall(_ finding: any BatchFinding) {}
  public func finish() throws(StageFailure) -> (any BatchFinding)? { nil }
}

/// What a validator knows of a batch only when it has seen all of it. Opaque to all but the validator that made it,
/// and used by one thread at a time.
public protocol BatchFinding: AnyObject, Sendable {}

/// What becomes of the records of one root kind: one entry of the `transform` section with its rules, compiled.
public struct TransformPlan: Sendable {
  public var map: MapPlan
  /// `filter`: records for which it is not true are left out, before types and rules.
  public var filter: (any ColumnExpression)?
  public var rules: [RulePlan]
  /// `delete`: records by which the source announces that something is gone.
  public var deletion: DeletionPlan?

  public init(
    map: MapPlan, filter: (any ColumnExpression)? = nil, rules: [RulePlan] = [],
    deletion: DeletionPlan? = nil
  ) {
    self.map = map
    self.filter = filter
    self.rules = rules
    self.deletion = deletion
  }
}

/// Which records announce a deletion. Such a record names what is gone, and is judged by nothing else.
public struct DeletionPlan: Sendable {
  /// Judged after `filter`, before types and rules; unknown is no deletion.
  public var condition: any ColumnExpression
  /// Fields that must be readable all the same: the key, and the version.
  public var fields: Set<String>

  public init(condition: any ColumnExpression, fields: Set<String>) {
    self.condition = condition
    self.fields = fields
  }
}

/// How the captures of one table become the fields of one entity.
public struct MapPlan: Sendable {
  public var entity: EntitySchema
  /// The `let` values and mapped fields, in the order they must be computed (a value stands after those it uses).
  public var values: [ValuePlan]
  public var children: [ChildPlan]

  public init(entity: EntitySchema, values: [ValuePlan], children: [ChildPlan] = []) {
    self.entity = entity
    self.values = values
    self.children = children
  }
}

/// A nested list. Child `n` reads child table `n`.
public struct ChildPlan: Sendable {
  public var map: MapPlan
  public var filter: (any ColumnExpression)?
  /// `rejects: child`: a bad child is dropped (and noted) instead of rejecting its record.
  public var dropsBadChildren: Bool

  public init(map: MapPlan, filter: (any ColumnExpression)? = nil, dropsBadChildren: Bool = false) {
    self.map = map
    self.filter = filter
    self.dropsBadChildren = dropsBadChildren
  }
}

/// One value: where it comes from, how its text is read, what it must become.
public struct ValuePlan: Sendable {
  public enum Source: Sendable {
    /// The first of these capture slots that is present and not null.
    case captures([Int])
    /// `value`: the same text for every record; read like a captured one.
    case constant(String)
    /// `expr`: computed from values that stand before it.
    case expression(any ColumnExpression)
  }

  public enum UnknownPolicy: String, Sendable { case reject, note, null }
  public enum Rounding: String, Sendable { case refuse, up, halfUp = "half_up" }

  public var name: String
  public var source: Source
  /// The type it must become; for a `let` the type declared or inferred.
  public var type: FieldType
  /// The entity's field, or nil for a `let`: nothing loads it.
  public var field: EntityField?
  /// Of a `let`: how far it relates to a person by itself, whatever is made of it.
  public var personal = PersonalClass.none
  public var keepsAbsent = false
  /// Text to use where nothing is present or the value is null; read like a captured one.
  public var defaultText: String?
  public var isTrimmed = true
  public var nulls: [String] = []
  /// Date patterns tried in order (`dd/MM/yyyy`, `yyyyMMddHHmmss`, `M/d/yyyy h:mm:ss a`); empty: ISO 8601.
  public var dates: [String] = []
  public var numbers = NumberFormat.plain
  /// Minutes east of UTC of timestamps without a zone.
  public var zoneMinutes = 420
  /// Power of ten that `unit` multiplies money by (`nghìn đồng` is 3).
  public var unitExponent = 0
  public var rounding = Rounding.refuse
  /// Code list of `lookup` (or of a `code` field), with the value whose date it is looked up at.
  public var lookup: String?
  /// Name of a value (let or field) of type date or timestamp.
  public var asOf: String?
  /// Name of a value with the day at which the code that took its place must be valid.
  public var validOn: String?
  public var unknown = UnknownPolicy.reject
  /// Source of the list whose aliases come before everything else.
  public var lookupSource: String?
  /// `lost_zeros`: how many digits the code has. Damaged ones are restored where the result is valid.
  public var lostZeros: Int?
  /// Text between the items of a `take: all` list.
  public var join: String?
  /// Separator to split one text by before `take` picks an item (`first`, `last`, `nth`).
  public var split: String?
  public var splitTake = CaptureSlot.Take.only
  /// `take: sum`: the items of the list, or those that `split` makes, are numbers to add up.
  public var sumsItems = false
  /// Legacy font encoding of this field's text (`tcvn3`, `vni`), read character by character after UTF-8.
  public var encoding: String?
  /// `carry`: a null or absent value takes the last one before it.
  public var isCarried = false
  /// Where the entry stands, for messages and `ruleAt`.
  public var position: FilePosition

  public init(
    name: String, source: Source, type: FieldType, field: EntityField? = nil, at position: FilePosition
  ) {
    self.name = name
    self.source = source
    self.type = type
    self.field = field
    self.position = position
  }
}

/// How numbers are written in a source. A property of the source, never guessed per value.
public struct NumberFormat: Sendable, Hashable {
  /// Between groups of three, or nil for none allowed.
  public var group: Character?
  public var decimal: Character

  public init(group: Character?, decimal: Character) {
    self.group = group
    self.decimal = decimal
  }

  /// `-1234.56`
  public static let plain = NumberFormat(group: nil, decimal: ".")
  /// `-1.234,56`
  public static let vi = NumberFormat(group: ".", decimal: ",")
  /// `-1,234.56`
  public static let en = NumberFormat(group: ",", decimal: ".")
}

/// One rule of the `validate` section.
public struct RulePlan: Sendable {
  public enum Check: Sendable {
    /// Broken when false; unknown passes.
    case expression(any ColumnExpression)
    /// No two records of a batch share these values; the first stands.
    case unique([String])
    /// The parts of each group of records add up to its total.
    case sums(SumsPlan)
  }

  public enum Otherwise: String, Sendable { case reject, note, stop }

  public var check: Check
  public var otherwise: Otherwise
  /// As written, for messages.
  public var text: String
  public var message: String?
  public var basis: String?
  public var position: FilePosition

  public init(
    check: Check, otherwise: Otherwise = .reject, text: String, message: String? = nil,
    basis: String? = nil, at position: FilePosition
  ) {
    self.check = check
    self.otherwise = otherwise
    self.text = text
    self.message = message
    self.basis = basis
    self.position = position
  }
}
