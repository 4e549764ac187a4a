package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Hostile files are answered with a sentence, quickly and in little memory.
func TestConfigHostile(t *testing.T) {
	const size = 1 << 20
	fill := func(s string) []byte { return bytes.Repeat([]byte(s), size/len(s)) }
	after := func(head, s string) []byte { return append([]byte(head), fill(s)...) }
	counted := func(format string) []byte {
		var b bytes.Buffer
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.Bytes()
	}
	var bomb strings.Builder
	bomb.WriteString("a: &a [x,x,x,x,x,x,x,x,x]\n")
	for c := 'b'; c <= 'z'; c++ {
		fmt.Fprintf(&bomb, "%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ","))
	}
	var stairs strings.Builder
	for i := range 1400 {
		stairs.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	for name, raw := range map[string][]byte{
		"alias bomb": []byte(bomb.String()), "staircase": []byte(stairs.String()),
		"brackets": fill("["), "braces": fill("{a: "), "dashes": fill("- "), "questions": fill("? "), "quotes": fill(`"`),
		"hashes": fill("#"), "comment lines": fill("#\n"), "blanks": fill(" "), "newlines": fill("\n"), "documents": fill("---\n"),
		"long word": after("staff: ", "x"), "long key": append(fill("k"), ": 1"...), "anchors": fill("&a "), "tags": fill("!a "),
		"commas": after("staff: [", "x,"), "flow keys": after("staff: [{", "a,"), "flow keys in lines": after("staff: [{", "a,\n"),
		"same key": fill("smtp: 1\n"), "keys": counted("k%d: 1\n"), "aliases": after("a: &a x\nstaff:\n", "- *a\n"),
		"many anchors": counted("- &a%d x\n"), "days": append(after("digest: { days: [", "mon,"), "x] }"...),
		"people": after("staff:\n", "- {}\n"), "wrong people": after("staff:\n", "- { name: 1, email: 2, x: 3 }\n"),
		"merge": after("staff:\n", "- { <<: { <<: {} } }\n"), "holidays": after("digest:\n  holidays:\n", "    - 0001-01-01..9999-12-31\n"),
		"folded": after("smtp: >\n", "  x\n\n"), "invalid": fill("\xff"), "nul": fill("\x00"), "utf-16": after("\xff\xfe", "[\x00"),
	} {
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		start := spent(t)
		config, err := parseConfig("c.yaml", raw, nil)
		took := spent(t) - start
		runtime.ReadMemStats(&now)
		var problems Problems
		if config != nil || !errors.As(err, &problems) {
			t.Errorf("%s: accepted, or no Problems: %T", name, err)
			continue
		}
		if len(err.Error()) > 20_000 || strings.Contains(err.Error(), "!!") {
			t.Errorf("%s: %d characters of answer: %.200s", name, len(err.Error()), err)
		}
		if took > 5*time.Second {
			t.Errorf("%s: answered after %v", name, took)
		}
		if grown := now.TotalAlloc - before.TotalAlloc; grown > 1<<30 {
			t.Errorf("%s: allocated %d MiB", name, grown>>20)
		}
		if testing.Verbose() {
			t.Logf("%-20s %8v %5d MiB  %.110s", name, took.Round(time.Millisecond), (now.TotalAlloc-before.TotalAlloc)>>20, err)
		}
	}
}

// spent is the processor time of this process: unlike the clock on the wall it
// does not pass while other programs keep the machine busy.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// A file that is cut off anywhere, or has a byte changed, gives a sentence or
// a configuration, never a panic and never a password.
func TestConfigBroken(t *testing.T) {
	good := bytes.ReplaceAll(readFile(t, "../../config.example.yaml"), []byte("imap.password "), []byte("hunter2xyz "))
	try := func(raw []byte) {
		_, err := parseConfig("c.yaml", raw, nil)
		var problems Problems
		if err != nil && !errors.As(err, &problems) {
			t.Fatalf("no Problems: %T %v", err, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2xyz") && !strings.Contains(err.Error(), "is not an option") {
			t.Fatalf("a value is repeated:\n%s\nin the answer to\n%s", err, raw)
		}
		for _, p := range problems {
			if p.Message == "" || p.File == "" || p.Line < 0 {
				t.Fatalf("no sentence: %+v", p)
			}
		}
	}
	for i := range good {
		try(good[:i])
	}
	const junk = "\t\n :{}[]#&*!|>'\"%@`-?,\x00\xffé0"
	random := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		raw := bytes.Clone(good)
		for range 1 + random.IntN(3) {
			raw[random.IntN(len(raw))] = junk[random.IntN(len(junk))]
		}
		try(raw)
	}
}

// A staff list of ten thousand loads in well under a second or two.
func TestConfigManyPeople(t *testing.T) {
	var b bytes.Buffer
	b.Write(onBase([]byte("# base\nstaff: [{ name: A, email: a@x.example }]\nstaff:")))
	raw := bytes.Replace(b.Bytes(), []byte("staff: [{ name: A, email: a@x.example }]\nstaff:"), nil, 1)
	raw = append(raw, "\nstaff:\n"...)
	for i := range 10_000 {
		raw = fmt.Appendf(raw, "  - { name: Person %d, email: p%d@x.example, aliases: [q%d@x.example], group: G%d, knows: [maths, year %d] }\n", i, i, i, i%90, i%13)
	}
	start := spent(t)
	config, err := parseConfig("c.yaml", raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	if took := spent(t) - start; len(config.Staff) != 10_000 || took > 5*time.Second {
		t.Errorf("%d people in %v", len(config.Staff), took)
	} else {
		t.Logf("%d people, %d KiB in %v", len(config.Staff), len(raw)>>10, took)
	}
}
