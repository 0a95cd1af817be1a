// SPDX-License-Identifier: Apache-2.0

/// A sector system as `systems.yaml` declares it: where it is, how to sign in, how to be polite.
public struct SystemSpec: Sendable, Equatable {
  public enum Authentication: Sendable, Equatable {
    case none
    case basic(user: Secret, password: Secret)
    case bearer(Secret)
    /// Header lines that carry a key.
    case headers([String: Secret])
  }

  /// How often a request that failed for a passing reason is made again.
  public struct Retries: Sendable, Equatable {
    /// Tries of one request, the first included.
    public var attempts = 5
    /// Seconds before the second try; each further wait is up to twice as long (full jitter).
    public var firstWait = 1.0
    public var longestWait = 60.0
    /// Repeated tries in one run, over all its requests.
    public var budget = 50

    public init() {}
  }

  /// Seconds.
  public struct Timeouts: Sendable, Equatable {
    public var connect = 10.0
    /// From the end of the request to the first byte of the answer.
    public var firstByte = 60.0
    /// Without a single byte, in the middle of an answer.
    public var stall = 60.0
    /// The whole answer.
    public var whole = 3600.0

    public init() {}
  }

  /// A time of day in which the system may be called, in minutes from midnight, local time. `to` is not included;
  /// a range whose end is before its start goes over midnight.
  public struct Hours: Sendable, Equatable {
    public var from: Int
    public var to: Int

    public init(from: Int, to: Int) {
      self.from = from
      self.to = to
    }

    public func contains(minute: Int) -> Bool {
      from <= to ? minute >= from && minute < to : minute >= from || minute < to
    }
  }

  public var name: String
  public var title: String?
  public var owner: String?
  /// `https://host[:port][/path]`, without a trailing slash.
  public var baseURL: String
  public var authentication: Authentication
  /// PEM file of the authorities to trust instead of the machine's.
  public var authorityFile: String?
  /// Empty: at any time.
  public var hours: [Hours]
  public var requestsPerMinute: Int?
  /// Most requests at the same time.
  public var parallel: Int
  public var retries: Retries
  public var timeouts: Timeouts
  /// Allows `http://` to a host that is not this machine.
  public var allowsInsecureHTTP: Bool

  public init(
    name: String, title: String? = nil, owner: String? = nil, baseURL: String,
    authentication: Authentication = .none, authorityFile: String? = nil, hours: [Hours] = [],
    requestsPerMinute: Int? = nil, parallel: Int = 1, retries: Retries = Retries(),
    timeouts: Timeouts = Timeouts(), allowsInsecureHTTP: Bool = false
  ) {
    self.name = name
    self.title = title
    self.owner = owner
    self.baseURL = baseURL
    self.authentication = authentication
    self.authorityFile = authorityFile
    self.hours = hours
    self.requestsPerMinute = requestsPerMinute
    self.parallel = parallel
    self.retries = retries
    self.timeouts = timeouts
    self.allowsInsecureHTTP = allowsInsecureHTTP
  }

  /// Whether the system may be called at a minute of the local day.
  public func isOpen(atMinute minute: Int) -> Bool {
    hours.isEmpty || hours.contains { $0.contains(minute: minute) }
  }
}
