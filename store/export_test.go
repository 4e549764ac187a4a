package store

import (
	"context"
	"encoding/base64"
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

// What somebody without a name told one colleague is for that colleague: no
// export has it, nor the ask of such a one that waits for a yes. Whatever else
// goes to somebody without a name is handed over.
func TestExportHidesWhoGaveTheirName(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	veil := Recipient{Name: "A colleague", Email: veilAddress(9)}
	mark := Recipient{2, "Mark Evans", mark, ""}
	if err := s.clock(t.Context(), at(t, "2026-11-20 13:00"), nil, func(tx *Tx) error {
		return tx.Enqueue([]Letter{
			{Key: "introduction/1/m2", Kind: KindIntroduction, To: mark, ReplyTo: []Recipient{{Email: "canary-hidden-reply"}}, Subject: "x", Text: "canary-hidden-one"},
			{Key: "introduction/1/m2", Kind: KindIntroduction, To: veil, Subject: "x", Text: "canary-hidden-two"},
			{Key: "introduction/2/m2", Kind: KindIntroduction, To: mark, ReplyTo: []Recipient{{Email: "canary-reply"}}, Subject: "x", Text: "canary-ordinary"},
			{Key: "status/1", Kind: KindStatus, To: veil, Subject: "x", Text: "canary-veil"},
		})
	}); err != nil {
		t.Fatal(err)
	}
	s.writes(`INSERT INTO intake (id, mailbox, uidvalidity, uid, sha256, size, oversize, received_at, state, member) VALUES (901, '', 1, 901, '', 9, 0, 5, 'unconfirmed', 2), (902, '', 1, 902, '', 9, 0, 5, 'unconfirmed', 2)`)
	s.writes(`INSERT INTO unconfirmed (intake, member, acts, words, since, until) VALUES (901, 2, '', '', 5, 9), (902, 2, 'ask', 'canary-words', 5, 9)`)
	s.writes(`INSERT INTO intake_raw (intake, raw) VALUES (901, CAST('anonymous' AS BLOB)), (902, CAST('canary' AS BLOB))`)
	for _, member := range []int64{0, 2} {
		var all strings.Builder
		if err := s.Export(t.Context(), member, func(r Row) error {
			line, err := json.Marshal(r)
			all.Write(line)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"canary-hidden", base64.StdEncoding.EncodeToString([]byte("anonymous"))} {
			if strings.Contains(all.String(), word) {
				t.Errorf("of %d: %s is handed over", member, word)
			}
		}
		for word, of := range map[string]int64{"canary-ordinary": 2, "canary-reply": 2, "canary-veil": 0, "canary-words": 2, base64.StdEncoding.EncodeToString([]byte("canary")): 2} {
			if !strings.Contains(all.String(), word) && (member == 0 || member == of) {
				t.Errorf("of %d: %s is not handed over", member, word)
			}
		}
		if strings.Contains(all.String(), `"since":5`) || !strings.Contains(all.String(), `"since":"1970-01-01T`) {
			t.Errorf("of %d: a time is a number", member)
		}
	}
}

// writes changes rows as no rule would.
func (s *scene) writes(query string) {
	s.Helper()
	if _, err := s.write.Exec(query); err != nil {
		s.Fatal(err)
	}
}
