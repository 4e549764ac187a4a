package main

import (
	"bytes"
	"compress/flate"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// book opens the book's file as anybody could who has it, without the key.
func (w *sealedWeek) file() string { return filepath.Join(filepath.Dir(w.config), "askfirst.db") }

func (w *sealedWeek) open() *sql.DB {
	db, err := sql.Open("sqlite", "file:"+w.file()+"?_pragma=query_only(1)")
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { db.Close() })
	return db
}

func (w *sealedWeek) messageIDs() []string {
	var ids []string
	for _, r := range w.rows(w.open(), `SELECT message_id FROM letter UNION SELECT message_id FROM intake WHERE message_id <> ''`) {
		ids = append(ids, fmt.Sprint(r["message_id"]))
	}
	return ids
}

// rows are all rows of a query, each column by its name.
func (w *sealedWeek) rows(db *sql.DB, query string) []map[string]any {
	w.Helper()
	rows, err := db.Query(query)
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		w.Fatal(err)
	}
	var all []map[string]any
	for rows.Next() {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.Fatal(err)
		}
		row := map[string]any{}
		for i, name := range names {
			if blob, ok := values[i].([]byte); ok {
				if text, err := io.ReadAll(flate.NewReader(bytes.NewReader(blob))); err == nil {
					blob = text
				}
				values[i] = string(blob)
			}
			row[name] = values[i]
		}
		all = append(all, row)
	}
	return all
}

// scanBook looks through every row of every table, and through what rows say
// together: no row that names an asker, by number, name, address or key, is about
// the ask.
func (w *sealedWeek) scanBook() {
	w.Helper()
	db := w.open()
	scanned := 0
	for _, a := range anonymousAsks() {
		member := w.rows(db, `SELECT id FROM member WHERE email = '`+address(a.who)+`'`)[0]["id"]
		number := fmt.Sprint(a.number)
		id := regexp.MustCompile(fmt.Sprintf(`\bm%v\b`, member))
		var tables []string
		for _, r := range w.rows(db, `SELECT name FROM sqlite_master WHERE type = 'table'`) {
			tables = append(tables, `SELECT * FROM "`+fmt.Sprint(r["name"])+`"`)
		}
		tables = append(tables, // what is told to whom, and what came of which mail
			`SELECT l.*, o.key AS okey, w.subject, w.text, w.html FROM letter l JOIN outbox o ON o.letter = l.id JOIN wording w ON w.id = l.wording WHERE l.kind <> 'digest'`,
			`SELECT l.kind, l.member, i.ask, q.text FROM letter l JOIN wording_item i ON i.wording = l.wording JOIN wording q ON q.id = l.wording WHERE l.kind <> 'digest'`,
			`SELECT i.member, i.message_id, c.ref AS ask, a.title, a.body FROM intake i JOIN consequence c ON c.intake = i.id AND c.what = 'ask' JOIN ask a ON a.number = c.ref`,
			`SELECT i.member, i.message_id, l.key, w.text FROM intake i JOIN consequence c ON c.intake = i.id AND c.what = 'letter' JOIN letter l ON l.id = c.ref JOIN wording w ON w.id = l.wording`,
			`SELECT a.number AS ask, m.member FROM ask a JOIN allowance m ON m.full_at BETWEEN a.created_at AND a.created_at + 3600000`,
			// the question whether somebody wrote it, its answer, and when they came
			`SELECT l.member, k.ref AS ask FROM consequence c JOIN letter l ON l.id = c.ref AND c.what = 'letter' JOIN consequence k ON k.intake = c.intake AND k.what = 'ask'`,
			`SELECT y.member, k.ref AS ask FROM intake y JOIN consequence c ON c.intake = y.id AND c.what = 'message' JOIN consequence k ON k.intake = c.ref AND k.what = 'ask'`,
			`SELECT u.member, k.ref AS ask FROM unconfirmed u JOIN consequence k ON k.intake = u.intake AND k.what = 'ask'`,
			`SELECT l.member, k.ref AS ask, l.key AS named FROM letter l JOIN intake i ON instr(l.key, substr(i.sha256, 1, 16)) > 0 JOIN consequence k ON k.intake = i.id AND k.what = 'ask'`,
			`SELECT i.member, a.number AS ask FROM ask a JOIN intake i ON a.created_at IN (i.received_at, i.decided_at)`,
			`SELECT c.member, a.number AS ask FROM ask a JOIN confirm c ON a.created_at IN (c.asked_at, c.ended_at)`,
			`SELECT l.member, a.number AS ask FROM ask a JOIN letter l ON l.at = a.created_at`,
			`SELECT l.member, k.ref AS ask FROM intake i JOIN consequence k ON k.intake = i.id AND k.what = 'ask' JOIN letter l ON l.kind = 'confirm' AND l.at IN (i.received_at, i.decided_at)`,
		)
		for _, query := range tables {
			for _, row := range w.rows(db, query) {
				scanned++
				all := fmt.Sprint(row)
				about := strings.Contains(all, a.word) || fmt.Sprint(row["ask"]) == number
				for _, column := range []string{"key", "okey", "letter"} {
					about = about || strings.Contains(fmt.Sprint(row[column])+"/", "/"+number+"/")
				}
				if !about || w.mayKnow(a, all) {
					continue
				}
				if fmt.Sprint(row["member"]) == fmt.Sprint(member) || fmt.Sprint(row["giver"]) == fmt.Sprint(member) || id.MatchString(fmt.Sprint(row["key"], row["okey"])) {
					w.Errorf("%s is joined to #%d: %s\n%.300s", a.who, a.number, query, all)
				}
				for _, trace := range a.traces() {
					if strings.Contains(all, trace) {
						w.Errorf("%q beside #%d: %s\n%.300s", trace, a.number, query, all)
					}
				}
			}
		}
	}
	w.Logf("looked at %d rows", scanned)
}

// mayKnow are the rows in which an asker may be named: Ben gave Mark his name, and
// whoever answers a digest quotes all that stands in it, as everybody does.
func (w *sealedWeek) mayKnow(a unnamed, row string) bool {
	if strings.Contains(row, "intake:") && strings.Contains(row, "_asks:_") {
		return true
	}
	return a.who == "ben" && (strings.Contains(row, "introduction/4/") || strings.Contains(row, "kind:introduction") || strings.Contains(row, "meet Mark"))
}

// scanFiles looks for what must be in no file at all, not even as a remnant: the
// askers' mails, their Message-IDs and their mail programs.
func (w *sealedWeek) scanFiles() {
	w.Helper()
	backup := filepath.Join(w.TempDir(), "backup.db")
	if out, errs, code := w.run("backup", backup); code != exitDone {
		w.Fatalf("backup: exit %d %s%s", code, out, errs)
	}
	key, err := os.ReadFile(filepath.Join(filepath.Dir(w.config), "anonymous.key"))
	if err != nil {
		w.Fatal(err)
	}
	files := 0
	for _, path := range []string{w.file(), w.file() + "-wal", w.file() + "-shm", w.file() + ".dots", backup} {
		content, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			w.Fatal(err)
		}
		files++
		if bytes.Contains(content, bytes.TrimSpace(key)) {
			w.Errorf("%s holds the key", path)
		}
		for _, a := range anonymousAsks() {
			for _, trace := range []string{a.client, a.who + "-laptop", "X-Mailer", strings.SplitN(a.text, "\n", 2)[0]} {
				if bytes.Contains(content, []byte(trace)) && a.who != "ben" {
					w.Errorf("%s holds %q", filepath.Base(path), trace)
				}
			}
		}
	}
	w.Logf("looked through %d files", files)
}
