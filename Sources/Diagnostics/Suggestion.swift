// SPDX-License-Identifier: Apache-2.0

/// Finds what somebody probably meant to write.
public enum Suggestion {
  /// The name among `names` that is nearest to `written`, or nil when none is near enough to be a slip.
  ///
  /// A slip is a letter too many, too few, another or two swapped; up to one such for each three letters. Case
  /// costs nothing. Of equally near names the first stands.
  public static func nearest(to written: String, among names: some Sequence<String>) -> String? {
    nearest(to: written, among: names, atMost: 1).first
  }

  /// The names that a slip leads to, nearest first.
  ///
  /// - Parameter slips: how many are allowed, where that is not up to the length.
  public static func nearest(
    to written: String, among names: some Sequence<String>, atMost count: Int, slips: Int? = nil
  ) -> [String] {
    let letters = Array(written.lowercased())
    let allowed = slips ?? max(1, letters.count / 3)
    var best: [(name: String, distance: Int)] = []
    for name in names {
      let candidate = Array(name.lowercased())
      guard abs(candidate.count - letters.count) <= allowed else { continue }
      let distance = distance(letters, candidate)
      let worst = best.count < count ? allowed + 1 : best.last?.distance ?? 0
      guard distance < worst else { continue }
      best.insert((name, distance), at: best.firstIndex { $0.distance > distance } ?? best.count)
      if best.count > count { best.removeLast() }
    }
    return best.map(\.name)
  }

  /// A help sentence: the nearest name, or else the names there are.
  public static func help(for written: String, among names: [String]) -> String {
    if let near = nearest(to: written, among: names) { return "did you mean '\(near)'?" }
    if names.isEmpty { return "there is nothing to name here; remove it" }
    let shown = names.sorted().prefix(12).joined(separator: ", ")
    return "use one of: \(shown)\(names.count > 12 ? ", …" : "")"
  }

  /// Optimal string alignment: Levenshtein's distance in which two neighbours swapped count once.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for i in 1...left.count {
      var current = [i] + [Int](repeating: 0, count: right.count)
      for j in 1...right.count {
        let cost = left[i - 1] == right[j - 1] ? 0 : 1
        current[j] = min(last[j] + 1, current[j - 1] + 1, last[j - 1] + cost)
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          current[j] = min(current[j], beforeLast[j - 2] + 1)
        }
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
