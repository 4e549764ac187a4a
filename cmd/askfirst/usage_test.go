package main

import (
	"context"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
		{"completion", "bash, fish, powershell or zsh"},
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
		{"preview --html --text", "--html and --text exclude one another"},
		{"explain --at yesterday x.eml", "2026-11-23T07:30:00Z"},
		{"explain", "explain needs FILE.eml… after it"},
		{"asks withdraw", "asks withdraw needs N after it"},
		{"asks withdraw seven --reason x", "seven"},
		{"asks withdraw 7", "--reason"},
		{"why", "why needs MESSAGE-ID after it"},
		{"run now", "run takes no arguments, and was given \"now\""},
		{"check everything", "everything"},
		{"version 2", "2"},
		{"why a b", "takes one MESSAGE-ID, and was given 2"},
		{"status --json=maybe", "--json takes no value, and was given \"maybe\": write --json alone"},
		{"once --help=x", "--help takes no value"},
		{"once -json", "unknown flag: -json; did you mean --json?"},
		{"once -x=1", "unknown flag: -x\n"},
		{"once ---json", "two hyphens and a name"},
		{"preview --for", "--for needs a value after it: the digest of the member with this EMAIL\n"},
		{"outbox list --state a\"b", "a list of words with commas between them"},
		{"report --month 2026-11", "unknown command \"report\""},
		{"asks withdrw --reason x", "did you mean withdraw?"},
		{"quarantine show x", "see askfirst quarantine list"},
	} {
		town.tries(exitUsage, c.says, strings.Fields(c.line)...)
	}
	for _, line := range []string{"", "help", "help asks withdraw", "once --help", "version", "--version", "man", "completion bash", "completion fish"} {
		if out := town.tries(exitDone, "", strings.Fields(line)...); out == "" {
			t.Errorf("askfirst %s prints nothing", line)
		}
	}
}

// TestEveryFlagMistyped: no command answers a slip in the words of a library.
func TestEveryFlagMistyped(t *testing.T) {
	theirs := regexp.MustCompile(`strconv|pflag|arg\(s\)|invalid argument|flag needs|shorthand|group`)
	said := func(args ...string) string {
		var errs strings.Builder
		a := &app{in: strings.NewReader(""), out: io.Discard, err: &errs}
		if code := a.execute(context.Background(), args); code != exitUsage || theirs.MatchString(errs.String()) {
			t.Errorf("askfirst %s: exit %d\n%s", strings.Join(args, " "), code, errs.String())
		}
		return errs.String()
	}
	var visit func(cmd *cobra.Command, path []string)
	visit = func(cmd *cobra.Command, path []string) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			slip := "--" + f.Name
			if f.Value.Type() == "bool" {
				slip += "=maybe"
			}
			if errs := said(append(path, slip)...); !strings.Contains(errs, "--"+f.Name) {
				t.Errorf("askfirst %s %s does not name the flag: %s", strings.Join(path, " "), slip, errs)
			}
		})
		said(append(path, "--nonsense")...)
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				visit(sub, append(path[:len(path):len(path)], sub.Name()))
			}
		}
	}
	visit(rootCommand(&app{}), nil)
}
