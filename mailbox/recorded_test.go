package mailbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// What people sent from real mail programs in answer to real letters of ours,
// through Postfix and Dovecot: testdata/recorded, see docs/RECORDING.md.

// recording is one of them and what its writer meant.
type recording struct {
	File   string
	Letter string   // the one answered, by its name in letters; "": none of ours
	Acts   []string // any of these, as actsOf prints them
	Text   string   // newly written, exactly
	Holds  []string // a forward: the text only begins with Text, and these follow
	Open   string   // not understood so far, and why; then only a wrong act fails
}

// recordedBook is what the book knew when they wrote.
type recordedBook struct {
	Members []store.Member
	Asks    []struct {
		Number      int64
		Title, Body string
		State       store.AskState
		NeededBy    string `json:"needed_by"`
		Wanted      int
		Published   bool
		Asker       int64
		Helpers     []struct {
			Member int64
			State  store.OfferState
		}
	}
	Letters []struct {
		Name, Key, Kind string
		To              int64
		MessageID       string `json:"message_id"`
		Subject         string
		At              int64
		Items           []int64
	}
	Questions []struct {
		Kind, Letter, Words string
		Member              int64
		Candidates          []int64
	}

	sent map[int64][]store.Sent // by member, newest first
}

func recorded[T any](t *testing.T, name string) (value T) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "recorded", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func (b *recordedBook) member(id int64) store.Member {
	i := slices.IndexFunc(b.Members, func(m store.Member) bool { return m.ID == id })
	if i < 0 {
		return store.Member{}
	}
	return b.Members[i]
}

func (b *recordedBook) asks() map[int64]store.Ask {
	asks := map[int64]store.Ask{}
	for _, row := range b.Asks {
		a := store.Ask{Number: row.Number, Title: row.Title, Body: row.Body, State: row.State, Wanted: row.Wanted, Published: row.Published, Asker: b.member(row.Asker)}
		if day, err := time.Parse(time.DateOnly, row.NeededBy); err == nil {
			a.NeededBy = store.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()}
		}
		for _, h := range row.Helpers {
			a.Offers = append(a.Offers, store.Offer{Helper: b.member(h.Member), State: h.State})
		}
		asks[a.Number] = a
	}
	return asks
}

// read reads the letters.
func (b *recordedBook) read(t *testing.T) {
	t.Helper()
	b.sent = map[int64][]store.Sent{}
	for _, row := range slices.Backward(b.Letters) {
		l := store.Sent{Key: row.Key, Kind: row.Kind, To: row.To, MessageID: row.MessageID, Subject: row.Subject, At: time.Unix(row.At, 0).UTC()}
		for _, form := range []struct {
			suffix string
			words  *string
		}{{".txt", &l.Text}, {".html", &l.HTML}} {
			raw, err := os.ReadFile(filepath.Join("testdata", "recorded", "letters", row.Name+form.suffix))
			if err != nil {
				t.Fatal(err)
			}
			*form.words = string(raw)
		}
		for i, n := range row.Items {
			l.Items = append(l.Items, store.Item{Position: i + 1, Ask: n})
		}
		b.sent[row.To] = append(b.sent[row.To], l)
	}
}

// view looks up what concerns a message, as the book does.
func (b *recordedBook) view(t *testing.T, refs store.Refs) store.View {
	t.Helper()
	v := store.View{Now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Today: testToday, Asks: b.asks()}
	v.Exchange = store.Exchange{Name: "Greenfield Help Exchange", Address: "help@greenfield.example", Language: "en", Members: len(b.Members)}
	for i, m := range b.Members {
		if m.Email == refs.From {
			v.Writer = &b.Members[i]
		}
		for _, name := range refs.Names {
			if slices.Contains(strings.Fields(strings.ToLower(m.Name)), name) && !slices.Contains(names(v.Named), m.Name) {
				v.Named = append(v.Named, m)
			}
		}
	}
	if v.Writer == nil {
		t.Fatalf("nobody has the address %q", refs.From)
	}
	all := b.sent[v.Writer.ID]
	for _, id := range refs.Answers {
		for _, l := range all {
			if l.MessageID == id {
				v.Letters = append(v.Letters, l)
			}
		}
	}
	if len(v.Letters) == 0 {
		for _, l := range all {
			if !refs.Quotes {
				l.Text, l.HTML = "", ""
			}
			v.Recent = append(v.Recent, l)
		}
	}
	key := ""
	for _, l := range v.Recent {
		if l.Kind == store.KindWhichAsk {
			key = l.Key
		}
	}
	if len(v.Letters) > 0 {
		key = v.Letters[0].Key
	}
	for i, q := range b.Questions {
		if q.Letter == key && q.Member == v.Writer.ID {
			v.Pending = &store.Question{ID: int64(i + 1), Letter: q.Letter, Kind: q.Kind, Words: q.Words, Candidates: q.Candidates}
		}
	}
	return v
}

func names(members []store.Member) []string {
	var all []string
	for _, m := range members {
		all = append(all, m.Name)
	}
	return all
}

var threading = regexp.MustCompile(`(?im)^(In-Reply-To|References):.*\n(?:[ \t].*\n)*`)

// Whatever the program and wherever the answer stands, it means what its writer
// meant. Without the ids that providers strip, asking back is good enough.
func TestRecorded(t *testing.T) {
	book := recorded[recordedBook](t, "book.json")
	book.read(t)
	right, asked, open := 0, 0, 0
	for _, r := range recorded[[]recording](t, "labels.json") {
		raw, err := os.ReadFile(filepath.Join("testdata", "recorded", r.File+".eml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, stripped := range []bool{false, true} {
			bytes := raw
			if stripped {
				bytes = threading.ReplaceAll(raw, nil)
			}
			m := parse.Read(bytes, parse.Standard())
			v := book.view(t, RefsOf(m, "help@greenfield.example"))
			e := Understand(m, v, Policy{Verify: "none"})
			got := strings.ReplaceAll(actsOf(e), "(weekly)", "")
			switch {
			case slices.Contains(r.Acts, got) && r.says(e.Text):
				right++
			case stripped && asksBack(e):
				asked++
			case r.Open != "" && asksBack(e):
				open++
				t.Logf("open: %s: %s %q: %s", r.File, got, e.Text, r.Open)
			default:
				t.Errorf("%s (stripped: %v): %s %q, meant %v %q\n\t%s", r.File, stripped, got, e.Text, r.Acts, r.Text, strings.Join(e.Trace, "\n\t"))
			}
		}
	}
	t.Logf("right %d, asked back without ids %d, open %d", right, asked, open)
}

// An editor that writes paragraphs leaves wider gaps than the keys say.
var blanks = regexp.MustCompile(`\n{3,}`)

// says compares what was taken for newly written with what was typed.
func (r recording) says(text string) bool {
	text = blanks.ReplaceAllString(text, "\n\n")
	if len(r.Holds) == 0 {
		return text == r.Text
	}
	for _, words := range r.Holds {
		if !strings.Contains(text, words) {
			return false
		}
	}
	return strings.HasPrefix(text, r.Text) && !strings.Contains(text, "Received:") && !strings.Contains(text, "Forwarded message from Dana Reed <")
}

// asksBack says whether nothing was done but to ask what was meant.
func asksBack(e store.Event) bool {
	return len(e.Acts) == 1 && e.Acts[0].Kind == store.ActUnclear
}
