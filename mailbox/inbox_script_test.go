package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scripted is an IMAP server that answers from a table, for what real servers do
// only sometimes. A command is looked up by its first words; "%s" in the answer
// is its tag. An answer of "silence" is none.
func scripted(t *testing.T, greeting string, answers map[string]string) InboxConfig {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go playScript(conn, greeting, answers)
		}
	}()
	config := inboxConfig(listener.Addr().(*net.TCPAddr).Port, "secret")
	config.Timeout = 400 * time.Millisecond
	return config
}

const plainGreeting = "* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n"

func playScript(conn net.Conn, greeting string, answers map[string]string) {
	defer conn.Close()
	fmt.Fprint(conn, greeting)
	standard := map[string]string{
		"CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE\r\n%s OK done\r\n",
		"LOGIN":      "%s OK [CAPABILITY IMAP4rev1 IDLE] welcome\r\n",
		"LIST":       "* LIST (\\Noselect) \"/\" \"\"\r\n%s OK done\r\n",
		"SELECT":     "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n%s OK [READ-WRITE] done\r\n",
		"NOOP":       "%s OK done\r\n",
		"LOGOUT":     "* BYE\r\n%s OK done\r\n",
		"UID SEARCH": "* SEARCH 1\r\n%s OK done\r\n",
		"DONE":       "",
	}
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		tag, command, _ := strings.Cut(lines.Text(), " ")
		if tag == "DONE" {
			command = "DONE"
		}
		answer, best := "%s BAD what\r\n", ""
		for _, table := range []map[string]string{standard, answers} {
			for prefix, a := range table {
				if strings.HasPrefix(command, prefix) && len(prefix) >= len(best) {
					answer, best = a, prefix
				}
			}
		}
		if answer == "hang up" {
			return
		}
		if answer != "silence" {
			fmt.Fprint(conn, strings.ReplaceAll(answer, "%s", tag))
		}
	}
}

func TestGreetings(t *testing.T) {
	for name, greeting := range map[string]string{
		"silent": "", "bye": "* BYE too many connections\r\n", "garbage": "HTTP/1.1 400 Bad Request\r\n\r\n", "smtp": "220 mail.example ESMTP\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, err := Open(t.Context(), scripted(t, greeting, nil))
			if !errors.Is(err, ErrUnreachable) {
				t.Errorf("%v, want ErrUnreachable", err)
			}
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestLoginAnswers(t *testing.T) {
	for answer, want := range map[string]error{
		"%s NO [AUTHENTICATIONFAILED] no\r\n":      ErrAuth,
		"%s NO no such account\r\n":                ErrAuth,
		"%s NO [UNAVAILABLE] database is down\r\n": ErrUnreachable,
		"%s NO [LIMIT] too many\r\n":               ErrUnreachable,
		"silence":                                  ErrLost,
		"hang up":                                  ErrLost,
	} {
		_, err := Open(t.Context(), scripted(t, plainGreeting, map[string]string{"LOGIN": answer}))
		if !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", answer, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
	disabled := "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\r\n"
	if _, err := Open(t.Context(), scripted(t, disabled, nil)); !errors.Is(err, ErrAuth) {
		t.Errorf("LOGINDISABLED: %v, want ErrAuth", err)
	}
}

func TestSelectWithoutUIDValidity(t *testing.T) {
	_, err := Open(t.Context(), scripted(t, plainGreeting, map[string]string{"SELECT": "* 1 EXISTS\r\n%s OK done\r\n"}))
	if err == nil || !strings.Contains(err.Error(), "UIDVALIDITY") {
		t.Errorf("%v", err)
	}
}

// What servers have been seen to answer to FETCH. Absent is never read.
func TestFetchAnswers(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		messages     int
		lost         bool
	}{
		{"well", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] {5}\r\nhello)\r\n%s OK done\r\n", 1, false},
		{"size is a lie", "* 1 FETCH (UID 1 RFC822.SIZE 9 BODY[] {5}\r\nhello)\r\n%s OK done\r\n", 1, false},
		{"quoted", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] \"hello\")\r\n%s OK done\r\n", 1, false},
		{"with somebody's flags between", "* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] {5}\r\nhello)\r\n%s OK done\r\n", 1, false},
		{"with news between", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] {5}\r\nhello)\r\n* 2 EXISTS\r\n%s OK done\r\n", 1, false},
		{"empty", "* 1 FETCH (UID 1 RFC822.SIZE 0 BODY[] {0}\r\n)\r\n%s OK done\r\n", 1, false},
		{"nil", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] NIL)\r\n%s OK done\r\n", 0, false},
		{"uid after the body", "* 1 FETCH (BODY[] {5}\r\nhello UID 1)\r\n%s OK done\r\n", 0, false},
		{"another uid", "* 1 FETCH (UID 9 RFC822.SIZE 5 BODY[] {5}\r\nhello)\r\n%s OK done\r\n", 0, false},
		{"gone", "%s OK done\r\n", 0, false},
		{"refused", "%s NO [SERVERBUG] cannot open\r\n", 0, false},
		{"body but refused", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] {5}\r\nhello)\r\n%s NO [SERVERBUG] some failed\r\n", 0, false},
		{"silent in the body", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] {5}\r\nhel", 0, true},
		{"silent before the end", "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[] {5}\r\nhello)\r\n", 0, true},
		{"malformed", "* 1 FETCH (UID one BODY[] {5}\r\nhello)\r\n%s OK done\r\n", 0, true},
		{"bye", "* BYE shutting down\r\n", 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			in, err := Open(t.Context(), scripted(t, plainGreeting, map[string]string{"UID FETCH": c.answer}))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			messages, err := in.Fetch(t.Context(), []uint32{1})
			if len(messages) != c.messages || errors.Is(err, ErrLost) != c.lost {
				t.Fatalf("%v, %v; want %d messages, lost %v", messages, err, c.messages, c.lost)
			}
			if refused := strings.Contains(c.name, "refused"); refused != errors.Is(err, ErrRefused) {
				t.Errorf("%v", err)
			}
			if c.messages == 1 && c.name != "empty" && string(messages[0].Raw) != "hello" {
				t.Errorf("%q", messages[0].Raw)
			}
			if !c.lost { // the connection goes on
				if _, err := in.search(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestIdleThatDoesNotWork(t *testing.T) {
	config := scripted(t, plainGreeting, map[string]string{"IDLE": "%s BAD not today\r\n", "NOOP": "* 2 EXISTS\r\n%s OK done\r\n"})
	in, err := Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	begin := time.Now()
	if changed, err := in.Wait(t.Context(), 100*time.Millisecond); !changed || err != nil {
		t.Errorf("changed %v, %v", changed, err)
	}
	if took := time.Since(begin); took < 90*time.Millisecond || !in.noIdle {
		t.Errorf("took %v, noIdle %v", took, in.noIdle)
	}
	config = scripted(t, plainGreeting, map[string]string{"IDLE": "silence"})
	if in, err = Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.Wait(t.Context(), time.Minute); !errors.Is(err, ErrLost) {
		t.Errorf("%v, want ErrLost", err)
	}
}

func TestServerHangsUpWhileIdle(t *testing.T) {
	in, err := Open(t.Context(), scripted(t, plainGreeting, map[string]string{"IDLE": "+ idling\r\n* BYE idle for too long\r\n", "DONE": "silence"}))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := in.Wait(ctx, 500*time.Millisecond); !errors.Is(err, ErrLost) {
		t.Errorf("%v, want ErrLost", err)
	}
}

// A line that dies in silence while nothing is going on is noticed within a
// minute, however long the loop would have waited.
func TestSilentIdleIsNoticedWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := inboxConfig(0, "secret")
		config.Dial = func(context.Context, string, string) (net.Conn, error) {
			server, client := net.Pipe()
			go playScript(server, plainGreeting, map[string]string{"IDLE": "+ idling\r\n", "DONE": "silence"})
			return client, nil
		}
		in, err := Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if _, err := in.Wait(t.Context(), time.Hour); !errors.Is(err, ErrLost) || time.Since(begin) > time.Minute {
			t.Errorf("%v after %v, want ErrLost within a minute", err, time.Since(begin))
		}
		in.Close()
	})
}
