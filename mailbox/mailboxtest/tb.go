package mailboxtest

// TB is what the starters need of a *testing.T or *testing.B. It is not
// testing.TB, so that the demo, which runs on the post office, does not carry
// the testing package.
type TB interface {
	Helper()
	Cleanup(func())
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}
