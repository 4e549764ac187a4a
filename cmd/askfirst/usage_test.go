package main

import (
	"strings"
	"testing"

	"askfirst/mailbox/mailboxtest"
)

// What is said to somebody who mistypes a command line.

func TestUsageErrors(t *testing.T) {
	town, _ := openTown(t, mailboxtest.Options{})
	for _, c := range []struct{ line, says string }{
		{"onec", `did you mean once?`},
		{"frobnicate", `unknown command "frobnicate"`},
		{"once --jason", "did you mean --json?"},
		{"asks withdrw 1", "did you mean withdraw?"},
		{"completion bsh", "did you mean bash?"},
		{"completion", "accepts 1 arg"},
		{"help onec", "did you mean once?"},
		{"once --at yesterday", "2026-11-23T07:30:00Z"},
		{"once --at 2026-11-23", "2026-11-23T07:30:00Z"},
		{"once --at 9999-12-31T23:59:59Z", "between 1970 and 2199"},
		{"status --at yesterday", "2026-11-23T07:30:00Z"},
		{"audit --at yesterday", "2026-11-23T07:30:00Z"},
		{"asks --at yesterday", "2026-11-23T07:30:00Z"},
		{"why --at yesterday <a@b>", "2026-11-23T07:30:00Z"},
		{"preview --at yesterday", "2026-11-23T07:30:00Z"},
		{"preview --date tomorrow", "2026-11-23"},
		{"preview --html --text", "html"},
		{"explain --at yesterday x.eml", "2026-11-23T07:30:00Z"},
		{"explain", "at least 1"},
		{"asks withdraw", "accepts 1 arg"},
		{"asks withdraw seven --reason x", "seven"},
		{"asks withdraw 7", "--reason"},
		{"why", "accepts 1 arg"},
		{"run now", "now"},
		{"check everything", "everything"},
		{"version 2", "2"},
	} {
		town.tries(exitUsage, c.says, strings.Fields(c.line)...)
	}
	for _, line := range []string{"", "help", "help asks withdraw", "once --help", "version", "man", "completion bash", "completion fish"} {
		if out := town.tries(exitDone, "", strings.Fields(line)...); out == "" {
			t.Errorf("askfirst %s prints nothing", line)
		}
	}
}
