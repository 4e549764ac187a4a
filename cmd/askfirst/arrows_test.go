package main

import (
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The packages are the design, and imports point one way: the book imports
// nothing of ours, mail and words know the book but not each other, and only the
// command knows all three. Leaf rooms know nothing but what stands here.
var arrows = map[string][]string{
	"askfirst/store":               {},
	"askfirst/store/link":          {},
	"askfirst/digest":              {"askfirst/store", "askfirst/store/link"},
	"askfirst/mailbox/parse":       {"askfirst/store/link"},
	"askfirst/mailbox/trim":        {"askfirst/mailbox/parse"},
	"askfirst/mailbox/words":       {},
	"askfirst/mailbox/authres":     {},
	"askfirst/mailbox/hold":        {"askfirst/mailbox/words"},
	"askfirst/mailbox/nameless":    {"askfirst/mailbox/words"},
	"askfirst/mailbox/oauth":       {},
	"askfirst/mailbox":             {"askfirst/mailbox/oauth", "askfirst/store", "askfirst/mailbox/parse", "askfirst/mailbox/trim", "askfirst/mailbox/words", "askfirst/mailbox/hold", "askfirst/mailbox/authres", "askfirst/mailbox/yesno", "askfirst/mailbox/nameless"},
	"askfirst/mailbox/yesno":       {"askfirst/mailbox/words"},
	"askfirst/mailbox/mailboxtest": {},
	"askfirst/cmd/askfirst":        {"askfirst/store", "askfirst/digest", "askfirst/mailbox", "askfirst/mailbox/oauth", "askfirst/mailbox/parse", "askfirst/mailbox/words", "askfirst/mailbox/hold", "askfirst/mailbox/mailboxtest"},
}

func TestImportsPointOneWay(t *testing.T) {
	root := repositoryRoot(t)
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); path != root && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		pkg, err := build.ImportDir(path, 0)
		if err != nil {
			return nil // no Go here
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name := "askfirst/" + filepath.ToSlash(relative)
		allowed, known := arrows[name]
		if !known {
			t.Errorf("%s is not in the picture: draw its arrows here and in docs", name)
			return nil
		}
		found[name] = true
		for _, imported := range pkg.Imports {
			if strings.HasPrefix(imported, "askfirst/") && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range arrows {
		if !found[name] {
			t.Errorf("%s is in the picture and not in the tree", name)
		}
	}
}

func repositoryRoot(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		if folder = filepath.Dir(folder); folder == "/" {
			t.Fatal("no go.mod above the test")
		}
	}
}
