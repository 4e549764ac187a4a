package mailboxtest

import (
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// Names is a name server that knows some TXT records and nothing else.
type Names struct {
	Port int // UDP on 127.0.0.1

	records map[string]string
}

// StartNames starts a name server; the test's end stops it. The names of the
// records have no dot at the end.
func StartNames(t TB, records map[string]string) *Names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	n := &Names{Port: conn.LocalAddr().(*net.UDPAddr).Port, records: records}
	go n.serve(conn)
	return n
}

func (n *Names) serve(conn net.PacketConn) {
	buffer := make([]byte, 4096)
	for {
		size, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return // closed
		}
		if answer, ok := n.answer(buffer[:size]); ok {
			if _, err := conn.WriteTo(answer, from); err != nil {
				return
			}
		}
	}
}

// answer is the reply to one query (RFC 1035 section 4).
func (n *Names) answer(query []byte) ([]byte, bool) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
		return nil, false
	}
	q := m.Questions[0]
	m.Header = dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true, RecursionDesired: m.RecursionDesired, RecursionAvailable: true}
	m.Answers, m.Authorities, m.Additionals = nil, nil, nil
	text, known := n.records[strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))]
	switch {
	case !known:
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeTXT:
		var parts []string
		for len(text) > 255 { // RFC 1035 section 3.3
			parts, text = append(parts, text[:255]), text[255:]
		}
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
			Body: &dnsmessage.TXTResource{TXT: append(parts, text)}}}
	}
	answer, err := m.Pack()
	return answer, err == nil
}
