package main
import ("testing";"fmt";"strings";"askfirst/mailbox/mailboxtest";"time")
func TestProf(t *testing.T){
	dovecot := mailboxtest.StartDovecot(t, map[string]string{townHelp: mailboxtest.Password})
	sink := mailboxtest.StartSink(t)
	s := settle(&town{TB: t, imap: dovecot.Port, smtp: sink, put: dovecot.Deliver})
	for i := range 1000 {
		s.writes(townsfolk[i%len(townsfolk)], fmt.Sprintf("Need a hand with thing %d", i), strings.Repeat("Some words about it, and a few more.\n", 10), func(n *note) { n.photo = true })
	}
	a := time.Now()
	s.once("2026-11-22 15:00")
	fmt.Println(time.Since(a))
}
