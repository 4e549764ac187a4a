package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

// What each row must be by itself, and beside the rows that it names. Together
// with auditChecks this is the table of states: what no rule can have written is
// a finding, whoever wrote it.

// rowChecks are those of messages, members, asks and thanks.
func rowChecks() []check {
	return []check{
		{"book_incomplete", `SELECT 'book' AS ref, 'has ' || count(*) || ' of its four rows: id, secret, created, newest' AS detail FROM book
			WHERE name IN ('id', 'secret', 'created', 'newest') HAVING count(*) <> 4`},
		{"book_time", `SELECT 'book ' || name AS ref, 'is no instant: ' || value AS detail FROM book WHERE name IN ('created', 'newest', 'restored') AND CAST(CAST(value AS INTEGER) AS TEXT) <> value`},
		{"book_id", `SELECT 'book ' || name AS ref, 'is too short' AS detail FROM book WHERE name = 'id' AND length(value) < 8 OR name = 'secret' AND length(value) < 64`},

		{"raw_missing", `SELECT 'intake ' || id AS ref, 'its bytes are not in the book' AS detail FROM intake i WHERE (state IN ('pending', 'unconfirmed') OR state = 'quarantined' AND erase = 0) AND NOT EXISTS (SELECT 1 FROM intake_raw r WHERE r.intake = i.id)`},
		{"pending_decided", `SELECT 'intake ' || id AS ref, 'pending, with a decision' AS detail FROM intake WHERE state IN ('pending', 'unconfirmed') AND (decided_at IS NOT NULL OR reason <> '' OR acts <> '')`},
		{"accepted_without_act", `SELECT 'intake ' || id AS ref, 'accepted, and says nothing' AS detail FROM intake WHERE state = 'accepted' AND acts = ''`},
		{"acts_of_nothing", `SELECT 'intake ' || id AS ref, state || ', with acts: ' || acts AS detail FROM intake WHERE state IN ('refused', 'quarantined') AND acts <> ''`},
		{"intake_numbers", `SELECT 'intake ' || id AS ref, 'attempts ' || attempts || ', size ' || size || ', UID ' || uid AS detail FROM intake
			WHERE attempts < 0 OR size < -1 OR size = -1 AND state NOT IN ('quarantined', 'ignored', 'pending') OR uid < 0 OR uidvalidity < 0 OR oversize NOT IN (0, 1) OR filed NOT IN (0, 1) OR erase NOT IN (0, 1, 2) OR received_at <= 0 OR length(sha256) <> 64`},
		{"erased_kept", `SELECT 'intake ' || id AS ref, 'is erased on the server, and its bytes are in the book' AS detail FROM intake i WHERE erase = 2 AND EXISTS (SELECT 1 FROM intake_raw r WHERE r.intake = i.id)`},
		{"erased_pending", `SELECT 'intake ' || id AS ref, 'is erased on the server before it is decided' AS detail FROM intake WHERE erase = 2 AND state = 'pending'`},
		{"intake_of_nobody", `SELECT 'intake ' || i.id AS ref, 'of a member that is not there' AS detail FROM intake i WHERE coalesce(i.member, 0) <> 0 AND NOT EXISTS (SELECT 1 FROM member m WHERE m.id = i.member)`},
		{"consequence_dangling", `SELECT 'intake ' || c.intake AS ref, c.what || ' ' || c.ref || ' came of it and is not there' AS detail FROM consequence c WHERE NOT CASE c.what
			WHEN 'ask' THEN EXISTS (SELECT 1 FROM ask WHERE number = c.ref) WHEN 'offer' THEN EXISTS (SELECT 1 FROM offer WHERE party = c.ref)
			WHEN 'thanks' THEN EXISTS (SELECT 1 FROM thanks WHERE id = c.ref) WHEN 'member' THEN EXISTS (SELECT 1 FROM member WHERE id = c.ref)
			WHEN 'question' THEN EXISTS (SELECT 1 FROM question WHERE id = c.ref) WHEN 'letter' THEN EXISTS (SELECT 1 FROM letter WHERE id = c.ref) ELSE 1 END`},
		{"consequence_kind", `SELECT 'intake ' || intake AS ref, 'an unknown thing came of it: ' || what AS detail FROM consequence WHERE what = '' OR what GLOB '*[^a-z_]*'`},
		{"ask_from_nowhere", `SELECT 'ask ' || number AS ref, 'came of no message' AS detail FROM ask a WHERE NOT EXISTS (SELECT 1 FROM consequence c WHERE c.what = 'ask' AND c.ref = a.number)`},
		{"offer_from_nowhere", `SELECT 'offer ' || party AS ref, 'came of no message' AS detail FROM offer o WHERE NOT EXISTS (SELECT 1 FROM consequence c WHERE c.what = 'offer' AND c.ref = o.party)`},
		{"thanks_from_nowhere", `SELECT 'thanks ' || id AS ref, 'came of no message' AS detail FROM thanks t WHERE NOT EXISTS (SELECT 1 FROM consequence c WHERE c.what = 'thanks' AND c.ref = t.id)`},

		{"member_unreachable", `SELECT 'member ' || id AS ref, 'is on the staff list and has no address' AS detail FROM member m WHERE on_staff = 1 AND NOT EXISTS (SELECT 1 FROM member_address a WHERE a.member = m.id)`},
		{"member_twice", `SELECT 'member ' || min(id) AS ref, count(*) || ' members on the staff list have one address' AS detail FROM member WHERE on_staff = 1 GROUP BY email HAVING count(*) > 1`},
		{"member_flags", `SELECT 'member ' || id AS ref, 'a yes or no is neither' AS detail FROM member WHERE leader NOT IN (0, 1) OR on_staff NOT IN (0, 1) OR paused NOT IN (0, 1) OR stopped NOT IN (0, 1) OR weekly NOT IN (0, 1)`},
		{"member_words", `SELECT 'member ' || id AS ref, 'aliases, skills, name or address cannot be read' AS detail FROM member WHERE NOT json_valid(aliases) OR NOT json_valid(knows) OR (name = '' OR email NOT LIKE '_%@_%') AND id NOT IN (SELECT member FROM forgotten)`},
		{"member_pause", `SELECT 'member ' || id AS ref, 'paused until ' || paused_until || ' (' || paused || ')' AS detail FROM member WHERE paused_until <> '' AND (paused = 0 OR date(paused_until) IS NOT paused_until)`},

		{"ask_dates", `SELECT 'ask ' || number AS ref, 'needed by ' || needed_by || ', published ' || published AS detail FROM ask
			WHERE needed_by <> '' AND date(needed_by) IS NOT needed_by OR published <> '' AND date(published) IS NOT published OR created_at <= 0 OR listed_at <= 0`},
		{"ask_numbers", `SELECT 'ask ' || number AS ref, wanted || ' helpers wanted, ' || files || ' files' AS detail FROM ask WHERE wanted < 1 OR files < 0 OR anonymous NOT IN (0, 1) OR told_from < 0 OR number < 1`},
		{"ask_wordless", `SELECT 'ask ' || number AS ref, 'has no title' AS detail FROM ask WHERE title = ''`},
		{"numbers_again", `SELECT 'ask ' || max(number) AS ref, 'its number would be given again' AS detail FROM ask HAVING max(number) > coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'ask'), 0)`},
		{"offer_numbers", `SELECT 'offer ' || party AS ref, 'round ' || round AS detail FROM offer WHERE round < 1 OR created_at <= 0`},
		{"prompted_unintroduced", `SELECT 'offer ' || party AS ref, 'did it help? was asked before an introduction' AS detail FROM offer WHERE prompted_at IS NOT NULL AND introduced_at IS NULL`},
		{"offered_introduced", `SELECT 'offer ' || party AS ref, 'waits, with an introduction' AS detail FROM offer WHERE state = 'offered' AND introduced_at IS NOT NULL`},
		{"thanked_unthanked", `SELECT 'offer ' || o.party AS ref, 'thanked, and there are no thanks' AS detail FROM offer o JOIN ask_party p ON p.id = o.party
			WHERE o.state = 'thanked' AND NOT EXISTS (SELECT 1 FROM thanks t JOIN thanks_to k ON k.thanks = t.id WHERE t.ask = p.ask AND k.member = p.member)`},
		{"thanks_giver", `SELECT 'thanks ' || id AS ref, 'given by an asker and somebody else, or by nobody' AS detail FROM thanks WHERE (ask IS NULL) = (giver IS NULL)`},
		{"thanks_undated", `SELECT 'thanks ' || id AS ref, 'without a time' AS detail FROM thanks WHERE created_at <= 0`},
		{"question_words", `SELECT 'question ' || id AS ref, 'cannot be read' AS detail FROM question WHERE NOT json_valid(candidates) OR kind = '' OR asked_at <= 0`},
		{"question_of_address", `SELECT 'question ' || id AS ref, 'is ' || kind || ', about the address ' || CASE address WHEN '' THEN 'none' ELSE 'of somebody' END AS detail FROM question q
			WHERE address <> '' AND kind <> 'known_address' OR address = '' AND kind = 'known_address' AND EXISTS (SELECT 1 FROM address_waiting w WHERE w.question = q.id)`},
		{"waits_for_nothing", `SELECT 'intake ' || w.intake AS ref, 'waits for an answer, and is ' || i.state || ', ' || i.reason AS detail FROM address_waiting w JOIN intake i ON i.id = w.intake JOIN question q ON q.id = w.question
			WHERE i.state <> 'refused' OR i.reason <> 'another_address' OR q.address = '' OR q.answered_at IS NOT NULL`},
		{"address_unasked", `SELECT 'member ' || l.member AS ref, 'has an address that nobody has confirmed' AS detail FROM learnt_address l JOIN question q ON q.id = l.question
			WHERE q.address NOT IN (l.address, '') OR q.member <> l.member OR q.answered_at IS NULL OR l.learnt_at < q.answered_at`},
		{"token_keys", `SELECT 'key ' || id AS ref, 'cannot sign' AS detail FROM token_key WHERE length(secret) <> 64 OR secret GLOB '*[^0-9a-f]*' OR since <= 0 OR id < 1 UNION ALL
			SELECT 'keys' AS ref, count(*) || ' live' AS detail FROM token_key HAVING count(*) > 3`},
		{"outsider_row", `SELECT 'outsider' AS ref, 'cannot be read' AS detail FROM outsider WHERE address = '' OR mails < 1 OR news NOT IN (0, 1) OR news = 0 AND told_at IS NULL OR member < 0`},
		{"question_shares_nothing", `SELECT 'question ' || id AS ref, 'may I share what is not there?' AS detail FROM question q WHERE kind = 'share' AND NOT EXISTS (SELECT 1 FROM thanks t WHERE t.id = q.thanks)`},
	}
}

// letterChecks are those of the outbox.
func letterChecks() []check {
	return []check{
		{"wording_empty", `SELECT 'wording ' || id AS ref, 'has no words' AS detail FROM wording WHERE subject = '' OR text IS NULL OR length(sha256) <> 64`},
		{"item_of_nothing", `SELECT 'wording ' || wording AS ref, 'lists #' || ask || ', which is not there' AS detail FROM wording_item i WHERE NOT EXISTS (SELECT 1 FROM ask a WHERE a.number = i.ask)`},
		{"letter_fields", `SELECT 'letter ' || key AS ref, 'address, thread or Message-ID cannot be read' AS detail FROM letter
			WHERE address NOT LIKE '_%@_%' AND NOT (address = '' AND (member IS NULL OR member IN (SELECT member FROM forgotten))) OR NOT json_valid(reply_to) OR NOT json_valid(thread) OR message_id NOT LIKE '<_%@_%>' OR at <= 0 OR kind = '' OR key NOT LIKE kind || '/%'`},
		{"letter_to_nobody", `SELECT 'letter ' || key AS ref, 'to a member that is not there' AS detail FROM letter l WHERE member IS NOT NULL AND NOT EXISTS (SELECT 1 FROM member m WHERE m.id = l.member)`},
		{"outbox_key", `SELECT 'letter ' || o.key AS ref, 'belongs to ' || l.key AS detail FROM outbox o JOIN letter l ON l.id = o.letter
			WHERE o.key NOT LIKE '%/to/%' OR substr(o.key, 1, length(l.key) + 4) <> l.key || '/to/' OR l.member IS NOT NULL AND o.key <> l.key || '/to/m' || l.member`},
		{"digest_flag", `SELECT 'letter ' || o.key AS ref, 'is ' || l.kind || ', and counted as another kind' AS detail FROM outbox o JOIN letter l ON l.id = o.letter WHERE o.digest <> (l.kind = 'digest')`},
		{"outbox_numbers", `SELECT 'letter ' || key AS ref, attempts || ' attempts' AS detail FROM outbox WHERE attempts < 0 OR doubted NOT IN (0, 1) OR digest NOT IN (0, 1) OR expires_at <= 0 OR next_at < 0 OR changed_at <= 0`},
		{"unsent_dated", `SELECT 'letter ' || key AS ref, state || ', with the time of its sending' AS detail FROM outbox WHERE state <> 'sent' AND sent_at IS NOT NULL`},
		{"sent_unanswered", `SELECT 'letter ' || key AS ref, 'sent, and the answer was ' || code AS detail FROM outbox WHERE state = 'sent' AND (code < 200 OR code > 299)`},
		{"sending_unattempted", `SELECT 'letter ' || key AS ref, 'is on its way without an attempt' AS detail FROM outbox WHERE state = 'sending' AND attempts < 1`},
		{"queued_attempted", `SELECT 'letter ' || key AS ref, 'waits for its first attempt after ' || attempts AS detail FROM outbox WHERE state = 'queued' AND attempts > 0`},
		{"doubt_untried", `SELECT 'letter ' || key AS ref, 'in doubt, and was not sent once more' AS detail FROM outbox WHERE state = 'in_doubt' AND digest = 0 AND doubted = 0`},
		{"digest_resent", `SELECT 'letter ' || key AS ref, 'a digest that was sent again after a doubt' AS detail FROM outbox WHERE digest = 1 AND doubted = 1`},
		{"failed_reasonless", `SELECT 'letter ' || key AS ref, 'failed without a reason' AS detail FROM outbox WHERE state = 'failed' AND code = 0 AND error = ''`},
		{"edition_date", `SELECT 'edition ' || date AS ref, 'is no date' AS detail FROM edition WHERE date(date) IS NOT date OR composed_at <= 0`},
		{"edition_of_another", `SELECT 'edition ' || e.date AS ref, 'of member ' || e.member || ' is the letter ' || l.key AS detail FROM edition e JOIN letter l ON l.id = e.letter
			WHERE l.key <> 'digest/' || e.date || '/m' || e.member OR l.member IS NOT e.member`},
		{"forgotten_known", `SELECT 'member ' || f.member AS ref, 'was forgotten, and has a name, an address or a place on the staff list' AS detail FROM forgotten f JOIN member m ON m.id = f.member
			WHERE m.name <> '' OR m.email <> '' OR m.aliases <> '[]' OR m.on_staff = 1 OR EXISTS (SELECT 1 FROM member_address a WHERE a.member = f.member) OR EXISTS (SELECT 1 FROM member_name n WHERE n.member = f.member)`},
		{"forgotten_words", `SELECT 'member ' || f.member AS ref, 'was forgotten, and #' || a.number || ' still has words' AS detail FROM forgotten f JOIN ask_party p ON p.member = f.member AND p.role = 'asker' JOIN ask a ON a.number = p.ask
			WHERE a.body <> '' OR a.title <> 'Removed' OR a.state IN ('open', 'helped', 'held')`},
		{"forgotten_mail", `SELECT 'intake ' || i.id AS ref, 'its writer was forgotten, and its bytes are in the book' AS detail FROM forgotten f JOIN intake i ON i.member = f.member JOIN intake_raw r ON r.intake = i.id WHERE i.state <> 'pending'`},
		{"search_of_nobody", `SELECT 'member ' || s.member AS ref, 'is looked for in letters, and was not forgotten' AS detail FROM forget_search s WHERE s.member NOT IN (SELECT member FROM forgotten)`},
		{"told_undelivered", `SELECT 'letter ' || u.letter AS ref, 'the admin was told that nobody got it, and it is not there' AS detail FROM undelivered_told u WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.letter = u.letter)`},
	}
}

// rowsThatNameNothing are those that a foreign key should have kept out.
func rowsThatNameNothing(ctx context.Context, q sqlx.QueryerContext) ([]Finding, error) {
	rows := []struct {
		Child  string
		Number *int64
		Parent string
	}{}
	err := sqlx.SelectContext(ctx, q, &rows, `SELECT "table" AS child, rowid AS number, parent FROM pragma_foreign_key_check ORDER BY 1, 2 LIMIT 100`)
	if err != nil {
		return nil, fmt.Errorf("audit dangling: %w", err)
	}
	findings := make([]Finding, len(rows))
	for i, r := range rows {
		number := int64(0)
		if r.Number != nil {
			number = *r.Number
		}
		findings[i] = Finding{Code: "dangling", Ref: fmt.Sprintf("%s %d", r.Child, number), Detail: "names a row of " + r.Parent + " that is not there"}
	}
	return findings, nil
}

// letterNames proves that each letter's Message-ID is that of its key. What
// stands behind the "@" may have been another address when it was written.
func (b *Book) letterNames(ctx context.Context, q sqlx.QueryerContext) ([]Finding, error) {
	rows, err := q.QueryxContext(ctx, `SELECT key, message_id FROM letter`)
	if err != nil {
		return nil, fmt.Errorf("audit letter_name: %w", err)
	}
	defer rows.Close()
	var findings []Finding
	for rows.Next() {
		var key, id string
		if err := rows.Scan(&key, &id); err != nil {
			return nil, fmt.Errorf("audit letter_name: %w", err)
		}
		want, _, _ := strings.Cut(b.messageID(key), "@")
		if got, _, _ := strings.Cut(id, "@"); got != want {
			findings = append(findings, Finding{Code: "letter_name", Ref: "letter " + key, Detail: "its Message-ID is another letter's"})
		}
	}
	return findings, rows.Err()
}

// pendingBytes proves that what still has to be decided is what was fetched.
func pendingBytes(ctx context.Context, q sqlx.QueryerContext) ([]Finding, error) {
	rows, err := q.QueryxContext(ctx, `SELECT i.id, i.sha256, r.raw FROM intake i JOIN intake_raw r ON r.intake = i.id WHERE i.state IN ('pending', 'unconfirmed', 'quarantined') AND i.size >= 0`) // of one that was never read there is no sum
	if err != nil {
		return nil, fmt.Errorf("audit raw_changed: %w", err)
	}
	defer rows.Close()
	var findings []Finding
	for rows.Next() {
		var id int64
		var sum string
		var raw []byte
		if err := rows.Scan(&id, &sum, &raw); err != nil {
			return nil, fmt.Errorf("audit raw_changed: %w", err)
		}
		if Sum(raw) != sum {
			findings = append(findings, Finding{Code: "raw_changed", Ref: fmt.Sprintf("intake %d", id), Detail: "its bytes are not those that were fetched"})
		}
	}
	return findings, rows.Err()
}
