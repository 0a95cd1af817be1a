// SPDX-License-Identifier: Apache-2.0

import Components
import Testing

@Suite("What values have in common")
struct ObservedFormsTests {
  private func forms(_ values: [String]) -> ObservedForms { ObservedNode(name: "x", values: values).forms }

  @Test("is told from all of them")
  func numbers() {
    #expect(forms(["1", "20", "-3"]).fits.contains(.integer))
    #expect(!forms(["1", "079"]).fits.contains(.integer))
    #expect(!forms(["1", "x"]).fits.contains(.integer))
    #expect(!forms(["1234567890123456789"]).fits.contains(.integer))
  }

  @Test("is ambiguous for a group of three")
  func ambiguous() {
    let fits = forms(["1.234"]).fits
    #expect(fits.contains(.plainNumber) && fits.contains(.vietnameseNumber))
    #expect(!forms(["1.234", "1.234.567,5"]).fits.contains(.plainNumber))
    #expect(!forms(["1.234", "0.5"]).fits.contains(.vietnameseNumber))
  }

  @Test("is a date only when every day exists")
  func dates() {
    #expect(forms(["31/12/2025", "01/02/2026"]).pattern == "dd/MM/yyyy")
    #expect(forms(["31/12/2025", "1/2/2026"]).pattern == "d/M/yyyy")
    #expect(forms(["31/02/2025"]).pattern == nil)
    #expect(forms(["12/31/2025"]).pattern == "M/d/yyyy")
    #expect(forms(["2025-01-01"]).fits.contains(.isoDate))
    #expect(!forms(["2025-01-01", "2025-01-01T10:00:00Z"]).fits.contains(.isoDate))
  }
}
