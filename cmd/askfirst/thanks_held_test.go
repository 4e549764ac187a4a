package main

import (
	"strings"
	"testing"
)

// TestThanksWithANumber: thanks that hold what not everybody should read are
// kept between the two until their writer has looked once more, also where they
// answer "did it help?".
func TestThanksWithANumber(t *testing.T) {
	for _, test := range []struct {
		words, seen string
		answer      string
		published   bool
	}{
		{"Yes, Mark was a star, he lent two. His number is 07700 900123 if you need one as well.", "a phone number", "yes", true},
		{"Yes, Mark was a star, he lent two. His number is 07700 900123 if you need one as well.", "a phone number", "", false},
		{"Thank you Mark, Tyler Hobson in 4B, a pupil of mine, could finally see a cell. You were a star!", "the name of a pupil or a patient", "", false},
		{"Thank you so much, Mark was a star and lent two.", "", "", true},
	} {
		town := inProcess(t)
		town.once("2026-11-20 06:00")
		town.wroteAt("2026-11-20 06:30", "priya", "A microscope", "Could somebody lend me a microscope on Friday?")
		town.once("2026-11-20 07:30")
		town.answers("mark", "microscope", "I can help with 1", phone)
		town.once("2026-11-20 09:00")
		for _, day := range []string{"2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"} {
			town.once(day + " 07:30")
		}
		town.answers("priya", "Did Mark", test.words, phone)
		town.once("2026-11-26 10:00")
		town.says(town.letter("mark", "Thank you"), "star")
		if test.seen != "" {
			town.says(town.letter("priya", "May I share"), "It seems to hold this:", test.seen, "private so far")
			if test.answer != "" {
				town.answers("priya", "May I share", test.answer, phone)
				town.once("2026-11-26 11:00")
			}
		} else {
			town.expect("priya", "May I share", 0)
		}
		town.wroteAt("2026-11-26 12:00", "ana", "A globe", "Could somebody lend me a globe?")
		town.once("2026-11-27 07:30")
		digest := town.letter("ben", "globe")
		if got := strings.Contains(digest.Plain, "Priya E. thanks Mark E."); got != test.published {
			t.Errorf("%q, answered %q: the digest has them: %v\n%s", test.words, test.answer, got, digest.Plain)
		}
		town.audited()
	}
}
