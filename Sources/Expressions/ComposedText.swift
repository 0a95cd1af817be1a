// SPDX-License-Identifier: Apache-2.0

@_spi(_Unicode) import Swift

/// The text in NFC, as all captured text is, so that literals compare equal to it.
func canonicalText(_ text: String) -> String {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
  var composed = String.UnicodeScalarView()
  for scalar in text._nfc { composed.append(scalar) }
  return String(composed)
}

/// The scalar's canonical decomposition, its base letter first.
func decomposition(of scalar: Unicode.Scalar) -> [Unicode.Scalar] { Array(String(Character(scalar))._nfd) }
