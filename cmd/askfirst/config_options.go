package main

import (
	"math"
	"time"
)

// options is every key that the file may have. DESIGN's order is the file's.
func (d *decoder) options() []option {
	c := d.c
	return []option{
		{key: "exchange", group: []option{
			{key: "name", read: d.text(&c.Exchange.Name, 80)},
			{key: "address", read: d.address(&c.Exchange.Address)},
			{key: "admin", read: d.address(&c.Exchange.Admin)},
			{key: "timezone", read: d.timezone},
			{key: "language", read: d.language(&c.Exchange.Language)},
			{key: "connector", read: d.address(&c.Exchange.Connector)},
		}},
		{key: "inbox", group: append(d.endpoint(&c.Inbox.Endpoint),
			option{key: "poll", read: d.duration(&c.Inbox.Poll, time.Second, time.Hour, "60s")},
			option{key: "since", read: d.since},
			option{key: "max_size", read: d.size(&c.Inbox.MaxSize, 1<<10, 1<<30, "10MiB")},
		)},
		{key: "smtp", group: append(d.endpoint(&c.SMTP.Endpoint),
			option{key: "per_minute", read: d.whole(&c.SMTP.PerMinute, 1, 100_000)},
		)},
		{key: "senders", group: []option{
			{key: "verify", read: d.verify},
			{key: "authserv_ids", read: d.authservIDs},
			{key: "hops", read: d.whole(&c.Senders.Hops, 0, 30)},
		}},
		{key: "digest", group: []option{
			{key: "at", read: d.clock(&c.Digest.At)},
			{key: "days", read: d.days},
			{key: "holidays", read: d.holidays},
			{key: "late_until", read: d.clock(&c.Digest.LateUntil)},
		}},
		{key: "ladder", group: []option{
			{key: "waiting", read: d.whole(&c.Ladder.Waiting, 1, 250)},
			{key: "whisper", read: d.whole(&c.Ladder.Whisper, 1, 250)},
			{key: "widen", read: d.whole(&c.Ladder.Widen, 1, 250)},
			{key: "connector", read: d.whole(&c.Ladder.Connector, 1, 250)},
			{key: "ask", read: d.whole(&c.Ladder.Ask, 1, 250)},
			{key: "expire", read: d.whole(&c.Ladder.Expire, 1, 250)},
		}},
		{key: "keep", group: []option{
			{key: "asks", read: d.duration(&c.Keep.Asks, day, math.MaxInt64, "1y")},
			{key: "raw", read: d.duration(&c.Keep.Raw, day, math.MaxInt64, "30d")},
			{key: "words", read: d.duration(&c.Keep.Words, 14*day, math.MaxInt64, "60d")},
		}},
		{key: "store", group: []option{{key: "url", read: d.book}}},
		{key: "words", group: d.ownWords()},
		{key: "hold", group: d.holdOptions()},
		{key: "monitor", group: []option{{key: "listen", read: d.listen}}},
		{key: "templates", read: d.templates},
		{key: "staff", read: d.staffList},
		{key: "staff_file", read: d.text(&c.StaffFile, 4096)},
	}
}

// endpoint is the keys that inbox and smtp share.
func (d *decoder) endpoint(e *Endpoint) []option {
	return []option{
		{key: "host", read: d.host(&e.Host)},
		{key: "port", read: d.whole(&e.Port, 1, 65535)},
		{key: "tls", read: d.tls(&e.TLS)},
		{key: "username", read: d.text(&e.Username, 320)},
		{key: "password_file", read: d.text(&e.secret.file, 4096)},
		{key: "password_env", read: d.variable(&e.secret.variable)},
		{key: "password_command", read: d.command(&e.secret.command)},
		{key: "oauth2", group: d.oauthOptions(&e.oauth)},
	}
}
