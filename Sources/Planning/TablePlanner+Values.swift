// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import PipelineFiles
import Records

extension TablePlanner {
  /// All values in an order in which each stands after those it uses.
  func valuePlans() -> [ValuePlan] {
    var plans: [String: ValuePlan] = [:]
    var uses: [(name: String, uses: [String])] = []
    for (entry, isLet) in spec.lets.map({ ($0, true) }) + spec.map.map({ ($0, false) }) {
      guard let plan = valuePlan(entry, isLet: isLet) else { continue }
      plans[plan.name] = plan
      uses.append((plan.name, plan.uses))
    }
    for (name, cell) in cells.sorted(by: { $0.value.slot < $1.value.slot }) {
      plans[name] = ValuePlan(name: name, source: .captures([cell.slot]), type: .text, at: cell.position)
      uses.append((name, []))
    }
    markCarried(&plans)
    let order = ValueOrder(uses)
    for circle in order.cycles {
      diagnostics.append(.circle(circle.compactMap { name in entry(named: name)?.name }))
    }
    return order.ordered.compactMap { plans[$0] }
  }

  func entry(named name: String) -> EntrySpec? {
    spec.lets.first { $0.name.value == name } ?? spec.map.first { $0.name.value == name }
  }

  private func valuePlan(_ entry: EntrySpec, isLet: Bool) -> ValuePlan? {
    let name = entry.name.value
    let formats = entry.formats.falling(backTo: formats)
    let source = source(entry, isLet: isLet)
    // The rest is checked even where the source or the type is at fault.
    let type = isLet ? self.type(of: name) : types[name]
    var plan = ValuePlan(
      name: name, source: source ?? .constant(""), type: type ?? .text,
      field: isLet ? nil : entity?.field(name), at: entry.position)
    plan.personal = entry.personal?.value ?? .none
    plan.keepsAbsent = entry.keepsAbsent?.value ?? false
    plan.defaultText = entry.defaultText?.value
    plan.isTrimmed = formats.trim ?? true
    plan.nulls = formats.nulls ?? []
    plan.dates = datePatterns(formats.dates ?? [])
    if let numbers = formats.numbers {
      plan.numbers = NumberFormat(group: numbers.group, decimal: numbers.decimal)
    }
    plan.zoneMinutes = formats.zoneMinutes ?? plan.zoneMinutes
    plan.encoding = formats.encoding?.value
    plan.join = entry.join?.value
    plan.split = entry.split?.value
    if entry.split != nil { plan.splitTake = entry.take.map { $0.value.captured } ?? .only }
    if let take = entry.take, take.value == .sum {
      plan.sumsItems = true
      checkSum(take.position, name, type, isLet: isLet)
    }
    if let type {
      applyMoney(entry, type, to: &plan)
      applyLookup(entry, type, to: &plan)
    }
    checkKept(entry)
    checkListed(entry, plan)
    if let type {
      for literal in [entry.value, entry.defaultText].compactMap(\.self) where !plan.canRead(literal.value) {
        diagnostics.append(.literalOfOtherType(literal, name: name, type: type))
      }
    }
    return source == nil || type == nil ? nil : plan
  }

  private func source(_ entry: EntrySpec, isLet: Bool) -> ValuePlan.Source? {
    if let value = entry.value { return .constant(value.value) }
    if let expr = entry.expr {
      if isLet {
        guard let type = type(of: entry.name.value) else { return nil }
        if let compiled = compiledLets[entry.name.value] { return .expression(compiled) }
        return compile(expr, for: entry.name.value, type).map { .expression($0) }
      }
      // Names and syntax are worth checking also where the field is unknown.
      return compile(expr, for: entry.name.value, types[entry.name.value]).map { .expression($0) }
    }
    let take = entry.join != nil ? .all : entry.split != nil ? .only : entry.take?.value.captured ?? .only
    let found = entry.from.map { text -> Int? in
      guard let path = paths.readValue(text, depth: depth, &diagnostics) else { return nil }
      return slots.index(of: CaptureSlot(.path(path), take: take, isRaw: entry.isRaw?.value ?? false))
    }
    let indexes = found.compactMap(\.self)
    return indexes.isEmpty || indexes.count < found.count ? nil : .captures(indexes)
  }

  private func datePatterns(_ patterns: [Located<String>]) -> [String] {
    for pattern in patterns where !checkedPatterns.contains(pattern.position) {
      checkedPatterns.insert(pattern.position)
      do throws(DatePatternError) {
        _ = try DatePattern(parsing: pattern.value)
      } catch {
        diagnostics.append(
          Diagnostic(
            id: "map.bad-date-pattern", error.message, at: pattern.position(at: error.offset),
            length: error.length, help: error.help))
      }
    }
    return patterns.map(\.value)
  }

  private func applyMoney(_ entry: EntrySpec, _ type: FieldType, to plan: inout ValuePlan) {
    let isNumber: Bool =
      switch type {
      case .integer, .decimal: true
      default: false
      }
    if let unit = entry.unit {
      if isNumber {
        plan.unitExponent = MoneyUnit.exponent(of: unit.value) ?? 0
      } else {
        diagnostics.append(.onlyForNumbers("unit", unit.position, name: entry.name.value, type: type))
      }
    }
    if let round = entry.round {
      if isNumber {
        plan.rounding = ValuePlan.Rounding(rawValue: round.value) ?? .refuse
      } else {
        diagnostics.append(.onlyForNumbers("round", round.position, name: entry.name.value, type: type))
      }
    }
  }

  private func checkSum(_ place: FilePosition, _ name: String, _ type: FieldType?, isLet: Bool) {
    switch type {
    case .integer?, .decimal?, nil: break
    case let other?: diagnostics.append(.sumNotANumber(place, name: name, type: other, isLet: isLet))
    }
  }

  private func applyLookup(_ entry: EntrySpec, _ type: FieldType, to plan: inout ValuePlan) {
    var fieldList: String?
    if case .code(let list) = type { fieldList = list }
    if let lookup = entry.lookup {
      if folder.lists[lookup.value] == nil, !folder.unreadableLists.contains(lookup.value) {
        diagnostics.append(.unknownList(lookup, known: folder.lists.keys.sorted()))
      } else if let fieldList, fieldList != lookup.value, plan.field != nil {
        diagnostics.append(.otherList(lookup, field: entry.name.value, list: fieldList))
      } else if fieldList == nil, type != .text {
        diagnostics.append(.lookupOfOtherType(lookup, name: entry.name.value, type: type))
      }
    } else if let fieldList, folder.lists[fieldList] == nil, !folder.unreadableLists.contains(fieldList) {
      diagnostics.append(.listOfFieldMissing(fieldList, field: entry.name))
    }
    plan.lookup = entry.lookup?.value ?? fieldList
    if let unknown = entry.unknown {
      plan.unknown = ValuePlan.UnknownPolicy(rawValue: unknown.value) ?? .reject
      if plan.lookup == nil { diagnostics.append(.needsLookup("unknown", unknown.position)) }
    }
    plan.asOf = day(entry.asOf, "as_of", of: plan)
    plan.validOn = day(entry.validOn, "valid_on", of: plan)
    applySource(entry, to: &plan)
    applyLostZeros(entry, type, to: &plan)
  }

  private func applySource(_ entry: EntrySpec, to plan: inout ValuePlan) {
    guard let source = entry.lookupSource else { return }
    guard let name = plan.lookup else {
      diagnostics.append(.needsLookup("source", source.position))
      return
    }
    guard let list = folder.lists[name] else { return }
    guard list.sources[source.value] != nil else {
      diagnostics.append(.unknownSource(source, of: list))
      return
    }
    plan.lookupSource = source.value
  }

  private func applyLostZeros(_ entry: EntrySpec, _ type: FieldType, to plan: inout ValuePlan) {
    guard let digits = entry.lostZeros else { return }
    if plan.lookup == nil {
      if type != .text {
        diagnostics.append(.lostZerosOfOtherType(digits, name: entry.name.value, type: type))
      } else if plan.field?.pattern == nil, plan.field?.values == nil {
        diagnostics.append(.lostZerosUnchecked(digits, name: entry.name.value, isField: plan.field != nil))
      }
    }
    plan.lostZeros = digits.value
  }

  /// A value of this table that a code is looked up at.
  private func day(_ name: Located<String>?, _ key: String, of plan: ValuePlan) -> String? {
    guard let name else { return nil }
    if plan.lookup == nil { diagnostics.append(.needsLookup(key, name.position)) }
    switch type(of: name.value) {
    case .date?, .timestamp?: return name.value
    case let other?: diagnostics.append(.notADate(name, key: key, type: other))
    case nil:
      if !unsoundNames.contains(name.value) { diagnostics.append(unknownName(name)) }
    }
    return nil
  }

  /// A code that the pipeline file itself writes must be in its list.
  private func checkListed(_ entry: EntrySpec, _ plan: ValuePlan) {
    guard plan.unknown == .reject, let name = plan.lookup, let list = folder.lists[name] else { return }
    let literals = [entry.value, entry.defaultText].compactMap(\.self)
    for literal in literals where !plan.nulls.contains(literal.value) {
      if case .unknown = CodeSearch(list, source: plan.lookupSource).find(literal.value, asOf: nil) {
        diagnostics.append(.literalNotListed(literal, list: name))
      }
    }
  }

  private func checkKept(_ entry: EntrySpec) {
    guard let kept = entry.keepsAbsent, kept.value, let entity else { return }
    if entity.key.contains(entry.name.value) { diagnostics.append(.keyKept(entry.name, at: kept.position)) }
  }

  private func markCarried(_ plans: inout [String: ValuePlan]) {
    for name in spec.carry {
      if plans[name.value] != nil {
        plans[name.value]?.isCarried = true
      } else if entry(named: name.value) == nil {
        diagnostics.append(unknownName(name))
      }
    }
  }

  /// A name that is no value of this table, with what was probably meant.
  func unknownName(_ name: Located<String>) -> Diagnostic {
    .unknownName(
      name, known: knownNames, isUnmappedField: entity?.field(name.value) != nil,
      isOfParent: parent?.knownNames.contains(name.value) ?? false,
      child: spec.children.first { $0.map.contains { $0.name.value == name.value } }?.to?.value)
  }
}

extension ValuePlan {
  /// Names of the values that must be computed before this one.
  fileprivate var uses: [String] {
    var names = [asOf, validOn].compactMap(\.self)
    if case .expression(let expression) = source { names += expression.names }
    return names
  }
}

extension EntrySpec.Take {
  var captured: CaptureSlot.Take {
    switch self {
    case .only: .only
    case .first: .first
    case .last: .last
    case .nth(let number): .nth(number)
    case .count: .count
    case .sum, .all: .all
    }
  }
}
