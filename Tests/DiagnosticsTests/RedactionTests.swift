// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@Suite("Redaction")
struct RedactionTests {
  @Test(
    "takes out a secret as it is, and as it is encoded",
    arguments: [
      "Zq7&\"pass/", "Zq7%26%22pass%2F", "Zq7%26%22pass%2f", "WnE3JiJwYXNzLw==", "Zq7&\\\"pass/",
      "Zq7&\\\"pass\\/",
      "Zq7&amp;&quot;pass/",
    ])
  func forms(_ form: String) {
    Redaction.learn("Zq7&\"pass/")
    #expect(Redaction.redacted("a \(form) b") == "a ••• b")
    let failure = StageFailure(id: "a.b", form, at: "x\(form)", help: "(\(form))", exit: .bug)
    #expect(failure.message == "•••" && failure.place == "x•••" && failure.help == "(•••)")
    #expect(Diagnostic(id: "a.b", form, at: nil, help: "y").message == "•••")
  }

  @Test("takes it out of a longer text in base64, wherever it stands there")
  func within() {
    Redaction.learn("Zq7&\"pass/")
    for user in ["", "a", "ab", "abc", "abcd"] {
      let text = Base64Text.encode(Array("\(user):Zq7&\"pass/:more".utf8))
      #expect(Redaction.redacted(text).contains("•••"), "\(user)")
      #expect(!Redaction.redacted(text).contains("cGFzc"), "\(user)")
    }
  }

  @Test("leaves words alone that are too short to be told from others", arguments: ["ab1", "terrace", ""])
  func short(_ word: String) {
    Redaction.learn(word)
    #expect(Redaction.redacted("run \(word) again") == "run \(word) again")
  }

  @Test("encodes as RFC 4648 does")
  func base64() {
    let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar", "\u{FF}\u{FE}?>"]
    let expected = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy", "w7/Dvj8+"]
    #expect(texts.map { Base64Text.encode(Array($0.utf8)) } == expected)
  }
}
