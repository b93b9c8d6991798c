import Terminal
import Testing

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0.9132, 4, "0.9132"), (0.5, 0, "1"), (0.125, 2, "0.13"), (-0.0031, 4, "-0.0031"),
        (-0.00001, 4, "0.0000"), (1234.5, 1, "1234.5"), (0.05, 3, "0.050"), (9.999, 2, "10.00"),
        (.nan, 2, "—"), (.infinity, 2, "inf"), (-.infinity, 2, "-inf"), (1e20, 2, "1e+20"),
    ])
    func `decimals are fixed and rounded`(value: Double, places: Int, text: String) {
        #expect(NumberText.decimals(value, places) == text)
    }

    @Test(arguments: [
        (0.9132, ".9132"), (-0.0076, "-.0076"), (1.5, "1.5000"), (0, ".0000"),
    ])
    func `the leading zero can be left out`(value: Double, text: String) {
        #expect(NumberText.decimals(value, 4, isLeadingZeroShown: false) == text)
    }

    @Test(arguments: [(0.0055, "+.0055"), (-0.0076, "-.0076"), (0.00001, ".0000"), (.nan, "—")])
    func `a difference shows its sign unless it is nothing`(value: Double, text: String) {
        #expect(NumberText.signed(value, 4, isLeadingZeroShown: false) == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (48_210, "48,210"), (-1_234_567, "-1,234,567"),
    ])
    func `thousands are told apart`(value: Int, text: String) {
        #expect(NumberText.thousands(value) == text)
    }

    @Test(arguments: [
        (0.0, "0"), (812, "812"), (999.6, "1.0k"), (1234, "1.2k"), (48_210, "48k"), (3.1e6, "3.1M"),
        (-2500, "-2.5k"), (.nan, "—"),
    ])
    func `large numbers are shortened`(value: Double, text: String) {
        #expect(NumberText.compact(value) == text)
    }

    @Test(arguments: [(0, "0 B"), (1023, "1.0 kB"), (1536, "1.5 kB"), (3_328_599_654, "3.1 GB")])
    func `bytes are powers of 1024`(count: Int, text: String) {
        #expect(NumberText.bytes(count) == text)
    }

    @Test(arguments: [
        (0.0004, "0.4ms", "0.4ms"), (0.25, "0.3s", "0.3s"), (45, "45s", "45s"),
        (60, "1m", "1m00s"), (2470, "41m", "41m10s"), (20_520, "5h", "5h42m"),
        (273_600, "3d", "3d04h"), (-7200, "-2h", "-2h00m"), (.nan, "—", "—"),
    ])
    func `times take their largest units`(seconds: Double, short: String, long: String) {
        #expect(NumberText.duration(seconds) == short)
        #expect(NumberText.longDuration(seconds) == long)
    }

    @Test(arguments: [
        (0.31, "0.31ms"), (9.4, "9.4ms"), (31.2, "31ms"), (1234, "1.2s"), (.infinity, "—"),
    ])
    func `milliseconds keep two or three digits`(value: Double, text: String) {
        #expect(NumberText.milliseconds(value) == text)
    }

    @Test(arguments: [
        (0.0, "0"), (0.0012, "0.0012"), (0.84, "0.84"), (9.5, "9.50"), (12.5, "12.5"), (812, "812"),
        (12_345, "12k"), (-0.5, "-0.50"), (.nan, "—"),
    ])
    func `short numbers keep their first digits`(value: Double, text: String) {
        #expect(NumberText.short(value) == text)
    }

    @Test func `percent and its gap`() {
        #expect(NumberText.percent(0.47) == "47%")
        #expect(NumberText.percent(0.0021, 1) == "0.2%")
        #expect(NumberText.percent(.nan) == "—")
    }
}
