package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
)

// TestExportKeepsSecrets puts a row into every table whose content is a secret,
// and into every table with a column that is one: none of it is handed over, and
// of one member nothing of another.
func TestExportKeepsSecrets(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	raw, err := sqlx.Open("sqlite", "file:"+s.path+"?_pragma=foreign_keys(0)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	hidden := []string{"book", "forgotten_address", "forget_search", "wording_erase", "member_name", "ask_sealed", "token_key"}
	secrets := []string{"intake.duplicate", "intake.sender", "intake.sha256", "wording.sha256", "letter.message_id"}
	tables := slices.Clone(hidden)
	for _, column := range secrets {
		table, _, _ := strings.Cut(column, ".")
		if !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	for table := range ofMember() {
		if !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	for _, table := range tables {
		columns := []struct{ Name, Type string }{}
		if err := raw.Select(&columns, `SELECT name, type FROM pragma_table_info(?)`, table); err != nil || len(columns) == 0 {
			t.Fatalf("%s: %d columns, %v", table, len(columns), err)
		}
		var names, marks []string
		var values []any
		for _, c := range columns {
			secret := slices.Contains(hidden, table) || slices.Contains(secrets, table+"."+c.Name)
			var v any
			switch {
			case c.Type == "INTEGER":
				v = 424242
			case c.Type == "BLOB" && table == "wording":
				v = nil
			case secret:
				v = "canary-secret-" + table + "-" + c.Name
			default:
				v = "canary-theirs-" + table + "-" + c.Name
			}
			if c.Type == "BLOB" && v != nil {
				v = []byte(v.(string))
			}
			names, marks, values = append(names, c.Name), append(marks, "?"), append(values, v)
		}
		if _, err := raw.Exec(`INSERT INTO `+table+` (`+strings.Join(names, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, values...); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
	}
	look := func(member int64) (string, map[string]int) {
		var all strings.Builder
		seen := map[string]int{}
		if err := s.Export(context.Background(), member, func(r Row) error {
			seen[r.Table]++
			line, err := json.Marshal(r)
			all.Write(line)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return all.String(), seen
	}
	all, seen := look(0)
	for table, n := range seen {
		if slices.Contains(hidden, table) {
			t.Errorf("%d rows of %s are handed over", n, table)
		}
	}
	for rest := all; ; {
		i := strings.Index(rest, "canary-secret-")
		if i < 0 {
			break
		}
		t.Errorf("handed over: %s", rest[i:i+min(60, len(rest)-i)])
		rest = rest[i+len("canary-secret-"):]
	}
	if !strings.Contains(all, "canary-theirs-ask-title") {
		t.Error("what is no secret is not handed over")
	}
	mine, _ := look(1)
	if i := strings.Index(mine, "canary-theirs-"); i >= 0 {
		t.Errorf("of the first member somebody else's is handed over: %s", mine[i:i+min(60, len(mine)-i)])
	}
	theirs, seen := look(424242)
	for table := range ofMember() {
		if seen[table] == 0 && !slices.Contains([]string{"ask", "held_edit", "thanks", "offer", "metoo", "referral"}, table) {
			t.Errorf("a member's own rows of %s are not handed over", table)
		}
	}
	if !strings.Contains(theirs, "canary-theirs-member-name") {
		t.Error("a member's own name is not handed over")
	}
}
