package store

import (
	"fmt"
	"strings"
	"time"
)

// troublePatience is how long the inbox may be out of reach before the admin is
// told by mail; most servers are back by then.
const troublePatience = 15 * time.Minute

// inboxTrouble and inboxTold are the rows of the book that say since when the
// inbox cannot be read, and of which time that was told.
const (
	inboxTrouble = "trouble inbox"
	inboxTold    = "trouble_told inbox"
)

// troubled tells the admin, once each time, that the inbox cannot be read: the
// help address is silent then, and nobody else would notice.
func (t *Tx) troubled() error {
	rows := []struct{ Name, Value string }{}
	if err := t.list(&rows, `SELECT name, value FROM book WHERE name IN (?, ?)`, inboxTrouble, inboxTold); err != nil {
		return err
	}
	values := map[string]string{}
	for _, r := range rows {
		values[r.Name] = r.Value
	}
	since, text, _ := strings.Cut(values[inboxTrouble], " ")
	began, err := time.Parse(time.RFC3339, since)
	if err != nil || since == values[inboxTold] || t.now.Sub(began) < troublePatience {
		return nil // none, or told
	}
	t.tell(Fact{Kind: KindAdmin, Key: KindAdmin + "/inbox/" + since, To: t.admin(),
		Reason: fmt.Sprintf("The inbox cannot be read since %s: %s. What arrives stays on the mail server until it can. This is told once; askfirst status and askfirst check say how it stands.",
			began.In(t.book.settings.Calendar.Location).Format("15:04 on 2 January"), text)})
	return t.exec(`INSERT INTO book (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, inboxTold, since)
}
