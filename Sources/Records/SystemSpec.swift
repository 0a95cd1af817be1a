// SPDX-License-Identifier: Apache-2.0

/// A sector system as `systems.yaml` declares it: where it is, how to sign in, how to be polite.
public struct SystemSpec: Sendable, Equatable {
  public enum Authentication: Sendable, Equatable {
    case none
    case basic(user: Secret, password: Secret)
    case digest(user: Secret, password: Secret)
    case bearer(Secret)
    /// Header lines that carry a key.
    case headers([String: Secret])
    /// Parameters of the address that carry a key.
    case query([String: Secret])
    case clientCredentials(ClientCredentials)
  }

  /// How a token is asked for: the client credentials grant of RFC 6749, section 4.4.
  public struct ClientCredentials: Sendable, Equatable {
    /// Where the client's name and secret stand in the request for a token.
    public enum Place: String, Sendable, CaseIterable { case header, body }

    public var tokenURL: String
    public var id: Secret
    public var secret: Secret
    public var scope: String?
    public var audience: String?
    /// Further fields of the form.
    public var form: [String: Secret] = [:]
    public var place = Place.header

    public init(tokenURL: String, id: Secret, secret: Secret) {
      self.tokenURL = tokenURL
      self.id = id
      self.secret = secret
    }
  }

  /// What we show who we are by, in the handshake. Paths count from the folder that holds the pipelines folder.
  public struct ClientCertificate: Sendable, Equatable {
    /// PEM, or PKCS#12 where `isPKCS12`.
    public var file: String
    /// PEM; nil when it stands in `file`.
    public var keyFile: String?
    public var isPKCS12 = false
    public var passphrase: Secret?

    public init(file: String) { self.file = file }
  }

  public enum Proxy: Sendable, Equatable {
    /// What `https_proxy` and `no_proxy` say.
    case environment
    case none
    /// `http://host:port`
    case server(String, user: Secret?, password: Secret?)
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
    /// Seconds that further pipelines of a command leave a system in peace once it gave up on it.
    public var coolDown = 300.0
    public static let longestCoolDown = 3600.0

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
    /// All that one run asks, its waits included.
    public var run = 12 * 3600.0

    public init() {}
  }

  /// A time of day in which the system may be called, in minutes from midnight, local time. `to` is not included;
  /// a range whose end is before its start goes over midnight, and belongs to the day on which it begins.
  public struct Hours: Sendable, Equatable {
    public var from: Int
    public var to: Int
    /// 1 is Monday, 7 Sunday; empty: on every day.
    public var weekdays: Set<Int>

    public init(from: Int, to: Int, weekdays: Set<Int> = []) {
      self.from = from
      self.to = to
      self.weekdays = weekdays
    }

    public func contains(minute: Int, weekday: Int) -> Bool {
      func isMeant(_ day: Int) -> Bool { weekdays.isEmpty || weekdays.contains(day) }
      if from <= to { return minute >= from && minute < to && isMeant(weekday) }
      return (minute >= from && isMeant(weekday)) || (minute < to && isMeant(weekday == 1 ? 7 : weekday - 1))
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
  public var clientCertificate: ClientCertificate?
  /// `sha256//…`: public keys of which the system must have one. Empty: any.
  public var pinnedKeys: [String] = []
  public var proxy = Proxy.environment
  /// Origins (`https://host[:port]`) that a redirect may lead to. They are shown no secret.
  public var redirectOrigins: [String] = []
  /// A compressed answer that grows more than so many times is a bomb, once there is more than 1 MiB of it.
  public var mostGrowth = 100
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

  /// Whether the system may be called at a minute of a local day; 1 is Monday.
  public func isOpen(atMinute minute: Int, weekday: Int) -> Bool {
    hours.isEmpty || hours.contains { $0.contains(minute: minute, weekday: weekday) }
  }
}
