package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
)

// Audit is the ledger equation and everything that contradicts it.
type Audit struct {
	UIDs     int
	Intake   Counts
	Letters  Counts
	Findings []Finding
}

// Finding is one contradiction in the book.
type Finding struct {
	Code   string `json:"code"`
	Ref    string `json:"ref"`
	Detail string `json:"detail"`
}

// check is one thing that must not be.
type check struct{ code, query string }

// auditChecks are the states that must not be. Each query yields a reference and a
// detail for every row that contradicts the book's rules.
func auditChecks() []check {
	return []check{
		{"intake_state", `SELECT 'intake ' || id AS ref, 'state ' || state AS detail FROM intake WHERE state NOT IN ('pending', 'unconfirmed', 'accepted', 'refused', 'ignored', 'quarantined')`},
		{"undated_decision", `SELECT 'intake ' || id AS ref, 'decided without a time' AS detail FROM intake WHERE state NOT IN ('pending', 'unconfirmed') AND decided_at IS NULL`},
		{"reasonless_decision", `SELECT 'intake ' || id AS ref, 'decided without a reason' AS detail FROM intake WHERE state NOT IN ('pending', 'unconfirmed') AND reason = ''`},
		{"accepted_without_consequence", `SELECT 'intake ' || id AS ref, 'accepted (' || acts || ') and nothing came of it' AS detail FROM intake i
			WHERE state = 'accepted' AND replace(replace(acts, 'chat', ''), ' ', '') <> '' AND NOT EXISTS (SELECT 1 FROM consequence c WHERE c.intake = i.id)`},
		{"consequence_of_nothing", `SELECT 'intake ' || c.intake AS ref, c.what || ' ' || c.ref || ' came of a message that is ' || i.state AS detail FROM consequence c JOIN intake i ON i.id = c.intake
			WHERE i.state IN ('pending', 'unconfirmed', 'ignored') AND NOT (c.what = 'letter' AND EXISTS (SELECT 1 FROM letter l WHERE l.id = c.ref AND l.kind IN ('confirm', 'confirm_end')))
			AND NOT (c.what = 'letter' AND EXISTS (SELECT 1 FROM letter l WHERE l.id = c.ref AND l.key LIKE 'admin/denied/%'))
			AND NOT (c.what = 'message' AND EXISTS (SELECT 1 FROM unconfirmed u WHERE u.intake = i.id AND u.confirmed_at IS NOT NULL))`},
		{"accepted_twice", `SELECT 'intake ' || min(id) AS ref, count(*) || ' accepted messages are the same' AS detail FROM intake WHERE state = 'accepted' AND duplicate IS NOT NULL GROUP BY duplicate HAVING count(*) > 1`},
		{"letter_without_outbox", `SELECT 'letter ' || key AS ref, 'is in no outbox' AS detail FROM letter l WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.letter = l.id)`},
		{"outbox_state", `SELECT 'letter ' || key AS ref, 'state ' || state AS detail FROM outbox WHERE state NOT IN ('queued', 'sending', 'dot_sent', 'sent', 'failed', 'retry', 'in_doubt', 'expired', 'held')`},
		{"sent_undated", `SELECT 'letter ' || key AS ref, 'sent without a time' AS detail FROM outbox WHERE state = 'sent' AND sent_at IS NULL`},
		{"digest_twice", `SELECT 'member ' || l.member AS ref, count(*) || ' digests of one date' AS detail FROM letter l JOIN outbox o ON o.letter = l.id
			WHERE o.digest = 1 GROUP BY l.member, l.key HAVING count(*) > 1`},
		{"digest_without_edition", `SELECT 'letter ' || l.key AS ref, 'no edition row' AS detail FROM letter l JOIN outbox o ON o.letter = l.id WHERE o.digest = 1 AND NOT EXISTS (SELECT 1 FROM edition e WHERE e.letter = l.id)`},
		{"ask_state", `SELECT 'ask ' || number AS ref, 'state ' || state AS detail FROM ask WHERE state NOT IN ('open', 'helped', 'held', 'closed', 'withdrawn', 'expired')`},
		{"held_unasked", `SELECT 'ask ' || number AS ref, 'held, and its asker was not asked' AS detail FROM ask a WHERE (state = 'held' OR held <> '') AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.kind = 'held' AND l.key LIKE 'held/' || a.number || '/%')`},
		{"held_listed", `SELECT 'ask ' || number AS ref, state || ', though its asker did not say send' AS detail FROM ask WHERE held <> '' AND state IN ('open', 'helped', 'closed') OR state = 'held' AND published <> ''`},
		{"ask_without_asker", `SELECT 'ask ' || number AS ref, 'has ' || (SELECT count(*) FROM ask_party p WHERE p.ask = a.number AND p.role = 'asker') || ' askers' AS detail FROM ask a
			WHERE (SELECT count(*) FROM ask_party p WHERE p.ask = a.number AND p.role = 'asker') <> 1`},
		{"ask_unacknowledged", `SELECT 'ask ' || number AS ref, 'no acknowledgement' AS detail FROM ask a WHERE a.held = '' AND a.state <> 'held' AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.key = 'acknowledgement/' || a.number)`},
		{"introduction_missing", `SELECT 'ask ' || p.ask AS ref, 'an offer is ' || o.state || ' without two introductions' AS detail FROM offer o JOIN ask_party p ON p.id = o.party JOIN ask a ON a.number = p.ask AND a.anonymous = 0
			WHERE o.state IN ('introduced', 'thanked') AND (SELECT count(*) FROM letter l WHERE l.key = 'introduction/' || p.ask || '/m' || p.member || CASE WHEN o.round > 1 THEN '/' || o.round ELSE '' END) <> 2`},
		{"helped_without_help", `SELECT 'ask ' || a.number AS ref, 'helped, but nobody was introduced' AS detail FROM ask a WHERE a.state = 'helped'
			AND NOT EXISTS (SELECT 1 FROM ask_party p JOIN offer o ON o.party = p.id WHERE p.ask = a.number AND o.state IN ('introduced', 'thanked'))`},
		{"closed_undated", `SELECT 'ask ' || number AS ref, state || ' with closing time ' || coalesce(closed_at, 'none') AS detail FROM ask WHERE (state IN ('open', 'helped', 'held')) <> (closed_at IS NULL)`},
		{"open_with_help", `SELECT 'ask ' || number AS ref, 'open, though as many were introduced as are wanted' AS detail FROM ask a WHERE a.state = 'open'
			AND (SELECT count(*) FROM ask_party p JOIN offer o ON o.party = p.id WHERE p.ask = a.number AND o.state IN ('introduced', 'thanked')) >= a.wanted`},
		{"offer_state", `SELECT 'offer ' || party AS ref, 'state ' || state AS detail FROM offer WHERE state NOT IN ('offered', 'introduced', 'thanked', 'withdrawn')`},
		{"offer_by_nobody", `SELECT 'ask ' || p.ask AS ref, 'party ' || p.id || ' is ' || p.role || CASE WHEN o.party IS NULL THEN ' without an offer' ELSE ' with an offer' END AS detail
			FROM ask_party p LEFT JOIN offer o ON o.party = p.id WHERE (p.role = 'helper') <> (o.party IS NOT NULL) OR p.role NOT IN ('asker', 'helper', 'metoo', 'invited', 'connector')`},
		{"metoo_party", `SELECT 'ask ' || p.ask AS ref, 'party ' || p.id || ' is ' || p.role || CASE WHEN j.party IS NULL THEN ' and never joined' ELSE ' and joined' END AS detail
			FROM ask_party p LEFT JOIN metoo j ON j.party = p.id WHERE (p.role = 'metoo') <> (j.party IS NOT NULL)`},
		{"metoo_untold", `SELECT 'ask ' || p.ask AS ref, 'ended, and party ' || p.id || ', who joined it, was not told' AS detail FROM metoo j JOIN ask_party p ON p.id = j.party JOIN ask a ON a.number = p.ask
			JOIN member m ON m.id = p.member WHERE j.told_at IS NULL AND m.on_staff = 1 AND a.state NOT IN ('open', 'helped') AND a.closed_at > j.created_at`},
		{"own_metoo", `SELECT 'ask ' || p.ask AS ref, 'its asker joined it' AS detail FROM ask_party p JOIN ask_party q ON q.ask = p.ask AND q.member = p.member AND q.role = 'metoo' WHERE p.role = 'asker'`},
		{"referral_state", `SELECT 'referral ' || invited AS ref, 'state ' || state AS detail FROM referral WHERE state NOT IN ('invited', 'withdrawn')`},
		{"referral_party", `SELECT 'ask ' || p.ask AS ref, 'party ' || p.id || ' is ' || p.role || ' and was named by party ' || coalesce(c.id || ', who is ' || c.role, 'none') AS detail FROM ask_party p
			LEFT JOIN referral r ON r.invited = p.id LEFT JOIN ask_party c ON c.id = r.connector WHERE (p.role = 'invited') <> (r.invited IS NOT NULL) OR r.invited IS NOT NULL AND (c.role <> 'connector' OR c.ask <> p.ask)`},
		{"invitation_missing", `SELECT 'ask ' || p.ask AS ref, 'party ' || p.id || ' was invited without a letter' AS detail FROM ask_party p JOIN referral r ON r.invited = p.id
			WHERE NOT EXISTS (SELECT 1 FROM letter l WHERE l.key = 'invitation/' || p.ask || '/m' || p.member)`},
		{"thanks_from", `SELECT 'thanks ' || id AS ref, 'have both an ask and a giver, or neither' AS detail FROM thanks WHERE (ask IS NULL) = (giver IS NULL)`},
		{"own_helper", `SELECT 'ask ' || p.ask AS ref, 'its asker offers to help' AS detail FROM ask_party p JOIN ask_party q ON q.ask = p.ask AND q.member = p.member AND q.role = 'helper' WHERE p.role = 'asker'`},
		{"introduced_undated", `SELECT 'offer ' || party AS ref, state || ' without a time' AS detail FROM offer WHERE state IN ('introduced', 'thanked') AND introduced_at IS NULL`},
		{"question_untold", `SELECT 'question ' || id AS ref, 'was never asked: no letter ' || letter AS detail FROM question q WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = q.letter || '/to/m' || q.member)`},
		{"digest_lists_gone", `SELECT 'letter ' || o.key AS ref, 'waits and lists #' || a.number || ', which is ' || a.state AS detail FROM outbox o JOIN letter l ON l.id = o.letter
			JOIN wording_item i ON i.wording = l.wording JOIN ask a ON a.number = i.ask WHERE o.digest = 1 AND o.state IN ('queued', 'retry') AND a.state NOT IN ('open', 'helped')`},
		{"digest_of_private_thanks", `SELECT 'letter ' || o.key AS ref, 'waits and tells thanks ' || k.id || ', which are ' || k.state AS detail FROM outbox o JOIN letter l ON l.id = o.letter
			JOIN wording_thanks w ON w.wording = l.wording JOIN thanks k ON k.id = w.thanks WHERE o.digest = 1 AND o.state IN ('queued', 'retry') AND k.state <> 'public'`},
		{"sent_unproven", `SELECT 'letter ' || key AS ref, 'sent without an attempt' AS detail FROM outbox WHERE state IN ('sent', 'dot_sent', 'in_doubt', 'failed') AND attempts < 1`},
		{"thanks_state", `SELECT 'thanks ' || id AS ref, 'state ' || state AS detail FROM thanks WHERE state NOT IN ('public', 'private', 'declined', 'withdrawn')`},
		{"thanks_to_nobody", `SELECT 'thanks ' || id AS ref, 'to nobody' AS detail FROM thanks t WHERE NOT EXISTS (SELECT 1 FROM thanks_to k WHERE k.thanks = t.id)`},
	}
}

// Audit proves the ledger equation: every UID seen has exactly one state, and
// every state is one that the rules allow.
func (b *Book) Audit(ctx context.Context) (Audit, error) {
	audit := Audit{Findings: []Finding{}}
	var err error
	if audit.Intake, err = b.IntakeCounts(ctx); err != nil {
		return audit, err
	}
	if audit.Letters, err = b.OutboxCounts(ctx); err != nil {
		return audit, err
	}
	for _, n := range audit.Intake {
		audit.UIDs += n
	}
	audit.Findings, err = b.contradictions(ctx, b.read)
	return audit, err
}

// contradictions are all findings in what q sees of the book.
func (b *Book) contradictions(ctx context.Context, q sqlx.QueryerContext) ([]Finding, error) {
	findings := []Finding{}
	for _, c := range slices.Concat(auditChecks(), rowChecks(), letterChecks(), confirmChecks(), sealChecks()) {
		rows := []Finding{}
		if err := sqlx.SelectContext(ctx, q, &rows, c.query); err != nil {
			return findings, fmt.Errorf("audit %s: %w", c.code, err)
		}
		for _, r := range rows {
			findings = append(findings, Finding{Code: c.code, Ref: r.Ref, Detail: r.Detail})
		}
	}
	for _, prove := range []func(context.Context, sqlx.QueryerContext) ([]Finding, error){rowsThatNameNothing, b.letterNames, pendingBytes} {
		more, err := prove(ctx, q)
		if err != nil {
			return findings, err
		}
		findings = append(findings, more...)
	}
	return findings, nil
}
