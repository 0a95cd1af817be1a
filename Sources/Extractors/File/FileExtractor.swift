// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// Reads files that match a path, each as one payload, when they are new or changed.
public struct FileExtractor: Extractor {
  static let path = Setting.text(
    "path",
    "File to read, or a pattern with *, ? and ** (any folders); counts from the folder that holds the pipelines folder."
  )
  static let order = Setting.choice(
    "order", "In which order several files are landed: by name, or the longest unchanged first.",
    of: ["name", "modified"], default: "name")
  static let compression = Setting.choice(
    "compression",
    "How the files are compressed; without it, a name that ends in .gz says gzip, in .zst zstd.",
    of: ["none", "gzip", "zstd"],
    isRequired: false)
  static let limit = Setting.size(
    "limit_bytes", "Most bytes of one file, once it is uncompressed.", default: 16 << 30)

  public static let description = ComponentDescription(
    "file", "Reads files from a folder.", example: "file: { path: \"in/*.xml\" }",
    [
      path.description, order.description, compression.description, ArchiveMembers.setting.description,
      limit.description,
    ])

  let pattern: FilePattern
  let isByAge: Bool
  let compression: String?
  let archive: ArchiveMembers?
  let limit: Int

  public init(_ settings: Settings) throws(Diagnostic) {
    pattern = FilePattern(try settings[Self.path])
    isByAge = try settings[Self.order] == "modified"
    compression = try settings.find(Self.compression)
    archive = try settings.find(ArchiveMembers.setting).map { ArchiveMembers(pattern: $0) }
    limit = try settings[Self.limit]
    if archive != nil, compression != nil, let place = settings.tree["compression"] {
      throw ArchiveDiagnostics.besideCompression(at: place)
    }
  }

  public var isPaging: Bool { false }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    let known = FileKnowledge(checkpoint)
    var seen = FileKnowledge(nil)
    var failures: [StageFailure] = []
    for found in try files(in: landing.baseFolder) {
      if landing.isCancelled { return }
      do throws(FileReadError) {
        let file = try found.get()
        let mark = file.facts.mark(file.path)
        if landing.isFull || !known.marks.contains(mark) { try land(file, landing) }
        seen.marks.insert(mark)
      } catch {
        switch error {
        // A file that cannot be taken holds up itself, not the others.
        case .refused(let failure): failures.append(failure)
        case .landing(let cause): throw cause
        case .cancelled: return
        }
      }
    }
    if seen.marks != known.marks || checkpoint == nil { try landing.finish(resume: seen.checkpoint) }
    if let failure = ExtractDiagnostics.together(failures) { throw failure }
  }

  private struct File {
    var path: String
    var onDisk: String
    var facts: FileFacts
  }

  private enum FileReadError: Error {
    /// This file cannot be taken.
    case refused(StageFailure)
    /// Nothing can be landed any more.
    case landing(any Error)
    case cancelled
  }

  private func files(in baseFolder: String) throws(StageFailure) -> [Result<File, FileReadError>] {
    var files: [File] = []
    var refused: [StageFailure] = []
    let matches = pattern.isLiteral ? [pattern.literal] : try pattern.matches(in: baseFolder)
    for match in matches {
      let onDisk = pattern.absolute(match, in: baseFolder)
      var facts = stat()
      if stat(onDisk, &facts) != 0 {
        // Between listing and looking a file may be taken away: then it is not there.
        if errno != ENOENT, errno != ENOTDIR {
          refused.append(
            ExtractDiagnostics.unreadable(
              match, String(cString: strerror(errno)), isPermission: errno == EACCES))
        } else if pattern.isLiteral {
          throw ExtractDiagnostics.noSuchFile(match)
        }
      } else if let kind = FileFacts.kind(facts) {
        refused.append(ExtractDiagnostics.notAFile(match, kind))
      } else {
        files.append(File(path: match, onDisk: onDisk, facts: FileFacts(facts)))
      }
    }
    if isByAge { files.sort { ($0.facts.modified, $0.path) < ($1.facts.modified, $1.path) } }
    return files.map { .success($0) } + refused.map { .failure(.refused($0)) }
  }

  private func land(_ file: File, _ landing: any LandingWriter) throws(FileReadError) {
    // Opened without waiting, so that a pipe put in the file's place since cannot block the run.
    let descriptor = open(file.onDisk, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      let isGone = errno == ENOENT
      throw .refused(
        isGone
          ? ExtractDiagnostics.changedWhileRead(file.path)
          : ExtractDiagnostics.unreadable(
            file.path, String(cString: strerror(errno)), isPermission: errno == EACCES))
    }
    defer { close(descriptor) }
    guard FileFacts(descriptor) == file.facts else {
      throw .refused(ExtractDiagnostics.changedWhileRead(file.path))
    }
    let compression = compression(of: file.path)
    let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
    let modified = Instant(microseconds: file.facts.modified / 1000).description
    let head = PayloadHead(
      origin: "file:\(file.path)", name: name, request: ["path": file.path],
      response: ["modified": modified], expectedBytes: compression == nil ? file.facts.size : nil)
    if let archive { return try members(archive, descriptor, file, head, landing) }
    do { try landing.begin(head) } catch { throw .landing(error) }
    do throws(FileReadError) {
      try copy(descriptor, file.path, compression, landing)
      guard FileFacts(descriptor) == file.facts else {
        throw .refused(ExtractDiagnostics.changedWhileRead(file.path))
      }
    } catch {
      landing.discard()
      throw error
    }
    do { try landing.end(resume: nil) } catch { throw .landing(error) }
  }

  private func members(
    _ archive: ArchiveMembers, _ descriptor: Int32, _ file: File, _ head: PayloadHead,
    _ landing: any LandingWriter
  ) throws(FileReadError) {
    do {
      guard try archive.land(descriptor, head, limit: limit, place: file.path, landing) else {
        throw FileReadError.cancelled
      }
      guard FileFacts(descriptor) == file.facts else {
        throw FileReadError.refused(ExtractDiagnostics.changedWhileRead(file.path))
      }
    } catch let error as FileReadError {
      throw error
    } catch let failure as StageFailure where failure.exit == .sourceProtocol {
      throw .refused(failure)
    } catch {
      throw .landing(error)
    }
  }

  private enum Compression: String {
    case gzip, zstd

    func inflater(limit: Int, place: String) throws(StageFailure) -> any BodyInflater {
      switch self {
      case .gzip: try GzipInflater(limit: limit, place: place)
      case .zstd: try ZstdInflater(limit: limit, mostGrowth: 100, place: place)
      }
    }
  }

  private func compression(of path: String) -> Compression? {
    if let compression { return Compression(rawValue: compression) }
    return path.hasSuffix(".gz") ? .gzip : path.hasSuffix(".zst") ? .zstd : nil
  }

  private func copy(
    _ descriptor: Int32, _ path: String, _ compression: Compression?, _ landing: any LandingWriter
  ) throws(FileReadError) {
    func write(_ bytes: UnsafeRawBufferPointer) throws(FileReadError) {
      do { try landing.write(bytes) } catch { throw .landing(error) }
    }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    do {
      let inflater = try compression?.inflater(limit: limit, place: path)
      var total = 0
      while true {
        if landing.isCancelled { throw FileReadError.cancelled }
        let count = read(descriptor, piece.baseAddress, piece.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else {
          throw ExtractDiagnostics.unreadable(path, String(cString: strerror(errno)), isPermission: false)
        }
        if count == 0 { break }
        let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
        if let inflater {
          try inflater.feed(bytes, into: write)
        } else {
          total += count
          guard total <= limit else { throw ExtractDiagnostics.tooLarge(limit: limit, at: path) }
          try write(bytes)
        }
      }
      try inflater?.finish()
    } catch let error as FileReadError {
      throw error
    } catch let failure as StageFailure {
      throw .refused(failure)
    } catch {
      throw .landing(error)
    }
  }
}

/// What tells that a file is still the one that was read. The change time is part of it because copying tools set
/// the modification time back.
struct FileFacts: Equatable {
  var size: Int64
  /// Nanoseconds since 1970.
  var modified: Int64
  var changed: Int64
  var inode: UInt64

  init(_ facts: stat) {
    size = Int64(facts.st_size)
    modified = Int64(facts.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(facts.st_mtim.tv_nsec)
    changed = Int64(facts.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(facts.st_ctim.tv_nsec)
    inode = UInt64(facts.st_ino)
  }

  init?(_ descriptor: Int32) {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { return nil }
    self.init(facts)
  }

  /// What a thing is that is no file; nil for a file.
  static func kind(_ facts: stat) -> String? {
    switch facts.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  /// The file at this path in this state, in 32 hexadecimal digits.
  func mark(_ path: String) -> String {
    var hasher = KeyHasher()
    Array("\(path)\u{0}\(size)\u{0}\(modified)\u{0}\(changed)\u{0}\(inode)".utf8)
      .withUnsafeBufferPointer { hasher.combine($0) }
    return hasher.finish().hexadecimal
  }
}

/// The files that were read, as the checkpoint keeps them: one mark each, and only of files still there.
private struct FileKnowledge {
  var marks: Set<String> = []

  init(_ checkpoint: Checkpoint?) {
    guard let json = checkpoint?.json else { return }
    marks = Set(json.split(separator: "\"").filter { $0.utf8.count == 32 }.map(String.init))
  }

  var checkpoint: Checkpoint {
    Checkpoint(json: "{\"read\":[\(marks.sorted().map { "\"\($0)\"" }.joined(separator: ","))]}")
  }
}
