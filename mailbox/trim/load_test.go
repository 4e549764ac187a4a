package trim_test

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"askfirst/mailbox/trim"
)

// spent is the processor time this program has taken: other work on the machine
// does not count.
func spent(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Ten megabytes of anything cost a quarter of a second and little memory.
func TestTenMegabytes(t *testing.T) {
	if testing.Short() {
		t.Skip("time bounds mean nothing beside other work")
	}
	const size = 10 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	letters := []trim.Letter{golden(t, "digest")}
	for _, kind := range kinds(t) {
		letters = append(letters, golden(t, kind))
	}
	for name, in := range map[string]trim.Input{
		"marks":             {Plain: fill(">")},
		"marked lines":      {Plain: fill("> \n")},
		"deep marks":        {Plain: fill(strings.Repeat("> ", 400) + "x\n")},
		"attributions":      {Plain: fill("On Fri, 20 Nov 2026 at 07:30, Help <help@x.example> wrote:\n")},
		"open attributions": {Plain: fill("On Fri, 20 Nov 2026 at 07:30, Help <help@x.example>\n")},
		"one attribution":   {Plain: "On " + fill("Fri, 20 Nov 2026 at 07:30 ") + " wrote:"},
		"On On On":          {Plain: fill("On Mon, ") + "wrote:"},
		"verbs":             {Plain: fill(" schrieb a écrit wrote ")},
		"fields":            {Plain: fill("From: a@b.example\n")},
		"folded fields":     {Plain: fill("From: a@b.example\nTo: " + strings.Repeat("a@b.example, ", 20) + "\n")},
		"our letter":        {Plain: fill(letters[0].Text)},
		"our words":         {Plain: fill("I can help with #17\n")},
		"our words wrapped": {Plain: fill("I can help\nwith #17\n\n")},
		"our first words":   {Plain: fill("answer this mail and start ")},
		"dashes":            {Plain: fill("--\n")},
		"signatures":        {Plain: fill("Best regards\nMark Evans\n")},
		"disclaimers":       {Plain: fill("This is confidential and privileged, delete it.\n\n")},
		"banners":           {Plain: fill("External email: \n\n")},
		"devices":           {Plain: fill("Sent from my iPhone\n")},
		"links":             {Plain: fill("<https://x.example/")},
		"pictures":          {Plain: fill("[cid:")},
		"blank lines":       {Plain: fill("\n")},
		"nothing shown":     {Plain: fill("\u200b")},
		"initials":          {Plain: fill("AB> x\n")},
		"clocks":            {Plain: fill("7:30 ")},
		"html blockquotes":  {HTML: fill("<blockquote type=cite>x")},
		"html quotes":       {HTML: fill(`<div class="gmail_quote">x</div><p>y</p>`)},
		"html our letter":   {HTML: fill(body(letters[0]))},
		"html rules":        {HTML: fill("<hr>")},
	} {
		in.Letters, in.Names = letters, []string{"Mark Evans"}
		best, used := time.Hour, uint64(1)<<40
		for n := 0; n < 5 && best > 250*time.Millisecond; n++ {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := spent(t)
			trim.Trim(in)
			best = min(best, spent(t)-start)
			runtime.ReadMemStats(&after)
			used = min(used, after.TotalAlloc-before.TotalAlloc)
		}
		t.Logf("%-18s %6d ms %4d MiB allocated", name, best.Milliseconds(), used>>20)
		if best > 250*time.Millisecond { // docs/PROMISES.md, Intake
			t.Errorf("%s: %v", name, best)
		}
	}
}
