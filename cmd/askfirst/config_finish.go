package main

import (
	"net/netip"
	"strings"

	"askfirst/store"
)

// finish checks what no single value shows, and fills in what follows from others.
func (d *decoder) finish() {
	c := d.c
	d.require("exchange.name", c.Exchange.Name != "", "name: Carpenter Elementary")
	d.require("exchange.address", c.Exchange.Address != "", "address: help@carpenter.example")
	d.require("exchange.timezone", c.Exchange.Location != nil, "timezone: Europe/London")
	d.require("inbox.host", c.Inbox.Host != "", "host: imap.carpenter.example")
	d.require("inbox.username", c.Inbox.Username != "", "username: help@carpenter.example")
	d.require("smtp.host", c.SMTP.Host != "", "host: smtp.carpenter.example")
	d.require("senders.verify", c.Senders.Verify != "", "verify: confirm")
	if c.Exchange.Admin != "" && c.Exchange.Admin == c.Exchange.Address {
		d.complain(d.place("exchange.admin"), "exchange.admin", "name a person who looks after the exchange",
			"exchange.admin is the help address itself, so news of trouble would come back to it")
	}
	d.finishEndpoint("inbox", &c.Inbox.Endpoint, ports{implicit: 993, starttls: 143, plain: 143, usual: "implicit"})
	d.finishEndpoint("smtp", &c.SMTP.Endpoint, ports{implicit: 465, starttls: 587, plain: 25, usual: "starttls"})
	if !d.firstDay.IsZero() && c.Exchange.Location != nil {
		c.Inbox.Since = c.Calendar().Instant(d.firstDay, store.Clock{})
	}
	d.finishSenders()
	d.finishDigest()
	d.finishLadder()
	d.finishWords()
	d.finishHold()
	d.readStaffFile()
	d.checkStaff()
}

// ports are the usual ones of a protocol (RFC 8314 section 3).
type ports struct {
	implicit, starttls, plain int
	usual                     string // the TLS mode when neither mode nor port is given
}

// finishEndpoint completes port and TLS mode from each other and ties the
// secret to the login.
func (d *decoder) finishEndpoint(name string, e *Endpoint, p ports) {
	given := e.TLS
	if e.TLS == "" && !d.complained(name+".tls") {
		switch e.Port {
		case p.implicit:
			e.TLS = "implicit"
		case p.starttls, p.plain:
			e.TLS = "starttls"
		default:
			e.TLS = p.usual
		}
	}
	if e.Port == 0 {
		e.Port = map[string]int{"implicit": p.implicit, "starttls": p.starttls, "none": p.plain}[e.TLS]
	}
	if e.TLS == "none" && e.Host != "" && !loopback(e.Host) {
		d.complain(d.place(name+".tls"), name+".tls", "use implicit or starttls",
			"%s.tls: none sends password and mail in clear, so it is allowed to this machine itself only (localhost)", name)
	}
	if given == "starttls" && e.Port == p.implicit || given == "implicit" && e.Port == p.starttls {
		d.note(d.place(name+".tls"), name+".tls", "leave one of the two out",
			"%s.tls is %s, which port %d does not usually speak", name, given, e.Port)
	}
	d.finishSecret(name, e)
}

// finishSecret checks that a login has exactly one source for its password.
func (d *decoder) finishSecret(name string, e *Endpoint) {
	var given []string
	for _, key := range []string{"password_file", "password_env", "password_command"} {
		if d.given[name+"."+key] {
			given = append(given, name+"."+key)
		}
	}
	for _, p := range d.problems {
		if group, key, _ := strings.Cut(p.Key, "."); group == name && (clearSecret(key) || strings.HasPrefix(key, "password_")) {
			return // told already
		}
	}
	if _, ok := d.places[name+".oauth2"]; ok {
		if len(given) > 0 {
			d.complain(d.place(given[0]), given[0], "keep one of them", "%s and %s.oauth2 are given, and a login needs one of them", given[0], name)
			return
		}
		d.finishOAuth(name, e)
		return
	}
	switch {
	case len(given) > 1:
		d.complain(d.place(given[1]), given[1], "keep one of them", "%s are given, and only one can hold the password", listed(given, "and"))
	case len(given) == 1 && e.Username == "" && !d.complained(name+".username"):
		d.complain(d.place(given[0]), name+".username", "write for example username: help@carpenter.example",
			"%s is given without %s.username", given[0], name)
	case len(given) == 0 && e.Username != "":
		d.complain(d.place(name+".username"), name+".password_file", "write for example password_file: "+map[string]string{"inbox": "imap", "smtp": "smtp"}[name]+".password",
			"%s.username is given without a password", name)
	case len(given) == 1:
		environ := d.environ
		e.secret.key, e.secret.at, e.secret.environ = given[0], d.place(given[0]), func() []string { return environ }
		if e.secret.file != "" {
			e.secret.file = d.c.resolve(e.secret.file)
			e.SecretFile = e.secret.file
		}
		e.secret.dir = d.c.Dir
		e.watch = &secretWatch{source: e.secret}
		e.Secret = e.watch.read
	}
}

// loopback says whether a host is this machine by its very name. What a name
// server answers does not count: it can change.
func loopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return host == "localhost"
}

func (d *decoder) finishDigest() {
	c := d.c
	if !d.given["digest.late_until"] {
		// Noon, or four and a half hours later than the digest, within its day.
		until := max(12*60, min(c.Digest.At.Hour*60+c.Digest.At.Minute+270, 23*60+59))
		c.Digest.LateUntil = store.Clock{Hour: until / 60, Minute: until % 60}
	} else if at, until := c.Digest.At, c.Digest.LateUntil; until.Hour*60+until.Minute <= at.Hour*60+at.Minute &&
		!d.complained("digest.late_until") && !d.complained("digest.at") {
		d.complain(d.place("digest.late_until"), "digest.late_until", "",
			"digest.late_until (%s) must be later than digest.at (%s)", until, at)
	}
	if c.Exchange.Location == nil || d.complained("digest.days") || d.complained("digest.holidays") {
		return
	}
	if noWorkingDay(c.Calendar()) {
		d.complain(d.place("digest.holidays"), "digest.holidays", "", "the holidays leave no working day")
	}
}

// noWorkingDay says that holidays cover every day from the first on.
func noWorkingDay(calendar store.Calendar) bool {
	if len(calendar.Holidays) == 0 {
		return false
	}
	first := calendar.Holidays[0].First
	for _, r := range calendar.Holidays {
		if r.First.Before(first) {
			first = r.First
		}
	}
	return calendar.Next(first).IsZero()
}

// finishLadder holds the steps in their order.
func (d *decoder) finishLadder() {
	l := d.c.Ladder
	steps := []struct {
		key  string
		days int
	}{{"waiting", l.Waiting}, {"whisper", l.Whisper}, {"widen", l.Widen}, {"connector", l.Connector}, {"ask", l.Ask}, {"expire", l.Expire}}
	for i := 1; i < len(steps); i++ {
		before, step := steps[i-1], steps[i]
		if step.days >= before.days || d.complained("ladder."+step.key) || d.complained("ladder."+before.key) {
			continue
		}
		key := "ladder." + step.key
		if !d.given[key] {
			key = "ladder." + before.key
		}
		d.complain(d.place(key), key, "the steps are waiting, whisper, widen, connector, ask, expire, none before the one in front of it",
			"ladder.%s (%d) comes before ladder.%s (%d)", step.key, step.days, before.key, before.days)
	}
}
