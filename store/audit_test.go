package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// mutations each change one row, or one row and what names it, to what no rule
// can have written.
func mutations() []string {
	one := func(table, change, where string) string {
		return fmt.Sprintf(`UPDATE %s SET %s WHERE rowid = (SELECT rowid FROM %[1]s WHERE %[3]s ORDER BY rowid LIMIT 1)`, table, change, where)
	}
	gone := func(table, where string) string {
		return fmt.Sprintf(`DELETE FROM %s WHERE rowid = (SELECT rowid FROM %[1]s WHERE %[2]s ORDER BY rowid LIMIT 1)`, table, where)
	}
	return []string{
		gone("book", "name = 'id'"), gone("book", "name = 'secret'"), gone("book", "name = 'created'"), gone("book", "name = 'newest'"),
		one("book", "value = 'soon'", "name = 'newest'"), one("book", "value = ''", "name = 'secret'"), one("book", "value = '3x'", "name = 'created'"),

		one("member", "on_staff = 2", "1"), one("member", "paused_until = 'x', paused = 1", "1"), one("member", "paused = 0, paused_until = '2026-12-01'", "1"),
		one("member", "aliases = '['", "1"), one("member", "knows = ''", "1"), one("member", "email = ''", "1"), one("member", "name = ''", "1"),
		one("member", "email = (SELECT email FROM member WHERE on_staff = 1 ORDER BY id LIMIT 1)", "on_staff = 1 AND id > (SELECT min(id) FROM member WHERE on_staff = 1)"),
		"DELETE FROM member_address WHERE member = (SELECT min(id) FROM member WHERE on_staff = 1)", one("member_address", "member = 9999", "1"),
		one("member", "id = 9999", "1"), gone("member", "1"),

		one("intake", "state = 'lost'", "1"), one("intake", "decided_at = NULL", "state = 'accepted'"), one("intake", "reason = ''", "state = 'accepted'"),
		one("intake", "state = 'pending'", "state = 'accepted'"), one("intake", "state = 'ignored'", "state = 'accepted' AND acts LIKE 'ask%'"),
		one("intake", "state = 'refused'", "state = 'accepted' AND acts <> ''"), one("intake", "acts = ''", "state = 'accepted' AND acts <> ''"), one("intake", "attempts = -1", "1"), one("intake", "sha256 = 'x'", "1"),
		one("intake", "size = -1", "1"), one("intake", "filed = 7", "1"), one("intake", "oversize = 3", "1"), one("intake", "received_at = 0", "1"), one("intake", "member = 9999", "state = 'accepted'"), one("intake", "state = 'accepted'", "state = 'pending'"),
		one("intake", "decided_at = 5", "state = 'pending'"), one("intake", "reason = 'x'", "state = 'pending'"), one("intake", "uid = -4", "1"),
		"UPDATE intake SET duplicate = 'same' WHERE state = 'accepted'", gone("intake", "state = 'accepted'"), gone("intake", "state = 'pending'"),
		gone("intake_raw", "intake IN (SELECT id FROM intake WHERE state = 'pending')"), one("intake_raw", "raw = x'00'", "intake IN (SELECT id FROM intake WHERE state = 'pending')"), one("intake_raw", "intake = 99999", "1"),

		gone("consequence", "what = 'ask' AND ref IN (SELECT ref FROM consequence WHERE what = 'ask' GROUP BY ref HAVING count(*) = 1)"), gone("consequence", "what = 'offer' AND ref IN (SELECT ref FROM consequence WHERE what = 'offer' GROUP BY ref HAVING count(*) = 1)"), gone("consequence", "what = 'thanks' AND ref IN (SELECT ref FROM consequence WHERE what = 'thanks' GROUP BY ref HAVING count(*) = 1)"), one("consequence", "ref = 99999", "what = 'letter'"), one("consequence", "what = 'ASK?'", "1"), one("consequence", "intake = 99999", "what = 'letter'"),

		one("ask", "state = 'lost'", "1"), one("ask", "state = 'closed', closed_at = NULL", "1"), one("ask", "state = 'open'", "state IN ('closed', 'withdrawn', 'expired')"), one("ask", "closed_at = 5", "state = 'open'"),
		one("ask", "wanted = 0", "1"), one("ask", "title = ''", "1"), one("ask", "needed_by = 'soon'", "1"), one("ask", "published = '2026-13-01'", "1"), one("ask", "created_at = 0", "1"), one("ask", "number = 9999", "1"), gone("ask", "1"),
		one("ask", "state = 'open', closed_at = NULL", "state = 'helped'"), "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'ask'",
		gone("ask_party", "role = 'asker'"), gone("ask_party", "role = 'helper'"), one("ask_party", "role = 'friend'", "role = 'asker'"), one("ask_party", "member = 9999", "1"), one("ask_party", "ask = 9999", "1"),
		"UPDATE ask_party SET member = (SELECT q.member FROM ask_party q WHERE q.ask = ask_party.ask AND q.role = 'asker') WHERE id = (SELECT min(id) FROM ask_party WHERE role = 'helper')",

		one("offer", "state = 'lost'", "1"), gone("offer", "1"), one("offer", "introduced_at = NULL, prompted_at = NULL", "state = 'introduced'"), one("offer", "round = 0", "1"), one("offer", "round = 7", "state = 'introduced'"),
		one("offer", "state = 'offered'", "state = 'introduced'"), one("offer", "prompted_at = 5, introduced_at = NULL", "state = 'withdrawn'"), one("offer", "created_at = 0", "1"),
		one("thanks", "state = 'lost'", "1"), one("thanks", "ask = NULL", "1"), one("thanks", "giver = 1", "ask IS NOT NULL"), one("thanks", "created_at = 0", "1"), gone("thanks", "1"), gone("thanks_to", "1"), one("thanks_to", "member = 9999", "1"),
		one("question", "letter = 'x'", "1"), one("question", "candidates = '['", "1"), one("question", "member = 9999", "1"), one("question", "kind = ''", "1"), one("question", "thanks = 9999", "kind = 'share'"),

		one("wording", "subject = ''", "1"), one("wording", "text = NULL", "1"), one("wording", "sha256 = ''", "1"), gone("wording", "id IN (SELECT wording FROM letter)"),
		one("wording_item", "ask = 9999", "1"), one("wording_item", "wording = 99999", "1"), one("wording_thanks", "thanks = 9999", "1"),
		one("letter", "key = 'x'", "1"), one("letter", "kind = 'digest'", "kind = 'introduction'"), one("letter", "member = 9999", "kind = 'introduction'"), one("letter", "address = ''", "1"), one("letter", "thread = ''", "1"), one("letter", "reply_to = '{'", "1"),
		one("letter", "message_id = '<x@y>'", "1"), one("letter", "wording = 99999", "1"), one("letter", "at = 0", "1"), gone("letter", "kind = 'acknowledgement'"), gone("letter", "kind = 'introduction'"), one("letter", "id = 99999", "1"),
		one("outbox", "state = 'lost'", "1"), one("outbox", "key = 'x'", "1"), one("outbox", "digest = 1 - digest", "1"), one("outbox", "sent_at = NULL", "state = 'sent'"), one("outbox", "attempts = 0", "state = 'sent'"), one("outbox", "code = 0", "state = 'sent'"),
		one("outbox", "code = 550", "state = 'sent'"), one("outbox", "state = 'queued', sent_at = NULL", "state = 'sent'"), one("outbox", "state = 'failed'", "state = 'sent'"), one("outbox", "state = 'failed', sent_at = NULL, code = 0, error = ''", "state = 'sent'"),
		one("outbox", "state = 'retry'", "state = 'sent'"), one("outbox", "state = 'in_doubt', sent_at = NULL, doubted = 0", "state = 'sent' AND digest = 0"), one("outbox", "doubted = 1", "digest = 1"), one("outbox", "attempts = -1", "1"),
		one("outbox", "expires_at = 0", "1"), one("outbox", "changed_at = 0", "1"), one("outbox", "state = 'sending', attempts = 0, sent_at = NULL", "state = 'sent'"), one("outbox", "state = 'dot_sent', attempts = 0, sent_at = NULL", "state = 'sent'"), gone("outbox", "digest = 1"), gone("outbox", "digest = 0"),
		gone("edition", "letter IN (SELECT letter FROM outbox WHERE state = 'sent')"), one("edition", "date = 'x'", "1"), one("edition", "letter = 99999", "letter IS NOT NULL"), one("edition", "composed_at = 0", "1"), one("edition", "member = 9999", "1"),
		one("edition", "letter = (SELECT id FROM letter WHERE kind <> 'digest' LIMIT 1)", "letter IS NOT NULL"), one("edition", "date = '2031-01-01'", "letter IS NOT NULL"), "INSERT INTO undelivered_told (letter) VALUES (99999)",

		one("intake", "state = 'pending'", "state = 'unconfirmed'"), one("intake", "state = 'ignored', reason = 'x', decided_at = 5", "state = 'unconfirmed'"), one("intake", "reason = 'x'", "state = 'unconfirmed'"), one("intake", "auth = 'sure'", "1"),
		one("intake", "auth = 'unproven'", "state = 'accepted' AND acts LIKE 'ask%'"), one("intake", "member = 1 + member", "state = 'unconfirmed'"), gone("intake_raw", "intake IN (SELECT id FROM intake WHERE state = 'unconfirmed')"), one("intake_raw", "raw = x'00'", "intake IN (SELECT id FROM intake WHERE state = 'unconfirmed')"),
		gone("unconfirmed", "confirmed_at IS NULL"), one("unconfirmed", "confirmed_at = 5, words = ''", "confirmed_at IS NULL"), one("unconfirmed", "confirmed_at = NULL", "confirmed_at IS NOT NULL"), one("unconfirmed", "words = 'x'", "confirmed_at IS NOT NULL"), one("unconfirmed", "until = since", "1"), one("unconfirmed", "member = 9999", "1"),
		"DELETE FROM confirm", one("confirm", "state = 'lost'", "1"), one("confirm", "state = 'no'", "state = 'yes'"), one("confirm", "ended_at = NULL", "state = 'yes'"), one("confirm", "ended_at = 5", "state = 'waiting'"), one("confirm", "letter = 'x'", "1"), gone("confirm", "state = 'waiting'"),

		// Asks without a name: nothing names their askers.
		one("ask", "anonymous = 0", "anonymous = 1"), one("ask", "anonymous = 1", "anonymous = 0 AND state <> 'held'"), one("ask", "message_id = '<x@y>'", "anonymous = 1"),
		"UPDATE ask_party SET member = (SELECT min(id) FROM member WHERE on_staff = 1) WHERE id = (SELECT min(p.id) FROM ask_party p JOIN ask a ON a.number = p.ask WHERE p.role = 'asker' AND a.anonymous = 1)",
		"UPDATE ask_party SET member = (SELECT min(veil) FROM ask_sealed) WHERE id = (SELECT min(id) FROM ask_party WHERE role = 'helper')",
		one("member", "name = 'Priya Nair'", veiledMember), one("member", "on_staff = 1", veiledMember), one("member", "team = 'Science'", veiledMember), one("member", "aliases = '[\"p@home.example\"]'", veiledMember), one("member", "knows = '[\"bells\"]'", veiledMember),
		one("member", "language = 'de'", veiledMember), one("member", "joined_at = 5", veiledMember), one("member", "email = 'priya@home.example'", veiledMember), gone("member", veiledMember),
		one("letter", "name = 'Priya'", veiledLetter), one("letter", "address = 'priya@home.example'", veiledLetter), one("letter", "reply_to = '[{\"Email\":\"priya@home.example\"}]'", veiledLetter+" AND kind <> 'introduction'"), one("letter", "member = 1", veiledLetter), one("letter", "member = NULL", veiledLetter),
		one("ask_sealed", "veil = 9999", "1"), one("ask_sealed", "veil = (SELECT min(id) FROM member WHERE on_staff = 1)", "1"), one("ask_sealed", "ask = 9999", "1"), one("ask_sealed", "sealed = x'00'", "1"), one("ask_sealed", "key = 'x'", "1"),
		gone("ask_sealed", "ask IN (SELECT number FROM ask WHERE state = 'open')"), gone("ask_sealed", "ask IN (SELECT number FROM ask WHERE state = 'helped')"),
		one("letter", "key = key || '/x'", "kind = 'relay_to_asker' AND key NOT LIKE '%/m%/%'"), one("letter", "key = key || '/x'", "kind = 'relay_to_helper' AND key NOT LIKE '%/m%/%'"),
	}
}

const (
	veiledMember = `email LIKE '%@sealed.invalid'`
	veiledLetter = `address LIKE '%@sealed.invalid'`
)

// TestAuditFindsEveryMutation walks through some books, in which the audit finds
// nothing, and then changes single rows: each change is found.
func TestAuditFindsEveryMutation(t *testing.T) {
	if testing.Short() {
		t.Skip("many walks through many books")
	}
	applied := map[string]bool{}
	for seed := uint64(15); seed < 35 && len(applied) < len(mutations()); seed++ {
		mutated(t, seed, applied)
	}
	for _, m := range mutations() {
		if !applied[m] {
			t.Errorf("no row to change in any book: %s", m)
		}
	}
	t.Logf("%d mutations", len(applied))
}

// mutated makes every change that was not made yet and finds a row in the book
// of one walk.
func mutated(t *testing.T, seed uint64, applied map[string]bool) {
	ctx := context.Background()
	w := newWalk(t, seed)
	w.run(120)
	w.away = map[string]bool{}
	w.list()
	w.thankedUnasked()
	w.waitsAndMore()
	if _, err := w.Receive(ctx, []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: 70000, Size: 9, Raw: []byte("it waits")}}, w.now); err != nil {
		t.Fatal(err)
	}
	tx, err := w.write.BeginTxx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`PRAGMA defer_foreign_keys = 1`); err != nil {
		t.Fatal(err)
	}
	if findings, err := w.contradictions(ctx, tx); err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
	for _, m := range mutations() {
		if applied[m] {
			continue
		}
		if _, err := tx.Exec(`SAVEPOINT mutation`); err != nil {
			t.Fatal(err)
		}
		result, err := tx.Exec(m)
		switch {
		case err != nil && strings.Contains(err.Error(), "constraint failed"):
			applied[m] = true // the engine itself refuses
		case err != nil:
			t.Errorf("%s: %v", m, err)
		default:
			if n, _ := result.RowsAffected(); n == 0 {
				break
			}
			applied[m] = true
			if findings, err := w.contradictions(ctx, tx); err != nil || len(findings) == 0 {
				t.Errorf("not found: %s (%v)", m, err)
			}
		}
		if _, err := tx.Exec(`ROLLBACK TO mutation; RELEASE mutation`); err != nil {
			t.Fatal(err)
		}
	}
}

// thankedUnasked ends with a question: may I share this?
func (w *walk) thankedUnasked() {
	for i, a := range []struct {
		who string
		act Act
	}{{"priya", Act{Kind: ActAsk, Title: "A bell", Text: "For the play."}}, {"mark", Act{Kind: ActOffer, Text: "Take mine."}}, {"priya", Act{Kind: ActThanks, Text: "It rang."}}} {
		if a.act.Kind != ActAsk {
			a.act.Ask = int64(w.asked)
		}
		w.asked += map[ActKind]int{ActAsk: 1}[a.act.Kind]
		w.decide(Event{Envelope: Envelope{From: a.who + "@carpenter.example", Auth: Believed, MessageID: fmt.Sprintf("<bell%d@mail>", i)}, Verdict: Accepted, Reason: "test", Acts: []Act{a.act}})
		w.send()
	}
}
