package digest

import (
	"time"

	"askfirst/store"
)

// sample is an invented outcome with a letter of every kind. A school's own
// templates are tried on it when they are read.
func sample(tag string) store.Outcome {
	o := sampleSchool(tag)
	cal := o.Calendar
	priya := store.Member{ID: 1, Name: "Priya Nair", Email: "priya@greenfield.example", Group: "Science", Language: tag}
	mark := store.Member{ID: 2, Name: "Mark Evans", Email: "mark@greenfield.example", Group: "Year 4", Language: tag}
	sam := store.Member{ID: 3, Name: "Sam Doyle", Email: "sam@greenfield.example", Group: "Admissions", Language: tag}
	asks := sampleAsks(o, priya, mark, sam)
	ask := asks[0]
	helped := ask
	helped.State = store.AskHelped
	helped.Offers = []store.Offer{{Helper: mark, State: store.OfferIntroduced, Words: "I have one in my room.", At: o.Now}}
	friday, monday := cal.Date(o.Now), cal.Next(cal.Date(o.Now))
	words := "I have one in my room and could bring it over on Wednesday.\n\nIt needs a new bulb soon, but works."
	for _, kind := range kinds() {
		f := store.Fact{Kind: kind, Key: kind + "/17/m1", To: priya.Recipient(), Ask: ask, Helper: mark, Words: words,
			Publish: monday, Readers: 84, Limit: 10 << 20, Reason: "the words name a child"}
		switch kind {
		case store.KindIntroduction:
			o.Facts = append(o.Facts, f)
			f.To = mark.Recipient()
		case store.KindHint:
			f.Words = "Ben in the library knows where the good ones are."
		case store.KindHintPassed:
			f.To, f.Words = mark.Recipient(), "Ben in the library knows where the good ones are."
		case store.KindInvitation:
			f.To, f.Words = mark.Recipient(), ""
			f.Helper = store.Member{ID: 4, Name: "Ruth Lee"}
		case store.KindReferred:
			f.To, f.Helper, f.Helpers, f.Reason = sam.Recipient(), store.Member{}, []store.Member{mark}, ""
		case store.KindMeToo:
			f.To, f.Ask.MeToo, f.Words, f.Reason = sam.Recipient(), []store.Member{sam}, "", ""
		case store.KindAnswer:
			f.To, f.Ask, f.Words = sam.Recipient(), helped, ""
			f.Ask.State = store.AskClosed
		case store.KindWhichPerson:
			f.To, f.Name, f.Words, f.Reason = sam.Recipient(), "Mark", "Mark knows where the good ones are.", "refer"
			f.People = []store.Member{mark, {ID: 5, Name: "Mark Ito", Group: "Office"}}
		case store.KindReserve, store.KindThankYou, store.KindKeptPrivate, store.KindOfferWithdrawn, store.KindNoLonger, store.KindGone:
			f.To, f.Ask = mark.Recipient(), helped
			if kind == store.KindGone || kind == store.KindNoLonger {
				f.Ask.State = store.AskClosed
			}
		case store.KindClosed:
			f.Ask = helped
			f.Ask.State = store.AskClosed
		case store.KindAcknowledgement:
			f.Files = []string{"microscope.jpg"}
		case store.KindHeld, store.KindStillHeld, store.KindLetGo:
			f.Ask.State, f.Ask.Held, f.Words, f.Helper = store.AskHeld, "pupil/0 phone/2", "", store.Member{}
		case store.KindWhichAsk:
			f.To, f.Ask, f.Candidates = mark.Recipient(), store.Ask{}, asks[:2]
		case store.KindStatus:
			f.Ask, f.Asks, f.Helping, f.Reason = store.Ask{}, []store.Ask{helped, asks[2]}, asks[1:2], "weekly"
			f.Joined = asks[3:4]
		case store.KindPaused:
			f.Ask, f.Until = store.Ask{}, friday.AddDays(11)
		case store.KindStillLooking, store.KindExpired:
			f.Ask.CreatedAt = f.Ask.CreatedAt.AddDate(0, 0, -14)
		case store.KindReopened:
			f.Ask = asks[2] // nobody is introduced for it
			f.Until = friday.AddDays(14)
		case store.KindAdmin:
			f.To, f.Ask = store.Recipient{Name: "", Email: o.Exchange.Admin}, store.Ask{}
			f.Reason, f.Words = "a message could not be read five times", ""
		case store.KindKnownAddress:
			f.Ask, f.Helper, f.Name, f.Words, f.Publish = store.Ask{}, store.Member{}, "priya.at.home@else.example", "17, I have one at home and could bring it on Wednesday.", store.Date{}
			for _, reason := range []string{"remembered", "late", "not", "taken"} {
				f.Reason = reason
				o.Facts = append(o.Facts, f)
			}
			f.Reason = "asked"
		case store.KindNotStaff:
			f.To, f.Ask, f.Words = store.Recipient{Email: "stranger@example.org"}, store.Ask{}, ""
		case store.KindUndone:
			f.To, f.Ask, f.Words, f.Publish = mark.Recipient(), helped, "", store.Date{}
			for _, reason := range []string{"offer_back", "needed", "metoo", "nothing", "already"} {
				f.Reason = reason
				o.Facts = append(o.Facts, f)
			}
			f.To, f.Private = priya.Recipient(), true
			for _, reason := range []string{"ask", "withdraw", "close", "edit", "reopen", "late", "thanks_read", "helps"} {
				f.Reason = reason
				o.Facts = append(o.Facts, f)
			}
			f.To, f.Private, f.Reason = mark.Recipient(), false, "offer"
		case store.KindNotBuilt:
			f.Ask, f.Words, f.Reason = store.Ask{}, "What do you know about me?", "data"
		case store.KindResumed, store.KindStopped, store.KindFrequency, store.KindHelp, store.KindTooLarge,
			store.KindNoText, store.KindQuarantined, store.KindEnough, store.KindTooMany:
			f.Ask, f.Words, f.Reason = store.Ask{}, "", ""
		case store.KindLeft:
			f.Reason = "asker"
			o.Facts = append(o.Facts, f)
			f.Reason, f.Ask = "helper", asks[2]
		case store.KindForgetConfirm:
			f.Ask, f.Words, f.Reason, f.Name = store.Ask{}, "", "", "forget-k7q2m9xa"
		case store.KindForgotten:
			f.Ask, f.Words, f.Reason = store.Ask{}, "", ""
		case store.KindData:
			f.Ask, f.Words, f.Reason, f.Data = store.Ask{}, "", "", sampleData(o, priya)
		case store.KindRelayToAsker, store.KindRelayToHelper, store.KindRelayHeld, store.KindApart:
			f.Ask.Anonymous, f.Ask.Asker = true, store.Member{ID: 9, Veil: true}
			f.Ask.Body = "I need one working microscope for a single lesson. I can collect and return it the same day."
			f.To, f.Reason = f.Ask.Asker.Recipient(), "offer"
			if kind == store.KindRelayToHelper {
				f.To = mark.Recipient()
				o.Facts = append(o.Facts, f)
				f.Reason, f.Words = "", "Thank you. Would Wednesday after lunch do?"
			}
			if kind == store.KindRelayHeld {
				f.Words = "Thank you. I am in room 4 all day."
				f.Reason, f.Held = "whom", ""
				o.Facts = append(o.Facts, f)
				f.Reason = "reveal"
				o.Facts = append(o.Facts, f)
				f.Reason, f.Held = "", "room/1"
			}
			if kind == store.KindApart {
				f.Ask, f.Words, f.Reason = store.Ask{}, "", ""
			}
		case store.KindTogether:
			f.Ask, f.Words, f.Reason = store.Ask{}, "", ""
			f.Letters = []store.Letter{{Subject: "Got it: Spare whiteboard pens (#14)", Text: "Hello Priya,\n\nIt goes to 84 colleagues on Monday at 07:30.\n\n> Any colour.\n\n- a list of one\n\n-- \nThe footer\n"},
				{Subject: "Sorted: Borrow a microscope (#17)"}}
			f.Carries = []int64{1, 2, 3}
		case store.KindConfirm:
			f.Ask, f.Words, f.Reason, f.Code, f.Until, f.Publish = store.Ask{}, "", "", "bcdfg-hjklm-npqrs", friday.AddDays(3), store.Date{}
			f.Sayings, f.Count = []store.Saying{{Kind: store.ActOffer}, {Kind: store.ActAsk, Words: "Borrow a microscope\n\nFor Year 8, on Thursday."}, {Words: "Hm."}}, 4
			o.Facts = append(o.Facts, f)
			f.Sayings, f.Count = f.Sayings[1:2], 1
		case store.KindConfirmEnd:
			f.Ask, f.Words, f.Publish = store.Ask{}, "", store.Date{}
			for _, reason := range []string{"late", "done", "no"} {
				f.Reason = reason
				o.Facts = append(o.Facts, f)
			}
			f.Reason, f.Code = "unclear", "bcdfg-hjklm-npqrs"
		case store.KindDigest:
			f.Key, f.Ask = "digest/"+friday.String(), store.Ask{}
			f.Edition = &store.Edition{Date: friday, Since: friday.AddDays(-1), Member: priya, First: true, Asked: 2,
				Yours: []store.Ask{asks[2]}, New: asks[:2], Waiting: asks[3:4], Also: asks[4:],
				Thanks: []store.Thanks{{ID: 1, From: priya, To: []store.Member{mark}, Words: "Who lent a projector with an hour's notice and stayed to plug it in"}}}
		}
		o.Facts = append(o.Facts, f)
	}
	return o
}

func sampleAsks(o store.Outcome, priya, mark, sam store.Member) []store.Ask {
	at := func(days int) time.Time { return o.Now.AddDate(0, 0, -days) }
	offered := func(m store.Member) store.Offer {
		return store.Offer{Helper: m, State: store.OfferReserve, At: o.Now}
	}
	return []store.Ask{
		{Number: 17, Title: "Borrow a microscope for Year 8 on Thursday", State: store.AskOpen, Asker: priya, CreatedAt: at(0), Wanted: 1,
			Body: "Hi all,\nI need one working microscope (x100 or better) for a single lesson, Thursday 27 Nov, period 3. I can collect and return it the same day.\n\nMany thanks,\nPriya"},
		{Number: 16, Title: "A spelling app that works without an account", State: store.AskOpen, Asker: mark, CreatedAt: at(1), Wanted: 2,
			Body: "Which one do you use? Mine wants an email address from every child.", NeededBy: store.Date{Year: 2026, Month: time.December, Day: 1}},
		{Number: 14, Title: "Spare whiteboard pens", State: store.AskOpen, Asker: priya, CreatedAt: at(4), Wanted: 1, Published: true,
			Body: "Any colour.", Offers: []store.Offer{offered(mark), offered(sam)}},
		{Number: 11, Title: "Someone who speaks Tigrinya for a 15-minute call", State: store.AskOpen, Asker: sam, CreatedAt: at(3), Wanted: 1, Published: true,
			Body: "A new family joins us on Monday; a welcome in their own language.", NeededBy: store.Date{Year: 2026, Month: time.November, Day: 24}},
		{Number: 8, Title: "A class set of Macbeth for two weeks", State: store.AskOpen, Asker: mark, CreatedAt: at(9), Wanted: 1, Published: true,
			Body: "Thirty would be grand, twenty will do.", Offers: []store.Offer{offered(sam), offered(priya)}},
	}
}

// sampleSchool is the invented exchange on a Friday morning.
func sampleSchool(tag string) store.Outcome {
	cal := store.Calendar{Location: time.UTC, At: store.Clock{Hour: 7, Minute: 30}, LateUntil: store.Clock{Hour: 12}}
	for d := time.Monday; d <= time.Friday; d++ {
		cal.Days[d] = true
	}
	return store.Outcome{
		Now:      time.Date(2026, time.November, 20, 9, 0, 0, 0, time.UTC),
		Calendar: cal,
		Exchange: store.Exchange{Name: "Greenfield", Address: "help@greenfield.example", Admin: "it@greenfield.example", Language: tag, Members: 85},
	}
}

// sampleData is what is known about somebody.
func sampleData(o store.Outcome, m store.Member) *store.Data {
	m.Knows, m.Leader, m.Paused, m.PausedUntil = []string{"microscopes", "year 8"}, true, true, o.Calendar.Date(o.Now).AddDays(11)
	line := func(days int, ask int64, state, words string) store.DataLine {
		return store.DataLine{At: o.Now.AddDate(0, 0, -days), Ask: ask, State: state, Words: words}
	}
	return &store.Data{Member: m, Since: o.Now.AddDate(0, -3, 0), Addresses: []string{m.Email, "p.nair@home.example"}, Rhythm: "paused",
		Keep: store.Keep{Asks: 365 * 24 * time.Hour, Raw: 30 * 24 * time.Hour, Words: 60 * 24 * time.Hour},
		Sections: []store.DataSection{
			{Name: "asks", Lines: []store.DataLine{line(0, 17, "open", "Borrow a microscope for Year 8 on Thursday: I need one working microscope."), line(4, 14, "closed", "Spare whiteboard pens")}},
			{Name: "offers", Lines: []store.DataLine{line(2, 16, "introduced", "The app we use needs no account.")}},
			{Name: "mails", Lines: []store.DataLine{line(0, 0, "accepted", "ask")}},
			{Name: "letters", Lines: []store.DataLine{line(0, 0, "sent", "Got it: Borrow a microscope (#17)"), line(1, 0, "sent", "2 asks (Thu 20 Nov)")}, More: 312},
		}}
}
