package store

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var long = flag.Bool("long", false, "walk far longer through the book and through the calendar")

// A walk lets random people do random things at random times, with mail servers
// that take, refuse and lose letters, processes that die and clocks that jump,
// and looks after every step at what must hold whatever happens.
type walk struct {
	*scene
	r       *rand.Rand
	now     time.Time
	dots    *Dots
	staff   []Person
	away    map[string]bool // addresses of those who left
	asked   int
	letters map[int64]*walked
	fresh   map[string][]Ask    // of a digest, by its key: the asks that it tells as new
	told    map[string]string   // member, ask and listing: the digest that was sent and told it as new
	dates   map[string]string   // member and date: the digest that a server took
	shares  []string            // keys of "may I share this?"
	prompts map[string][]string // by asker: keys of "did it help?"
	relays  map[string][]string // by reader: keys of what passes between an asker without a name and a colleague
	sealed  int                 // times that who asked without a name was looked for
	gone    map[string]bool     // addresses of those who were forgotten
}

// walked is what truly happened to one letter.
type walked struct {
	key    string
	taken  int // times a server took it
	settle bool
}

func TestRandomWalk(t *testing.T) {
	walks, steps := 8, 100
	switch {
	case *long:
		walks, steps = 60, 300
	case testing.Short():
		walks, steps = 1, 50
	}
	for seed := range walks {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { newWalk(t, uint64(seed)).run(steps) })
	}
}

func newWalk(t *testing.T, seed uint64) *walk {
	s := newScene(t, "2026-11-20 12:00")
	dots, err := OpenDots(filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dots.Close() })
	dots.boot = "" // only the book is known
	s.settings.SealKeys = []string{filepath.Join(t.TempDir(), SealKeyName)}
	w := &walk{scene: s, r: rand.New(rand.NewPCG(seed, 1)), now: at(t, "2026-11-20 12:01"), dots: dots, away: map[string]bool{},
		letters: map[int64]*walked{}, fresh: map[string][]Ask{}, told: map[string]string{}, dates: map[string]string{}, prompts: map[string][]string{}, relays: map[string][]string{}, gone: map[string]bool{}}
	w.staff = slices.Clone(people)
	for i := range 4 {
		w.staff = append(w.staff, Person{Name: fmt.Sprintf("Kim Number%d", i), Email: fmt.Sprintf("kim%d@carpenter.example", i)})
	}
	w.list()
	return w
}

// list makes everybody who is not away the staff.
func (w *walk) list() {
	here := slices.DeleteFunc(slices.Clone(w.staff), func(p Person) bool { return w.away[p.Email] })
	if _, err := w.Staff(context.Background(), here, w.now); err != nil {
		w.Fatal(err)
	}
}

func (w *walk) run(steps int) {
	for i := range steps {
		w.step()
		audit, err := w.Audit(context.Background())
		if err != nil {
			w.Fatal(err)
		}
		for _, f := range audit.Findings {
			w.Errorf("step %d: audit: %s %s: %s", i, f.Code, f.Ref, f.Detail)
		}
		w.unjoined()
		if w.Failed() {
			w.Fatalf("after step %d at %s", i, w.now)
		}
	}
	var acknowledged int
	if err := w.read.Get(&acknowledged, `SELECT count(*) FROM letter WHERE kind = 'acknowledgement'`); err != nil || acknowledged != w.asked {
		w.Errorf("%d asks, %d acknowledgements, %v", w.asked, acknowledged, err)
	}
}

func (w *walk) step() {
	w.pass()
	switch n := w.r.IntN(20); {
	case n < 11:
		w.act()
	case n < 12:
		p := w.staff[w.r.IntN(len(w.staff))]
		w.away[p.Email] = w.gone[p.Email] || !w.away[p.Email] && len(slices.Collect(maps.Keys(w.away))) < 4
		w.list()
	case n < 13:
		err := w.TakeDown(context.Background(), 1+w.r.Int64N(int64(w.asked)+1), "no reason", w.now, w.say)
		if err != nil && !strings.Contains(err.Error(), ErrNoAsk.Error()) {
			w.Fatal(err)
		}
	case n < 17:
		w.publish()
	case n < 18:
		w.forget()
	}
	if w.r.IntN(3) > 0 {
		w.send()
	}
}

// pass lets time go on, or jump.
func (w *walk) pass() {
	switch w.r.IntN(40) {
	case 0:
		w.now = w.now.Add(time.Hour)
	case 1:
		w.now = w.now.Add(-time.Hour)
	case 2:
		w.now = w.now.AddDate(0, 0, -1)
	case 3:
		w.now = w.now.AddDate(10, 0, 0) // and back, with what happened meanwhile
		w.publish()
		if w.r.IntN(2) == 0 {
			w.act()
			w.send()
		}
		w.now = w.now.AddDate(-10, 0, 0)
	case 4, 5, 6, 7, 8, 9, 10, 11, 12:
		if next := w.NextEdition(w.now); !next.IsZero() {
			w.now = next
			w.publish()
		}
	default:
		w.now = w.now.Add(time.Duration(w.r.Int64N(int64(9 * time.Hour))))
	}
}

// act is one mail of a random member.
func (w *walk) act() {
	p := w.staff[w.r.IntN(len(w.staff))]
	if w.away[p.Email] {
		return
	}
	kinds := []ActKind{ActAsk, ActAsk, ActAsk, ActRelay, ActRelay, ActOffer, ActOffer, ActOffer, ActOffer, ActThanks, ActThanks, ActClose, ActReopen, ActExtend, ActWithdraw, ActEdit, ActDecline,
		ActPause, ActResume, ActStop, ActFrequency, ActRefer, ActRefer, ActMeToo, ActConfirm, ActUnclear, ActStatus, ActHelp, ActUndo, ActUndo, ActUndo, ActUndo}
	var acts []Act
	e := Event{Envelope: Envelope{From: p.Email, Auth: Believed, MessageID: fmt.Sprintf("<%d@mail>", w.uid+1)}, Verdict: Accepted, Reason: "test"}
	for range 1 + w.r.IntN(2) {
		a := Act{Kind: kinds[w.r.IntN(len(kinds))], Ask: 1 + w.r.Int64N(int64(w.asked)+1), Text: fmt.Sprintf("words %d", w.uid), Private: w.r.IntN(4) == 0}
		today := w.settings.Calendar.Date(w.now)
		switch a.Kind {
		case ActAsk:
			a.Ask, a.Title = 0, fmt.Sprintf("Ask %d", w.uid)
			a.Anonymous = w.r.IntN(3) == 0
			if keys := w.relays[p.Email]; len(keys) > 0 && w.r.IntN(6) == 0 { // a new one in answer to an unnamed one
				e.Answers = keys[w.r.IntN(len(keys))]
			}
			if w.r.IntN(3) == 0 {
				a.NeededBy = today.AddDays(w.r.IntN(6))
			}
		case ActRelay:
			w.relay(&e, &a, p.Email)
		case ActPause, ActExtend:
			if w.r.IntN(2) == 0 {
				a.Until = today.AddDays(w.r.IntN(9))
			}
		case ActRefer:
			for range w.r.IntN(3) {
				a.Members = append(a.Members, 1+w.r.Int64N(int64(len(w.staff))))
			}
			if w.r.IntN(6) == 0 {
				a.Name = "Kim"
			}
		case ActConfirm:
			if len(w.shares) > 0 {
				e.Answers = w.shares[w.r.IntN(len(w.shares))]
			}
		case ActThanks:
			if keys := w.prompts[p.Email]; len(keys) > 0 && w.r.IntN(3) > 0 {
				e.Answers = keys[w.r.IntN(len(keys))]
				fmt.Sscanf(e.Answers, KindDidItHelp+"/%d/", &a.Ask)
			}
		}
		acts = append(acts, a)
	}
	e.Acts = acts
	e.Nameless = slices.ContainsFunc(acts, func(a Act) bool { return a.Anonymous })
	w.decide(e)
}

func (w *walk) decide(e Event) {
	ctx := context.Background()
	w.uid++
	if _, err := w.Receive(ctx, []Incoming{{Mailbox: "INBOX", UIDValidity: 1, UID: w.uid, Size: 9, Raw: fmt.Appendf(nil, "raw %d", w.uid)}}, w.now); err != nil {
		w.Fatal(err)
	}
	pending, err := w.PendingIntake(ctx, 10)
	if err != nil || len(pending) != 1 {
		w.Fatal(len(pending), err)
	}
	err = w.Decide(ctx, pending[0], w.now, func(tx *Tx) error {
		view, err := tx.View(Refs{From: e.From, MessageID: e.MessageID})
		if err != nil {
			return err
		}
		e.Member = view.Writer.ID
		for i := range e.Acts {
			for _, u := range view.Undo {
				if e.Acts[i].Kind == ActUndo && (len(e.Acts[i].Undo) == 0 || w.r.IntN(3) == 0) {
					e.Acts[i].Undo = append(e.Acts[i].Undo, u.ID)
				}
			}
		}
		o, err := tx.Record(e)
		if err != nil {
			return err
		}
		return w.say(tx, o)
	})
	if err != nil {
		w.Fatalf("%+v: %v", e, err)
	}
	if err := w.read.Get(&w.asked, `SELECT count(*) FROM ask`); err != nil {
		w.Fatal(err)
	}
}

func (w *walk) publish() {
	if _, err := w.Publish(context.Background(), w.now, w.say); err != nil {
		w.Fatal(err)
	}
}

// say notes what is about to be told, and to whom it must not be.
func (w *walk) say(tx *Tx, o Outcome) error {
	for _, f := range o.Facts {
		m, err := tx.member(max(f.To.Member, 1))
		if err == nil && m.Veil {
			m, err = w.unveiledIn(tx, f.To.Member)
		}
		if f.Kind == KindRelayToAsker || f.Kind == KindRelayToHelper || f.Kind == KindRelayHeld {
			w.relays[m.Email] = append(w.relays[m.Email], f.Key)
		}
		switch {
		case err != nil:
			return err
		case f.To.Member != 0 && m.Left && f.Kind != KindForgotten:
			w.Errorf("%s is told to %s, who left", f.Key, m.Name)
		case f.Kind == KindMayIShare:
			w.shares = append(w.shares, f.Key)
		case f.Kind == KindDidItHelp:
			w.prompts[m.Email] = append(w.prompts[m.Email], f.Key)
		case f.Edition != nil:
			w.fresh[f.Key] = slices.Clone(f.Edition.New)
			if date := f.Edition.Date; m.Stopped || m.Paused && (m.PausedUntil.IsZero() || date.Before(m.PausedUntil)) {
				w.Errorf("%s is told to %s, who wants none: %+v", f.Key, m.Name, m)
			}
		}
	}
	return say(tx, o)
}

// send plays a mail server that takes, refuses and loses letters, and a process
// that may die at any point.
func (w *walk) send() {
	ctx := context.Background()
	for range 3 {
		claimed, err := w.Claim(ctx, w.now, 1+w.r.IntN(8))
		if err != nil {
			w.Fatal(err)
		}
		var results []Result
		for _, c := range claimed {
			if r, ended := w.deliver(c); ended {
				results = append(results, r)
			}
		}
		if err := w.Settle(ctx, results, w.now); err != nil {
			w.Fatal(err)
		}
		for _, r := range results {
			if r.State == ResultSent {
				w.sent(r.ID)
			}
		}
		if len(results) < len(claimed) { // died
			if _, err := w.Recover(ctx, w.dots, w.now); err != nil {
				w.Fatal(err)
			}
			return
		}
	}
}

// deliver is one letter's way; not ended: the process died on it.
func (w *walk) deliver(c Outgoing) (Result, bool) {
	l := w.letters[c.ID]
	if key := c.Letter.Key + "/to/" + recipientKey(c.Letter.To); l == nil || l.key != key { // a letter taken back leaves its number to another
		l = &walked{key: key}
		w.letters[c.ID] = l
	}
	if l.settle {
		w.Errorf("%s was sent and is sent again", l.key)
	}
	luck := w.r.IntN(20)
	switch luck {
	case 0:
		return Result{}, false
	case 1:
		return Result{ID: c.ID, State: ResultUnsent}, true
	case 2:
		return Result{ID: c.ID, State: ResultTemporary, Code: 451}, true
	case 3:
		return Result{ID: c.ID, State: ResultPermanent, Code: 550}, true
	}
	if err := w.DotSent(context.Background(), []int64{c.ID}, w.now); err != nil {
		w.Fatal(err)
	}
	if luck == 4 || luck == 5 { // nobody knows whether it arrived
		if w.r.IntN(2) == 0 {
			w.taken(c, l)
		}
		return Result{ID: c.ID, State: ResultInDoubt}, luck == 4
	}
	w.taken(c, l)
	return Result{ID: c.ID, State: ResultSent, Code: 250}, true
}

func (w *walk) taken(c Outgoing, l *walked) {
	l.taken++
	if !c.Letter.IsDigest() {
		if l.taken > 2 {
			w.Errorf("%s arrived %d times", l.key, l.taken)
		}
		return
	}
	id := fmt.Sprintf("m%d %s", c.Letter.To.Member, editionDate(c.Letter.Key))
	if before, ok := w.dates[id]; ok {
		w.Errorf("%s had %s and gets %s", id, before, l.key)
	}
	w.dates[id] = l.key
}

// sent checks that nothing is told as new twice while it stays on the list.
func (w *walk) sent(id int64) {
	l := w.letters[id]
	l.settle = true
	key, to, _ := strings.Cut(l.key, "/to/")
	for _, a := range w.fresh[key] {
		listing := fmt.Sprintf("%s #%d %d", to, a.Number, a.toldFrom)
		if before, ok := w.told[listing]; ok {
			w.Errorf("%s tells #%d as new, as %s did", key, a.Number, before)
		}
		w.told[listing] = key
	}
}
