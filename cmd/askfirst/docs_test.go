package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"askfirst/mailbox"
)

var updateDocs = flag.Bool("update-docs", false, "write docs/REASONS.md and the demo in README.md anew")

// TestReasonsAreDocumented holds docs/REASONS.md to the codes that the program
// knows.
func TestReasonsAreDocumented(t *testing.T) {
	reasons := mailbox.Reasons()
	for code, sentence := range ourReasons() {
		reasons[code] = sentence
	}
	var codes []string
	for code := range reasons {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	var b strings.Builder
	b.WriteString("# Reasons\n\nWhy a message was decided as it was: the `reason` of `askfirst explain`, of the log and of `askfirst why`.\n`go test ./cmd/askfirst -run TestReasonsAreDocumented -update-docs` writes this page.\n\n| reason | meaning |\n|---|---|\n")
	for _, code := range codes {
		fmt.Fprintf(&b, "| `%s` | %s |\n", code, reasons[code])
	}
	keepDocument(t, "docs/REASONS.md", b.String())
}

// TestReadmeShowsTheDemo holds the README to what the demo really prints.
func TestReadmeShowsTheDemo(t *testing.T) {
	folder := t.TempDir()
	var out, errs bytes.Buffer
	if code := execute(t.Context(), []string{"demo", "--letters", folder}, strings.NewReader(""), &out, &errs, nil); code != exitDone {
		t.Fatalf("demo: exit %d\n%s", code, errs.String())
	}
	story := strings.ReplaceAll(out.String(), folder, "/tmp/askfirst-demo-1234/letters")
	root := repositoryRoot(t)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- demo -->\n```\n", "```\n<!-- /demo -->"
	head, rest, ok := strings.Cut(string(readme), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("README.md has no demo")
	}
	keepDocument(t, "README.md", head+begin+shorten(story)+end+tail)
}

// shorten keeps the beginning and the end of the story.
func shorten(story string) string {
	lines := strings.Split(strings.TrimSpace(story), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	cut := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Mon 23 Nov 08:16") })
	back := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Thu 26 Nov 12:45") })
	return strings.Join(slices.Concat(lines[:cut], []string{"…"}, lines[back:]), "\n") + "\n"
}

func keepDocument(t *testing.T, name, want string) {
	t.Helper()
	path := filepath.Join(repositoryRoot(t), name)
	if *updateDocs {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the program says; go test ./cmd/askfirst -run '%s' -update-docs", name, t.Name())
	}
}
