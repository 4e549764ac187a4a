package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPromisesNameTests holds docs/PROMISES.md to the tests that there are: each
// name on the page is that of a test, or of a file, and every row of a table of
// promises names one.
func TestPromisesNameTests(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "PROMISES.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, folder := range []string{".", "../../store", "../../digest", "../../mailbox", "../../mailbox/*", "../../store/*"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range declared.FindAllSubmatch(source, -1) {
				names[string(m[1])] = true
			}
		}
	}
	begins := func(prefix string) bool {
		for name := range names {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
	named, section := 0, ""
	for line := range strings.Lines(string(page)) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = strings.TrimSpace(title)
		}
		found := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)[…$]?`").FindAllStringSubmatch(line, -1)
		for _, m := range found {
			named++
			if !begins(m[1]) { // -run takes the beginning of a name, too
				t.Errorf("there is no test %s", m[1])
			}
		}
		promise := strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| promise ") && section != "What the proving ground found"
		if promise && len(found) == 0 {
			t.Errorf("no test for %s", line)
		}
		for _, m := range regexp.MustCompile("`((?:cmd/askfirst|store|digest|mailbox)/[\\w/]+\\.go)`").FindAllStringSubmatch(line, -1) {
			if _, err := os.Stat(filepath.Join("..", "..", m[1])); err != nil {
				t.Errorf("there is no %s", m[1])
			}
		}
	}
	if named < 100 {
		t.Errorf("only %d tests are named", named)
	}
	// The commands of the page: what -run wants must be there, too.
	for _, m := range regexp.MustCompile(`-run '([^']+)'`).FindAllStringSubmatch(string(page), -1) {
		for name := range strings.SplitSeq(m[1], "|") {
			if name = strings.TrimSuffix(name, "$"); name != "NAME" && !begins(name) && name != "Long" {
				t.Errorf("no test begins with %s", name)
			}
		}
	}
}
