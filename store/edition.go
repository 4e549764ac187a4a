package store

import (
	"fmt"
	"math"
	"slices"
)

// How much one edition tells (sections in their order).
const (
	mostYours   = 3
	mostNew     = 8
	mostWaiting = 3
	mostAlso    = 6
	mostThanks  = 4
)

// news is what the whole exchange has to tell on one date.
type news struct {
	asks   []listing // open, accepted before the digest's time
	own    []Ask     // live asks with an offer, or that others need as well: their askers are told
	thanks []Thanks  // public, accepted before the digest's time
}

// listing is an open ask on one date.
type listing struct {
	Ask
	age   int   // in working days
	since Date  // the edition before the first that could tell it
	from  int64 // who was told by this letter or one before is told anew: it came back onto the list
}

// told is what one member has been told already, and when last.
type told struct {
	asks   map[int64]int64 // the newest letter that lists it
	thanks map[int64]bool
	any    bool
}

// editions composes the edition of one date for the next batch of members after
// the given one and returns the last of them; -1 when there are no more.
func (t *Tx) editions(date Date, after int64) (int64, error) {
	rows := []memberRow{}
	err := t.list(&rows, `SELECT m.* FROM member m WHERE m.id > ? AND m.on_staff = 1 AND m.stopped = 0
		AND NOT EXISTS (SELECT 1 FROM bounce_pause p WHERE p.member = m.id AND p.address = m.email)
		AND NOT EXISTS (SELECT 1 FROM edition e WHERE e.date = ? AND e.member = m.id) ORDER BY m.id LIMIT ?`, after, date.String(), editionBatch)
	if err != nil {
		return -1, fmt.Errorf("edition %s: %w", date, err)
	}
	if len(rows) == 0 {
		return -1, nil
	}
	if after == 0 {
		if err := t.supersede(date); err != nil {
			return -1, fmt.Errorf("edition %s: %w", date, err)
		}
	}
	last := rows[len(rows)-1].ID
	n, err := t.news(date)
	if err != nil {
		return -1, fmt.Errorf("edition %s: %w", date, err)
	}
	before, err := t.toldTo(rows[0].ID, last, n)
	if err != nil {
		return -1, fmt.Errorf("edition %s: %w", date, err)
	}
	published := map[int64]bool{}
	for _, r := range rows {
		m := r.member()
		if !before[m.ID].any {
			if before[m.ID], err = t.toldEver(m.ID); err != nil {
				return -1, fmt.Errorf("edition %s: %w", date, err)
			}
		}
		e := compose(date, m, n, before[m.ID], t.calendar(), t.book.settings.Ladder)
		if e == nil || !t.due(m, date) {
			if err := t.exec(`INSERT INTO edition (date, member, composed_at) VALUES (?, ?, ?)`, date.String(), m.ID, millis(t.now)); err != nil {
				return -1, fmt.Errorf("edition %s: %w", date, err)
			}
			continue
		}
		for _, a := range e.New {
			published[a.Number] = true
		}
		t.tell(Fact{Kind: KindDigest, Key: fmt.Sprintf("%s/%s/m%d", KindDigest, date, m.ID), To: m.Recipient(), Edition: e})
	}
	for number := range published {
		if err := t.exec(`UPDATE ask SET published = ? WHERE number = ? AND published = ''`, date.String(), number); err != nil {
			return -1, fmt.Errorf("edition %s: %w", date, err)
		}
	}
	return last, nil
}

// supersede takes back digests of other dates that still wait: what they were to
// tell, the edition of this date tells.
func (t *Tx) supersede(date Date) error {
	letters := []int64{}
	err := t.list(&letters, `SELECT o.letter FROM outbox o JOIN edition e ON e.letter = o.letter WHERE o.digest = 1 AND o.state IN ('queued', 'retry') AND e.date <> ?`, date.String())
	if err != nil {
		return err
	}
	return t.takeBack(letters)
}

// due says whether the member wants a digest on that date.
func (t *Tx) due(m Member, date Date) bool {
	if m.Paused && (m.PausedUntil.IsZero() || date.Before(m.PausedUntil)) {
		return false
	}
	if m.Weekly {
		return startsWeek(t.calendar(), date)
	}
	return true
}

// startsWeek says whether a date is the first working day of its week.
func startsWeek(c Calendar, date Date) bool {
	previous := c.Previous(date)
	return previous.IsZero() || !sameWeek(previous, date)
}

// sameWeek says whether two dates lie in one week that begins on Monday.
func sameWeek(a, b Date) bool {
	monday := func(d Date) Date { return d.AddDays(-(int(d.Weekday()) + 6) % 7) }
	return monday(a) == monday(b)
}

// news collects what the edition of a date may tell: what was accepted before
// its digest time, however late it is composed.
func (t *Tx) news(date Date) (news, error) {
	var n news
	c := t.calendar()
	at := c.Instant(date, c.At)
	cutoff, wrong := millis(at), millis(t.now.Add(leap))
	numbers := []int64{}
	if err := t.list(&numbers, `SELECT number FROM ask WHERE state IN ('open', 'helped') AND (created_at < ? OR created_at > ?) ORDER BY number`, cutoff, wrong); err != nil {
		return n, err
	}
	asks, err := t.asks(numbers)
	if err != nil {
		return n, err
	}
	for _, a := range asks {
		if a.Asker.Left {
			continue
		}
		if a.State == AskOpen && !over(a, date) {
			l := listing{Ask: a, since: c.Previous(date)}
			if a.ListedAt.Before(at) {
				l.from = a.toldFrom
				l.age = c.Between(c.Date(a.ListedAt), date)
				l.since = c.Previous(c.EditionFor(a.ListedAt))
			}
			n.asks = append(n.asks, l)
		}
		if len(a.MeToo) > 0 || slices.ContainsFunc(a.Offers, func(o Offer) bool { return o.State != OfferWithdrawn }) {
			n.own = append(n.own, a)
		}
	}
	n.thanks, err = t.publicThanks(cutoff, wrong)
	return n, err
}

// over says whether the day by which an ask was needed lies before the edition:
// nobody can help in time any more, and its asker is asked what is to become of
// it. One that came too late for an edition before that day is still told.
func over(a Ask, date Date) bool {
	return a.Published && !a.NeededBy.IsZero() && a.NeededBy.Before(date)
}

// thanksDays is how long thanks that could not be told yet are still news.
const thanksDays = 30

func (t *Tx) publicThanks(cutoff, wrong int64) ([]Thanks, error) {
	rows := []struct {
		ID        int64
		Ask       int64
		Giver     int64
		Words     string
		CreatedAt int64 `db:"created_at"`
	}{}
	err := t.list(&rows, `SELECT id, coalesce(ask, 0) AS ask, coalesce(giver, 0) AS giver, words, created_at FROM thanks WHERE state = 'public' AND created_at >= ? ORDER BY created_at, id`,
		cutoff-thanksDays*24*3600*1000)
	if err != nil {
		return nil, err
	}
	var all []Thanks
	for _, r := range rows {
		if r.CreatedAt >= cutoff && r.CreatedAt <= wrong {
			continue
		}
		ask, err := t.ask(r.Ask)
		if err != nil {
			return nil, err
		}
		if r.Ask == 0 {
			if ask.Asker, err = t.member(r.Giver); err != nil {
				return nil, err
			}
		}
		to, err := t.thankedIn(r.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, Thanks{ID: r.ID, From: ask.Asker, To: to, Ask: ask, Words: r.Words})
	}
	return all, nil
}

// first is the letter after which the digests begin that can have told the asks.
func (n news) first() int64 {
	first := int64(math.MaxInt64)
	for _, a := range n.asks {
		first = min(first, a.from)
	}
	return first
}

// toldTo reads what a run of members has been told of the news: what stands in
// digests that were sent. A digest in doubt told nothing, so the next one
// repairs the gap.
func (t *Tx) toldTo(first, last int64, n news) (map[int64]told, error) {
	letters := []struct{ ID, Member, Wording int64 }{}
	err := t.list(&letters, `SELECT l.id, l.member, l.wording FROM letter l JOIN outbox o ON o.letter = l.id
		WHERE o.digest = 1 AND o.state = 'sent' AND l.member BETWEEN ? AND ? AND (l.id > ? OR l.at > ?)`,
		first, last, n.first(), millis(t.now.AddDate(0, 0, -thanksDays)))
	if err != nil {
		return nil, err
	}
	var wordings []int64
	for _, l := range letters {
		wordings = append(wordings, l.Wording)
	}
	slices.Sort(wordings)
	wordings = slices.Compact(wordings)
	type pair struct{ Wording, Ref int64 }
	asks, thanks := map[int64][]int64{}, map[int64][]int64{}
	for chunk := range slices.Chunk(wordings, 500) {
		items, notes := []pair{}, []pair{}
		if err := listIn(t, &items, `SELECT i.wording, i.ask AS ref FROM wording_item i JOIN ask a ON a.number = i.ask WHERE i.wording IN (?) AND a.state IN ('open', 'helped')`, chunk); err != nil {
			return nil, err
		}
		if err := listIn(t, &notes, `SELECT wording, thanks AS ref FROM wording_thanks WHERE wording IN (?)`, chunk); err != nil {
			return nil, err
		}
		for _, p := range items {
			asks[p.Wording] = append(asks[p.Wording], p.Ref)
		}
		for _, p := range notes {
			thanks[p.Wording] = append(thanks[p.Wording], p.Ref)
		}
	}
	all := map[int64]told{}
	for _, l := range letters {
		m := all[l.Member]
		if !m.any {
			m = told{asks: map[int64]int64{}, thanks: map[int64]bool{}, any: true}
			all[l.Member] = m
		}
		for _, ask := range asks[l.Wording] {
			m.asks[ask] = max(m.asks[ask], l.ID)
		}
		for _, k := range thanks[l.Wording] {
			m.thanks[k] = true
		}
	}
	return all, nil
}

// toldEver is what somebody was told who was told nothing lately: whether a
// digest came before.
func (t *Tx) toldEver(member int64) (told, error) {
	var m told
	err := t.get(&m.any, `SELECT EXISTS (SELECT 1 FROM letter l JOIN outbox o ON o.letter = l.id WHERE l.member = ? AND o.digest = 1 AND o.state = 'sent')`, member)
	return m, err
}

// compose is one member's edition; nil when there is nothing new to tell.
func compose(date Date, m Member, n news, before told, c Calendar, ladder Ladder) *Edition {
	e := &Edition{Date: date, Since: c.Previous(date), Member: m, First: !before.any}
	var more []Ask
	for i := range n.asks { // by place: there are many asks times many members
		a := &n.asks[i]
		last, known := before.asks[a.Number]
		switch {
		case a.RoleOf(m.ID) != RoleNone: // own asks, and those one has offered on
		case !known || last <= a.from:
			e.Asked++
			if a.since.Before(e.Since) {
				e.Since = a.since
			}
			if len(e.New) < mostNew {
				e.New = append(e.New, a.Ask)
			} else if len(more) < mostAlso {
				more = append(more, a.Ask)
			}
		case len(a.Helpers()) == 0 && a.age >= ladder.Waiting && len(e.Waiting) < mostWaiting:
			e.Waiting = append(e.Waiting, a.Ask)
		case len(e.Also) < mostAlso:
			e.Also = append(e.Also, a.Ask)
		}
	}
	e.Also = slices.Concat(more, e.Also) // what is new comes before what was told
	for _, k := range n.thanks {
		if !before.thanks[k.ID] && len(e.Thanks) < mostThanks {
			e.Thanks = append(e.Thanks, k)
		}
	}
	if len(e.New) == 0 && len(e.Thanks) == 0 {
		return nil
	}
	e.Also = e.Also[:min(len(e.Also), mostAlso)]
	for i := range n.own {
		if n.own[i].Asker.ID == m.ID && len(e.Yours) < mostYours {
			if a, ok := yours(n.own[i], before); ok {
				e.Yours = append(e.Yours, a)
			}
		}
	}
	return e
}

// yours is an own ask as its asker is told of it: that others need the same is
// said once. Not ok: there is nothing to say of it.
func yours(a Ask, before told) (Ask, bool) {
	if last, known := before.asks[a.Number]; known && last > a.joinFrom {
		a.MeToo = nil
	}
	return a, len(a.MeToo) > 0 || slices.ContainsFunc(a.Offers, func(o Offer) bool { return o.State != OfferWithdrawn })
}
