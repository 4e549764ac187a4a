package mailboxtest

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Adversary is an IMAP server that does what it is told, right or wrong. By
// itself it serves one INBOX as plainly as IMAP4rev1 can; Play sees every command
// first.
type Adversary struct {
	Port int

	mu          sync.Mutex
	uidValidity uint32
	next        uint32
	messages    map[uint32][]byte
	moved       map[string][]uint32
	play        func(c *Command) bool
	logins      int
}

// Command is one command of a client.
type Command struct {
	Tag  string
	Text string   // without the tag
	UIDs []uint32 // of UID FETCH and UID MOVE, those that exist
	Body bool     // a FETCH of more than flags and sizes
	Conn net.Conn
	*Adversary
}

// Say writes lines as they are.
func (c *Command) Say(format string, args ...any) { fmt.Fprintf(c.Conn, format, args...) }

// OK ends the command well.
func (c *Command) OK() { c.Say("%s OK done\r\n", c.Tag) }

// Asks says whether one of the UIDs is asked for.
func (c *Command) Asks(uid uint32) bool { return slices.Contains(c.UIDs, uid) }

// StartAdversary starts one on loopback.
func StartAdversary(t TB) *Adversary {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &Adversary{Port: listener.Addr().(*net.TCPAddr).Port, uidValidity: 1, next: 1, messages: map[uint32][]byte{}, moved: map[string][]uint32{}}
	var serving sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			serving.Go(func() { a.serve(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range conns {
			conn.Close()
		}
		mu.Unlock()
		serving.Wait()
	})
	return a
}

// Play lets a function answer commands first; it returns whether it did.
func (a *Adversary) Play(play func(c *Command) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.play = play
}

// Deliver puts a message into the inbox and returns its UID.
func (a *Adversary) Deliver(raw []byte) uint32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next++
	a.messages[a.next-1] = raw
	return a.next - 1
}

// Put puts a message under a UID of choice; nil removes it.
func (a *Adversary) Put(uid uint32, raw []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.messages[uid] = raw; raw == nil {
		delete(a.messages, uid)
	}
	a.next = max(a.next, uid+1)
}

// SetUIDValidity changes it for those who select the inbox from now on.
func (a *Adversary) SetUIDValidity(n uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.uidValidity = n
}

// Moved are the UIDs that were moved to a folder.
func (a *Adversary) Moved(folder string) []uint32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.moved[folder])
}

// Logins is how often somebody tried to log in.
func (a *Adversary) Logins() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.logins
}

func (a *Adversary) uids() []uint32 { return slices.Sorted(maps.Keys(a.messages)) }

func (a *Adversary) serve(conn net.Conn) {
	defer conn.Close()
	fmt.Fprint(conn, "* OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] at your service\r\n")
	idle := ""
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		tag, text, _ := strings.Cut(lines.Text(), " ")
		switch {
		case text == "IDLE":
			idle = tag
		case tag == "DONE":
			tag, text = idle, tag
		}
		c := &Command{Tag: tag, Text: text, Conn: conn, Adversary: a}
		a.mu.Lock()
		if strings.HasPrefix(text, "UID FETCH ") || strings.HasPrefix(text, "UID MOVE ") {
			c.UIDs = a.named(strings.Fields(text)[2])
			c.Body = strings.Contains(text, "BODY")
		}
		if strings.HasPrefix(text, "LOGIN") {
			a.logins++
		}
		play := a.play
		a.mu.Unlock()
		if play != nil && play(c) {
			continue
		}
		a.mu.Lock()
		a.answer(c)
		a.mu.Unlock()
		if text == "LOGOUT" {
			return
		}
	}
}

// named are the UIDs of a set that exist.
func (a *Adversary) named(set string) []uint32 {
	var uids []uint32
	for part := range strings.SplitSeq(set, ",") {
		low, high, _ := strings.Cut(part, ":")
		from, _ := strconv.ParseUint(low, 10, 32)
		to, _ := strconv.ParseUint(cmp.Or(high, low), 10, 32)
		for _, uid := range a.uids() {
			if uint64(uid) >= from && uint64(uid) <= to {
				uids = append(uids, uid)
			}
		}
	}
	return uids
}

// answer is what an honest server says.
func (a *Adversary) answer(c *Command) {
	verb, _, _ := strings.Cut(c.Text, " ")
	switch {
	case strings.HasPrefix(c.Text, "UID SEARCH"):
		c.Say("* SEARCH")
		for _, uid := range a.uids() {
			c.Say(" %d", uid)
		}
		c.Say("\r\n")
	case strings.HasPrefix(c.Text, "UID FETCH"):
		for _, uid := range c.UIDs {
			c.Message(uid, a.messages[uid])
		}
	case strings.HasPrefix(c.Text, "UID MOVE"):
		fields := strings.Fields(c.Text)
		folder := strings.Trim(fields[len(fields)-1], `"`)
		for _, uid := range c.UIDs {
			c.Say("* %d EXPUNGE\r\n", 1+slices.Index(a.uids(), uid))
			delete(a.messages, uid)
			a.moved[folder] = append(a.moved[folder], uid)
		}
	case verb == "LIST":
		c.Say("* LIST (\\Noselect) \"/\" \"\"\r\n")
	case verb == "SELECT":
		c.Say("* %d EXISTS\r\n* OK [UIDVALIDITY %d] ok\r\n* OK [UIDNEXT %d] ok\r\n", len(a.messages), a.uidValidity, a.next)
	case verb == "CAPABILITY":
		c.Say("* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\n")
	case verb == "IDLE":
		c.Say("+ idling\r\n")
		return // the rest when DONE comes
	case verb == "LOGOUT":
		c.Say("* BYE\r\n")
	}
	c.OK()
}

// Message is the honest answer to a FETCH of one message. It may be called from
// Play with a message of choice.
func (c *Command) Message(uid uint32, raw []byte) {
	c.Say("* %d FETCH (UID %d RFC822.SIZE %d", uid, uid, len(raw))
	if strings.Contains(c.Text, "INTERNALDATE") {
		c.Say(` INTERNALDATE "20-Nov-2026 09:00:00 +0000"`)
	}
	if c.Body {
		section := "BODY[]"
		if strings.Contains(c.Text, "HEADER") {
			raw = raw[:min(len(raw), strings.Index(string(raw), "\r\n\r\n")+4)]
			section = "BODY[HEADER]<0>"
		}
		c.Say(" %s {%d}\r\n%s", section, len(raw), raw)
	}
	c.Say(")\r\n")
}
