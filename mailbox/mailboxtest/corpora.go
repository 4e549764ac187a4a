package mailboxtest

import (
	"os"
	"path/filepath"
)

// Corpora is the folder of public mail that lies beside the repository. Where it
// does not, the test is skipped.
func Corpora(t TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for up := ""; ; folder = up {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		if up = filepath.Dir(folder); up == folder {
			t.Skipf("no go.mod above the test; the corpora lie beside the repository")
		}
	}
	corpora := filepath.Join(folder, "..", "shared", "corpora")
	if _, err := os.Stat(corpora); err != nil {
		t.Skipf("no corpora at ../shared/corpora beside the repository; nothing to measure on")
	}
	return corpora
}
