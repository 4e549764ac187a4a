package store

import (
	"context"
	"testing"
)

// What is proved to be false is put aside in silence; an admin who releases it
// makes its writer be asked.
func TestForgedIsSilent(t *testing.T) {
	ctx := context.Background()
	w := newWalk(t, 4711)
	var view View
	told := 0
	decide := func(e Event) {
		pending, err := w.PendingIntake(ctx, 2)
		if err != nil || len(pending) != 1 {
			t.Fatal(len(pending), err)
		}
		if err := w.Decide(ctx, pending[0], w.now, func(tx *Tx) error {
			var err error
			if view, err = tx.View(Refs{From: e.From}); err != nil {
				return err
			}
			e.Member = view.Writer.ID
			o, err := tx.Record(e)
			told = len(o.Facts)
			if err == nil {
				err = w.say(tx, o)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	w.receive()
	decide(Event{Envelope: Envelope{From: w.staff[0].Email, Auth: Failed}, Verdict: Quarantined, Reason: ReasonForged})
	list, err := w.Quarantined(ctx)
	if err != nil || len(list) != 1 || told != 0 || view.Released {
		t.Fatalf("%d in quarantine, %d letters, %v", len(list), told, err)
	}
	if err := w.ReleaseQuarantined(ctx, list[0].Intake); err != nil {
		t.Fatal(err)
	}
	decide(Event{Envelope: Envelope{From: w.staff[0].Email, Auth: Unproven}, Verdict: Accepted, Reason: "test", Confirm: true, Acts: []Act{{Kind: ActAsk, Title: "A bell"}}})
	if !view.Released || told != 1 {
		t.Errorf("released %v, %d letters", view.Released, told)
	}
	if n, err := w.Unconfirmed(ctx); n != 1 || err != nil {
		t.Error(n, err)
	}
	if audit, err := w.Audit(ctx); err != nil || len(audit.Findings) > 0 {
		t.Error(audit.Findings, err)
	}
}
