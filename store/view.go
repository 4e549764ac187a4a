package store

import (
	"bytes"
	"compress/flate"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// memory is how far back an answer without In-Reply-To is looked for.
const memory = 14 * 24 * time.Hour

// View looks up what concerns a message.
func (t *Tx) View(r Refs) (View, error) {
	exchange, err := t.exchange()
	if err != nil {
		return View{}, fmt.Errorf("view: %w", err)
	}
	v := View{Now: t.now, Today: t.today(), Calendar: t.calendar(), Exchange: exchange, Asks: map[int64]Ask{}}
	if v.Writer, err = t.memberAt(r.From); err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	var id int64
	if v.Writer != nil {
		id = v.Writer.ID
		t.writer = v.Writer
	}
	answers := r.Answers
	confirm, letter, err := t.confirmation(r, id)
	if err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	if letter != "" {
		answers = append([]string{letter}, answers...)
	}
	if r.Returned != "" {
		answers = append([]string{r.Returned}, answers...)
	}
	if err := t.own(id, answers); err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	if err := t.seen(&v, r); err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	if v.Letters, err = t.context(&v, r, answers, id); err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	if confirm != nil && len(v.Letters) > 0 && v.Letters[0].Key == confirm.Letter {
		v.Confirm = confirm
	}
	if in := t.intake; in != nil {
		v.Confirmed, v.Released = in.Confirmed, in.Auth == Failed
		if in.Confirmed { // "by Thursday" was written when it came
			v.Today = t.calendar().Date(instant(in.ReceivedAt))
		}
	}
	if len(v.Letters) == 0 && id != 0 {
		if v.Recent, err = t.recentAll(id, r.Quotes); err != nil {
			return v, fmt.Errorf("view: %w", err)
		}
	}
	if v.Undo, err = t.undoableAll(id); err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	if err := t.viewAsks(&v, r, id); err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	if v.Pending, err = t.pending(v, id); err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	if err := t.viewNamed(&v, r); err != nil {
		return v, fmt.Errorf("view: %w", err)
	}
	return v, nil
}

func (t *Tx) seen(v *View, r Refs) error {
	if r.MessageID == "" && r.Dup == "" {
		return nil
	}
	row := struct{ Ours, Seen, Veiled bool }{}
	dup, err := t.keyedDup(r.Dup)
	if err != nil {
		return err
	}
	var own int64
	if t.intake != nil {
		own = t.intake.ID
	}
	err = t.get(&row, `SELECT EXISTS (SELECT 1 FROM letter WHERE message_id = ?) AS ours,
		EXISTS (SELECT 1 FROM intake WHERE duplicate IN (?, ?) AND (state IN ('accepted', 'refused') OR state = 'pending' AND id <> ?)) AS seen,
		EXISTS (SELECT 1 FROM intake WHERE duplicate = ? AND duplicate <> ?) AS veiled`, clean(r.MessageID), r.Dup, dup, own, dup, r.Dup)
	v.Ours, v.Seen = row.Ours, row.Seen
	// A second copy, come by another way, tells who wrote as well as the first.
	t.touched = t.touched || row.Veiled
	return err
}

// mostOwn is how many of the writer's own live asks, the newest, are looked at.
const mostOwn = 8

// viewAsks collects every ask that the message may be about.
func (t *Tx) viewAsks(v *View, r Refs, writer int64) error {
	numbers := append([]int64{}, r.Numbers...)
	for _, u := range v.Undo {
		numbers = append(numbers, u.Ask)
	}
	for _, list := range [][]Sent{v.Letters, v.Recent} {
		for _, l := range list {
			for _, i := range l.Items {
				numbers = append(numbers, i.Ask)
			}
		}
	}
	if writer != 0 {
		own := []int64{}
		if err := t.list(&own, `SELECT p.ask FROM ask_party p JOIN ask a ON a.number = p.ask
			WHERE p.member = ? AND (a.state IN ('open', 'helped') OR a.state = 'held' AND p.role = 'asker') ORDER BY p.ask DESC LIMIT ?`, writer, mostOwn); err != nil {
			return err
		}
		numbers = append(numbers, own...)
	}
	for _, own := range t.veils {
		if own.live {
			numbers = append(numbers, own.ask)
		}
	}
	asks, err := t.asks(numbers)
	for _, a := range asks {
		if t.veilOn(a.Number) != 0 {
			a.Asker.ID = writer // to whoever understands the message it is their own
		}
		if a.Unsent() && a.Asker.ID != writer {
			continue // nobody else knows of it
		}
		v.Asks[a.Number] = a
	}
	return err
}

// memberAt is the member whose address or alias it is; nil: nobody's.
func (t *Tx) memberAt(address string) (*Member, error) {
	if address == "" {
		return nil, nil
	}
	row := memberRow{}
	err := t.get(&row, `SELECT m.* FROM member m JOIN member_address a ON a.member = m.id WHERE a.address = ? AND m.on_staff = 1`, clean(BareAddress(address)))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	m := row.member()
	return &m, err
}

func (t *Tx) member(id int64) (Member, error) {
	if t.writer != nil && t.writer.ID == id {
		return *t.writer, nil
	}
	row := memberRow{}
	err := t.get(&row, `SELECT * FROM member WHERE id = ?`, id)
	return row.member(), err
}

// sentRow is a letter as the tables have it.
type sentRow struct {
	Key       string
	Kind      string
	Member    sql.NullInt64
	MessageID string `db:"message_id"`
	Subject   string
	Text      []byte
	HTML      []byte `db:"html"`
	Wording   int64
	At        int64
}

const sentColumns = `SELECT l.key, l.kind, l.member, l.message_id, w.subject, w.text, w.html, l.wording, l.at FROM letter l JOIN wording w ON w.id = l.wording `

// letters are those of ours with these Message-IDs, in the order given; of two
// copies of one letter it is the writer's own.
func (t *Tx) letters(ids []string, writer int64) ([]Sent, error) {
	rows := []sentRow{}
	for i := range ids {
		ids[i] = clean(ids[i])
	}
	if err := listIn(t, &rows, sentColumns+`WHERE l.message_id IN (?) ORDER BY CASE WHEN l.member = ? THEN 0 ELSE 1 END, l.id`, ids[:min(len(ids), 50)], writer); err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b sentRow) int { return t.veilFirst(b) - t.veilFirst(a) })
	var nearest []sentRow
	for _, id := range ids {
		for _, r := range rows {
			if r.MessageID == id {
				nearest = append(nearest, r)
				break // the other copies say nothing more
			}
		}
	}
	return t.sent(nearest)
}

// mostRecent is how many letters an answer without In-Reply-To is compared with.
const mostRecent = 12

// recent are the letters a member got in the last days, newest first. A message
// that quotes may answer any of them, and their words are wanted to find out
// which; one that quotes nothing can only speak of asks in a digest, or answer a
// question.
func (t *Tx) recent(member int64, quotes bool) ([]Sent, error) {
	const newest = ` FROM (SELECT * FROM letter WHERE member = ? AND at > ? ORDER BY at DESC, id DESC LIMIT ?) l
		JOIN wording w ON w.id = l.wording JOIN outbox o ON o.letter = l.id WHERE o.state IN ('sent', 'in_doubt', 'dot_sent')`
	query := `SELECT l.key, l.kind, l.member, l.message_id, w.subject, w.text, w.html, l.wording, l.at` + newest + ` ORDER BY l.at DESC, l.id DESC`
	if !quotes {
		query = `SELECT l.key, l.kind, l.member, l.message_id, w.subject, NULL AS text, NULL AS html, l.wording, l.at` + newest +
			` AND l.kind IN ('digest', 'held', 'still_held', 'which_ask', 'which_person', 'invitation', 'did_it_help', 'may_i_share', 'known_address', 'relay_held') ORDER BY l.at DESC, l.id DESC`
	}
	rows := []sentRow{}
	if err := t.list(&rows, query, member, millis(t.now.Add(-memory)), mostRecent); err != nil {
		return nil, err
	}
	return t.sent(rows)
}

// sent makes letters of rows.
func (t *Tx) sent(rows []sentRow) ([]Sent, error) {
	var wordings []int64
	for _, r := range rows {
		wordings = append(wordings, r.Wording)
	}
	items := []struct {
		Wording int64
		Item
	}{}
	if err := listIn(t, &items, `SELECT wording, position, ask FROM wording_item WHERE wording IN (?) ORDER BY wording, position`, wordings); err != nil {
		return nil, err
	}
	found := make([]Sent, len(rows))
	for i, r := range rows {
		s := Sent{Key: r.Key, Kind: r.Kind, To: r.Member.Int64, MessageID: r.MessageID, Subject: r.Subject, At: instant(r.At), Veiled: t.myVeil(r.Member.Int64)}
		var err error
		if s.Text, err = inflate(r.Text); err != nil {
			return nil, fmt.Errorf("letter %s: %w", r.Key, err)
		}
		if s.HTML, err = inflate(r.HTML); err != nil {
			return nil, fmt.Errorf("letter %s: %w", r.Key, err)
		}
		for _, item := range items {
			if item.Wording == r.Wording {
				s.Items = append(s.Items, item.Item)
			}
		}
		found[i] = s
	}
	return found, nil
}

// pending is the question that the message answers, if it waits for an answer.
func (t *Tx) pending(v View, writer int64) (*Question, error) {
	key := ""
	if len(v.Letters) > 0 {
		key = v.Letters[0].Key
	}
	for _, l := range v.Recent { // a tap on "I mean #17" answers no Message-ID
		if (l.Kind == KindWhichAsk || l.Kind == KindWhichPerson || l.Kind == KindKnownAddress) && key == "" {
			key = l.Key
		}
	}
	if writer == 0 || key == "" {
		return nil, nil
	}
	row := struct {
		ID         int64
		Kind       string
		Words      string
		Candidates string
		Ask        sql.NullInt64
		Party      sql.NullInt64
		Name       string
		Names      string
	}{}
	whose, err := t.whoseQuestion(key, writer)
	if err != nil {
		return nil, err
	}
	err = t.get(&row, `SELECT q.id, q.kind, q.words, q.candidates, coalesce(t.ask, p.ask) AS ask, q.party, q.name, q.names
		FROM question q LEFT JOIN thanks t ON t.id = q.thanks LEFT JOIN ask_party p ON p.id = q.party
		WHERE q.letter = ? AND q.member = ? AND q.answered_at IS NULL AND q.kind <> 'relay'`, key, whose)
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Party.Valid && !row.Ask.Valid { // what it was about was taken back
		return nil, nil
	}
	q := &Question{ID: row.ID, Letter: key, Kind: row.Kind, Words: row.Words, Ask: row.Ask.Int64, Name: row.Name, names: fromJSON(row.Names)}
	_ = json.Unmarshal([]byte(row.Candidates), &q.Candidates) // written by toJSON
	if q.Kind == "which_person" {
		q.Candidates, q.People = nil, q.Candidates
		if q.Ask != 0 && v.Asks[q.Ask].Number == 0 {
			if v.Asks[q.Ask], err = t.ask(q.Ask); err != nil {
				return nil, err
			}
		}
	}
	return q, err
}

// deflater is a compressor that is used again: a new one costs more than the
// letter it is for.
type deflater struct {
	mu sync.Mutex
	w  *flate.Writer
}

func (d *deflater) deflate(s string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	var buf bytes.Buffer
	if d.w == nil {
		d.w, _ = flate.NewWriter(&buf, flate.BestSpeed) // fails for a bad level only
	} else {
		d.w.Reset(&buf)
	}
	_, _ = io.WriteString(d.w, s) // a buffer takes everything
	_ = d.w.Close()
	return buf.Bytes()
}

func inflate(b []byte) (string, error) {
	if len(b) == 0 {
		return "", nil
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), 16<<20))
	return string(text), err
}
