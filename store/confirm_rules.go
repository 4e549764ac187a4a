package store

import (
	"fmt"
	"time"
)

// ViaConfirm marks the acts that answer "did you just write this?": confirm is
// yes, decline is no, unclear is neither.
const ViaConfirm = "confirm"

// confirms says whether an event is such an answer, which proves that somebody
// reads the member's address.
func confirms(e Event) bool {
	return len(e.Acts) > 0 && e.Acts[0].Via == ViaConfirm
}

// What unproven mail does at once although it causes a letter: pause and stop,
// and refusals such as "there was no text". Of that there is so much a member
// and day; what comes after it waits with the rest, so that nobody is flooded in
// this way.
const (
	mostAtOnce = 3
	atOnceTime = 24 * time.Hour
)

// allowUnproven is Allow for mail that nobody has proved. It takes nothing from
// what the member may send: others may write in that name.
func (t *Tx) allowUnproven(e Event) (Event, error) {
	if e.Confirm || confirms(e) || e.Verdict == Accepted && idle(e.Acts) {
		return e, nil
	}
	var n int
	if err := t.get(&n, `SELECT count(*) FROM intake WHERE auth = 'unproven' AND member = ? AND decided_at > ? AND decided_at <= ? AND (state = 'refused' OR acts IN ('pause', 'stop'))`,
		e.Member, millis(t.now.Add(-atOnceTime)), millis(t.now)); err != nil {
		return e, fmt.Errorf("unproven mail: %w", err)
	}
	e.Confirm = n >= mostAtOnce
	return e, nil
}

// idle says whether acts change and tell nothing.
func idle(acts []Act) bool {
	for _, a := range acts {
		if a.Kind != ActChat {
			return false
		}
	}
	return true
}

// confirmChecks are the states of what waits for a yes that must not be.
func confirmChecks() []check {
	return []check{
		{"unconfirmed_row", `SELECT 'intake ' || i.id AS ref, i.state || CASE WHEN u.intake IS NULL THEN ', and waits for no yes' ELSE ', and waits for a yes' END AS detail
			FROM intake i LEFT JOIN unconfirmed u ON u.intake = i.id AND u.confirmed_at IS NULL WHERE (i.state = 'unconfirmed') <> (u.intake IS NOT NULL)`},
		{"unconfirmed_of_another", `SELECT 'intake ' || i.id AS ref, 'waits for the yes of another member' AS detail FROM unconfirmed u JOIN intake i ON i.id = u.intake WHERE i.member IS NOT u.member
			AND NOT (u.confirmed_at IS NOT NULL AND coalesce(i.member, 0) = 0 AND i.state IN ('ignored', 'refused'))`}, // its address was taken back meanwhile,
		{"unconfirmed_numbers", `SELECT 'intake ' || intake AS ref, 'waits from ' || since || ' until ' || until AS detail FROM unconfirmed WHERE since <= 0 OR until <= since OR confirmed_at <= 0 OR confirmed_at IS NOT NULL AND words <> ''`},
		{"unconfirmed_unasked", `SELECT 'intake ' || u.intake AS ref, 'waits, and its writer was never asked' AS detail FROM unconfirmed u WHERE NOT EXISTS (SELECT 1 FROM confirm c WHERE c.member = u.member)`},
		{"confirmed_without_yes", `SELECT 'intake ' || u.intake AS ref, 'was confirmed, and its writer never said yes' AS detail FROM unconfirmed u WHERE u.confirmed_at IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM confirm c WHERE c.member = u.member AND (c.state = 'yes' OR c.state = 'no' AND u.acts IN ('decline', '')) AND c.ended_at = u.confirmed_at)`},
		{"unproven_done", `SELECT 'intake ' || id AS ref, 'nobody proved who wrote it, and it did: ' || acts AS detail FROM intake WHERE state = 'accepted' AND auth <> 'believed' AND auth <> ''
			AND acts NOT IN ('pause', 'stop', 'confirm', 'decline', 'unclear') AND replace(replace(acts, 'chat', ''), ' ', '') <> ''
			AND NOT (acts = 'forget' AND EXISTS (SELECT 1 FROM letter l WHERE l.kind = 'forget_confirm' AND l.member = intake.member))`}, // whoever has that letter is asked nothing more
		{"auth", `SELECT 'intake ' || id AS ref, 'auth ' || auth AS detail FROM intake WHERE auth NOT IN ('', 'believed', 'unproven', 'failed')`},
		{"confirm_state", `SELECT 'question ' || letter AS ref, state || CASE WHEN ended_at IS NULL THEN ' without' ELSE ' with' END || ' an end' AS detail FROM confirm
			WHERE state NOT IN ('waiting', 'yes', 'no', 'over') OR (state = 'waiting') <> (ended_at IS NULL) OR asked_at <= 0`},
		{"confirm_untold", `SELECT 'question ' || c.letter AS ref, 'was never asked' AS detail FROM confirm c WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = c.letter || '/to/m' || c.member)`},
		{"confirm_from_nowhere", `SELECT 'letter ' || l.key AS ref, 'asks, and no answer would count' AS detail FROM letter l WHERE l.kind = 'confirm' AND NOT EXISTS (SELECT 1 FROM confirm c WHERE c.letter = l.key AND c.member = l.member)`},
	}
}
