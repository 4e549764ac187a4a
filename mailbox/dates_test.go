package mailbox

import (
	"testing"

	"askfirst/mailbox/words"
	"askfirst/store"
)

func TestDates(t *testing.T) {
	// Friday 20 November 2026.
	for text, want := range map[string]string{
		"by Thursday":                "2026-11-26",
		"by Friday":                  "2026-11-27",
		"on 27 Nov":                  "2026-11-27",
		"on the 27th of November":    "2026-11-27",
		"November 27th":              "2026-11-27",
		"Nov 27, 2027":               "2027-11-27",
		"until 1 Sept":               "2027-09-01",
		"7.12.":                      "2026-12-07",
		"am 7.12.2026":               "2026-12-07",
		"by 7/12":                    "2026-12-07",
		"by 12/27":                   "2026-12-27",
		"2026-12-07":                 "2026-12-07",
		"tomorrow":                   "2026-11-21",
		"the day after tomorrow":     "2026-11-22",
		"next week":                  "2026-11-23",
		"by the end of the week":     "2026-11-20",
		"by the end of the month":    "2026-11-30",
		"next month":                 "2026-12-01",
		"2 weeks":                    "2026-12-04",
		"two more weeks":             "2026-12-04",
		"another week":               "2026-11-27",
		"a fortnight":                "2026-12-04",
		"bis Freitag":                "2026-11-27",
		"bis 3. Dezember":            "2026-12-03",
		"bis zum 3. Dez.":            "2026-12-03",
		"übermorgen":                 "2026-11-22",
		"nächste Woche":              "2026-11-23",
		"noch zwei Wochen":           "2026-12-04",
		"avant vendredi":             "2026-11-27",
		"jusqu'au 1er décembre":      "2026-12-01",
		"demain":                     "2026-11-21",
		"la semaine prochaine":       "2026-11-23",
		"antes del viernes":          "2026-11-27",
		"el 3 de diciembre":          "2026-12-03",
		"pasado mañana":              "2026-11-22",
		"vóór vrijdag":               "2026-11-27",
		"uiterlijk 3 december":       "2026-12-03",
		"volgende week":              "2026-11-23",
		"by Wed":                     "2026-11-25",
		"Friday 27th":                "2026-11-27",
		"29 February":                "2028-02-29",
		"mon cours":                  "",
		"31 November":                "",
		"costs 7.12":                 "",
		"half 1/2":                   "",
		"I may sit down":             "",
		"99999999999999999999 weeks": "",
		"2026-13-45":                 "",
		"":                           "",
	} {
		tokens := words.Tokens(text)
		if got := until(words.Standard(), tokens, reckoning{today: testToday}).String(); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestNeededBy(t *testing.T) {
	for text, want := range map[string]string{
		"I need a laminator by Thursday, we printed since Monday":                "2026-11-26",
		"Borrow a microscope for Year 8 on Thursday\nThursday 26 Nov, period 3.": "2026-11-26",
		"Ours broke last Friday.":                                "",
		"Broken since Monday, needed before Wednesday":           "2026-11-25",
		"For the play on 11 December; I must know by 1 December": "2026-12-01",
		"A spelling app":                                        "",
		"Brauche ich bis Mittwoch":                              "2026-11-25",
		"Il me le faut avant jeudi":                             "2026-11-26",
		"I was there on 3 March 2019":                           "",
		"On Monday I tried the one in the office and it broke.": "",
		"On Monday I tried ours. I need one by Friday.":         "2026-11-27",
		"I lost it on Friday in the gym":                        "",
		"We met on Thursday and he showed me, but I forgot":     "",
		"Can anyone take my duty on Mondays?":                   "",
		"The tuner came on 12 November and it is still flat":    "",
		"I ordered it on 19 November and it is late":            "",
		"Who knows about 9 November 1989?":                      "",
		"A talk about 11 September?":                            "",
		"We march 2 times around the school; may 1 be enough?":  "",
		"Am Montag habe ich es versucht, es ging nicht":         "",
		"Lundi j'ai essayé mais sans succès":                    "",
		"Sunday school songs":                                   "",
		"Photos of the concert on Friday, did anyone take any?": "",
		"I need it today":                                       "2026-11-20",
		"needed tomorrow":                                       "2026-11-21",
		"Friday: thirty chairs":                                 "2026-11-27",
		"Could I borrow 30 chairs on Friday?":                   "2026-11-27",
		"Chairs for Friday":                                     "2026-11-27",
		"It is her birthday on 3 December":                      "2026-12-03",
		"Our show is on 3 June 2027":                            "2027-06-03",
		"Der Auftritt ist am 12.3.2027.":                        "2027-03-12",
		"Needed on November 27th":                               "2026-11-27",
	} {
		if got := neededBy(words.Standard(), text, reckoning{today: testToday}).String(); got != want {
			t.Errorf("%q is needed by %q, want %q", text, got, want)
		}
	}
}

// Dates in five languages, on several days and on both sides of the Atlantic.
func TestManyDates(t *testing.T) {
	for name, monthFirst := range map[string]bool{"dates.txt": false, "dates_us.txt": true} {
		for _, row := range readRows(t, name, 3) {
			today, err := store.ParseDate(row[0])
			if err != nil {
				t.Fatal(err)
			}
			if got := until(words.Standard(), words.Tokens(row[1]), reckoning{today, monthFirst}).String(); got != row[2] {
				t.Errorf("%s, on %s: %q is %q, want %q", name, row[0], row[1], got, row[2])
			}
		}
	}
}

// By when an ask is needed, in five languages.
func TestManyNeeds(t *testing.T) {
	for _, row := range readRows(t, "needed.txt", 2) {
		if got := neededBy(words.Standard(), row[0], reckoning{today: testToday}).String(); got != row[1] {
			t.Errorf("%q is needed by %q, want %q", row[0], got, row[1])
		}
	}
}
