package digest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"askfirst/store"
)

var update = flag.Bool("update", false, "write the golden letters anew")

func voice(t testing.TB) *Voice {
	t.Helper()
	v, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sampleLetters(t testing.TB) []store.Letter {
	t.Helper()
	letters, err := voice(t).Letters(sample("en"))
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

// TestGolden holds every word and every tag of every letter. After a change,
// run `go test ./digest -run Golden -update` and read the difference.
func TestGolden(t *testing.T) {
	var written []string
	seen := map[string]int{}
	for _, l := range sampleLetters(t) {
		name := l.Kind
		if seen[l.Kind]++; seen[l.Kind] > 1 {
			name = fmt.Sprintf("%s-%d", l.Kind, seen[l.Kind])
		}
		head := "Subject: " + l.Subject + "\n"
		for _, r := range l.ReplyTo {
			head += "Reply-To: " + r.Email + "\n"
		}
		for _, i := range l.Items {
			head += fmt.Sprintf("Item: %d #%d\n", i.Position, i.Ask)
		}
		for ext, content := range map[string]string{".txt": head + "\n" + l.Text, ".html": l.HTML} {
			file := filepath.Join("testdata", "letters", name+ext)
			written = append(written, file)
			if *update {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Errorf("%v: run with -update", err)
			} else if !bytes.Equal(want, []byte(content)) {
				t.Errorf("%s differs; got:\n%s", file, content)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "letters", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains(written, f) {
			t.Errorf("%s belongs to no letter", f)
		}
	}
}
