package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestDigestKilledThroughPostfix sends one digest to a whole company through a
// real mail server while the program is killed again and again: everybody has it
// once, but for the few that a kill left in doubt, and nobody twice.
func TestDigestKilledThroughPostfix(t *testing.T) {
	grounded(t)
	if testing.Short() {
		t.Skip("a thousand letters through Postfix")
	}
	members, kills := sized(100, 1_000, 10_000), sized(4, 10, 50)
	crowd := make([]string, members-len(townsfolk))
	for i := range crowd {
		crowd[i] = fmt.Sprintf("colleague%d@carpenter.example", i)
	}
	k := newKiller(t)
	town := onPostfixWith(t, crowd...)
	town.crowd(len(crowd))
	town.once("2026-11-22 12:00")
	town.writes("sam", "A picture book", "Which one would you read with a six-year-old?")
	town.writes("priya", "Borrow a microscope", "For Thursday, please.")
	town.once("2026-11-22 15:00")
	random := rand.New(rand.NewPCG(uint64(members), 1))
	at := town.time("2026-11-23 07:30").Format(time.RFC3339)
	for k.kills < kills {
		// A call somewhere in the middle of what is left of the work.
		if !k.at(20+random.IntN(max(members/kills, 40)), writeClass, "--config", town.config, "once", "--at", at) {
			break
		}
	}
	town.run("once", "--at", at)
	town.settled()
	missing := 0
	for _, who := range append(crowd, townsfolk...) {
		digests := 0
		for _, m := range town.letters(who, "(Mon 23 Nov)") {
			if m.Header.Get("List-Id") != "" {
				digests++
			}
		}
		if digests > 1 {
			t.Errorf("%s has %d digests", who, digests)
		}
		if digests == 0 {
			missing++
		}
	}
	doubtful := town.status().Outbox.InDoubt
	t.Logf("%d kills, %d members, %d in doubt, %d without", k.kills, members, doubtful, missing)
	if k.kills < kills {
		t.Errorf("only %d kills", k.kills)
	}
	if missing > doubtful || missing > members/20 {
		t.Errorf("%d members have no digest, %d are in doubt", missing, doubtful)
	}
	town.audited()
}
