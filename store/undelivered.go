package store

import (
	"fmt"
	"strings"
	"time"
)

// undeliveredDays is how long the admin may still be told of a letter that
// nobody got.
const undeliveredDays = 7

// undelivered tells the admin of members whom letters do not reach: refused for
// good, or not taken for five days. One letter a member and date; digests, which
// the next day repairs, and letters to strangers are not worth it.
func (t *Tx) undelivered() error {
	rows := []struct {
		Member   int64
		Name     string
		Address  string
		State    string
		Code     int
		Enhanced string
		N        int
	}{}
	err := t.list(&rows, `SELECT l.member, l.name, l.address, max(o.state) AS state, max(o.code) AS code, max(o.enhanced) AS enhanced, count(*) AS n
		FROM outbox o JOIN letter l ON l.id = o.letter
		WHERE o.digest = 0 AND o.state IN ('failed', 'expired') AND o.changed_at > ? AND l.member IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM bounce_pause p WHERE p.member = l.member)
		AND NOT EXISTS (SELECT 1 FROM undelivered_told c WHERE c.letter = l.id)
		GROUP BY l.member, l.name, l.address ORDER BY l.member`, millis(t.now.Add(-undeliveredDays*24*time.Hour)))
	if err != nil {
		return err
	}
	for _, r := range rows {
		why := strings.TrimSpace(fmt.Sprintf("%d %s", r.Code, r.Enhanced))
		switch {
		case r.State == "expired":
			why = "the mail server did not take it for five days"
		case r.Code == 0:
			why = "it could not be sent"
		}
		what := "A letter"
		if r.N > 1 {
			what = fmt.Sprintf("%d letters", r.N)
		}
		t.tell(Fact{Kind: KindAdmin, Key: fmt.Sprintf("admin/undelivered/m%d/%s", r.Member, t.today()), To: t.admin(),
			Reason: fmt.Sprintf("%s to %s <%s> did not arrive (%s). Is the address in the staff list right? The ask it was about stays as it is; askfirst why and askfirst asks show more.", what, r.Name, r.Address, why)})
		if err := t.exec(`INSERT INTO undelivered_told (letter) SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter
			WHERE o.digest = 0 AND o.state IN ('failed', 'expired') AND l.member = ? ON CONFLICT (letter) DO NOTHING`, r.Member); err != nil {
			return err
		}
	}
	return nil
}
