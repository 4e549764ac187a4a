package mailbox

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"askfirst/store"
)

// The rows of testdata/understand: the letter that is answered ("-" for none) |
// the writer | the subject ("-" for the letter's own, or for none) | the text
// ("\n" for a new line) | what it must mean. A line that begins with ";" is a
// remark.
func readRows(t *testing.T, name string, fields int) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "understand", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || strings.HasPrefix(line, ";") {
			continue
		}
		row := strings.Split(line, " | ")
		if len(row) != fields {
			t.Fatalf("%s: %d fields: %q", name, len(row), line)
		}
		for i := range row {
			row[i] = strings.ReplaceAll(strings.TrimSpace(row[i]), `\n`, "\n")
			if row[i] == "-" {
				row[i] = ""
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// sentenceRows are the rows of a file as sentences.
func sentenceRows(t *testing.T, name string) []sentenceRow {
	t.Helper()
	people := map[string]store.Member{"mark": mark, "anna": anna, "priya": priya, "sam": sam, "ben": ben, "maria": maria}
	var rows []sentenceRow
	for _, f := range readRows(t, name, 5) {
		writer, ok := people[f[1]]
		if !ok {
			t.Fatalf("%s: nobody is called %q", name, f[1])
		}
		rows = append(rows, sentenceRow{writer, f[0], f[2], f[3], f[4]})
	}
	return rows
}

// Every collision that is known, with what it must come out as.
func TestEveryCollision(t *testing.T) { checkSentences(t, sentenceRows(t, "collisions.txt")) }

// Which ask is meant: the order of the ties, and numbers of other things.
func TestTies(t *testing.T) { checkSentences(t, sentenceRows(t, "ties.txt")) }

// What a member may want to know of us, and to have forgotten.
func TestRights(t *testing.T) { checkSentences(t, sentenceRows(t, "rights.txt")) }
