package mailbox

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"askfirst/mailbox/parse"
)

func TestRedCost(t *testing.T) {
	big := 10<<20 - 2000
	fill := func(s string) string { return strings.Repeat(s, big/len(s)) }
	for name, text := range map[string]string{
		"offers": fill("I can help with 17. "), "numbers": fill("17 "), "hash": fill("#18 "), "lines": fill("stop\r\n"), "commas": fill(","), "oneword": fill("x"), "quotes": fill("> a\r\n"), "marks": fill("e\u0301"), "quotedours": fill("> " + strings.ReplaceAll(digestText, "\n", "\r\n> ")), "ours": fill(strings.ReplaceAll(digestText, "\n", "\r\n")), "blank": fill("\r\n"), "spaces": fill(" "), "deepq": fill(">"), "on wrote": fill("On Fri, wrote:\r\n"), "from": fill("From: a@b\r\nTo: x\r\n"), "html": "<html>" + fill("<p>I can help with 17.</p>"), "htmldiv": "<html>" + fill("<div>"), "htmlbq": "<html>" + fill("<blockquote>17"), "htmlours": "<html>" + fill("<p>#17 Borrow a microscope for Year 8 on Thursday</p>"), "entities": "<html>" + fill("&amp;"), "sig": fill("-- \r\nMark\r\n"),"of": fill("to a the of to a the of 17 "), "jp": fill("お手伝い"),
	} {
		for _, letter := range []string{"", "digest"} {
			v := testWorld(mark, letter)
			ct := "text/plain"
			if strings.HasPrefix(text, "<html>") {
				ct = "text/html"
			}
			raw := []byte("From: mark@green.example\r\nTo: help@green.example\r\nSubject: x\r\nMessage-ID: <a@b>\r\nContent-Type: " + ct + "; charset=utf-8\r\n\r\n" + text)
			runtime.GC()
			var a, b runtime.MemStats
			runtime.ReadMemStats(&a)
			start := time.Now()
			m := parse.Read(raw, parse.Standard())
			read := time.Since(start)
			start = time.Now()
			RefsOf(m, exchangeAddress)
			refs := time.Since(start)
			start = time.Now()
			Understand(m, v, Policy{})
			und := time.Since(start)
			runtime.ReadMemStats(&b)
			fmt.Printf("%-10s %-7s read %4d refs %4d understand %4d ms, %4d MiB\n", name, letter, read.Milliseconds(), refs.Milliseconds(), und.Milliseconds(), (b.TotalAlloc-a.TotalAlloc)>>20)
		}
	}
}
