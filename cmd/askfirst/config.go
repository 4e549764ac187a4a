package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata" // the time zones, for machines that have none

	"askfirst/mailbox/hold"
	"askfirst/mailbox/oauth"
	"askfirst/mailbox/words"
	"askfirst/store"
)

// The configuration: defaults, then one strict YAML file, then environment
// variables, then validation. Everything that is wrong is reported at once, in
// sentences with their place in the file.

// Config is a complete and valid configuration.
type Config struct {
	Path string // of the file it was read from
	Dir  string // its folder: relative paths start here

	Exchange  ExchangeConfig
	Inbox     InboxConfig
	SMTP      SMTPConfig
	Senders   SendersConfig
	Digest    DigestConfig
	Ladder    Ladder
	Keep      KeepConfig
	Book      string // path of the book's file
	Monitor   string // where monitoring may ask, host:port on loopback or unix:PATH; "": nowhere
	Templates string // folder with templates of the school's own; "": none
	StaffFile string // path of the CSV staff list; "": none
	Staff     []Person
	Words     map[string][]string // phrases of the school's own, by section

	Hold hold.Options // what asks are held for besides the standard things

	detector   *hold.Detector    // with those; nil: the standard one
	vocabulary *words.Vocabulary // with those phrases; nil: the standard one

	notes []Problem // what is allowed and yet worth a look

	text, staffText []byte // what stood in the file and in the staff list: see kept.go
}

// ExchangeConfig says whose exchange it is.
type ExchangeConfig struct {
	Name      string
	Address   string // the help address, lower case
	Admin     string // "": nobody is told of trouble
	Timezone  string
	Location  *time.Location
	Language  string
	Connector string // address of who is told of asks without an answer; ""
}

// Endpoint is a mail server and the way in.
type Endpoint struct {
	Host     string
	Port     int
	TLS      string // implicit, starttls or none
	Username string // "": no login
	// Secret reads the password from where the configuration says, each time
	// anew; nil when there is no login.
	Secret func(ctx context.Context) (string, error)
	// SecretFile is the file that Secret reads; "" when it comes from elsewhere.
	SecretFile string

	// Tokens gives access tokens where the server takes them instead of a
	// password; nil: a password is used.
	Tokens *oauth.Source

	oauth  oauthConfig
	secret secretSource
	watch  *secretWatch // what Secret reads through; nil when there is no login
}

// InboxConfig is where mail is read.
type InboxConfig struct {
	Endpoint
	Poll    time.Duration
	Since   time.Time // zero: everything in the inbox is read
	MaxSize int64     // of a message, in bytes
}

// SMTPConfig is where mail is handed in.
type SMTPConfig struct {
	Endpoint
	PerMinute int // 0: no limit of ours
}

// SendersConfig says when From is believed.
type SendersConfig struct {
	Verify      string
	AuthservIDs []string
	Hops        int
}

// DigestConfig says when the exchange speaks.
type DigestConfig struct {
	At        store.Clock
	LateUntil store.Clock
	Days      [7]bool // by time.Weekday
	Holidays  []store.DateRange
}

// Ladder is what happens to an ask without an answer, in working days.
type Ladder struct {
	Waiting, Whisper, Widen, Connector, Ask, Expire int
}

// KeepConfig is for how long words are kept.
type KeepConfig struct {
	Asks, Raw, Words time.Duration
}

const day = 24 * time.Hour

// defaultConfig is what holds where the file says nothing.
func defaultConfig(path string) *Config {
	c := &Config{Path: path, Dir: filepath.Dir(path)}
	c.Exchange.Language = "en"
	c.Inbox.Poll = time.Minute
	c.Inbox.MaxSize = 10 << 20
	c.Digest.At = store.Clock{Hour: 7, Minute: 30}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Digest.Days[d] = true
	}
	c.Ladder = Ladder{Waiting: 2, Whisper: 3, Widen: 5, Connector: 7, Ask: 10, Expire: 20}
	c.Keep = KeepConfig{Asks: 365 * day, Raw: 30 * day, Words: 60 * day}
	c.Book = c.resolve("askfirst.db")
	return c
}

// resolve makes a path of the file absolute to the file's folder.
func (c *Config) resolve(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.Dir, path)
}

// systemConfig is where packages and servers keep the file.
const systemConfig = "/etc/askfirst/config.yaml"

// findConfig is the file to read: the one that was named, else config.yaml in
// the working folder, else the system's.
func findConfig(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	for _, path := range []string{"config.yaml", systemConfig} {
		if _, err := os.Stat(path); err == nil || !errors.Is(err, os.ErrNotExist) {
			return path, nil
		}
	}
	return "", Problems{{File: "config.yaml",
		Message: "there is no configuration here, nor at " + systemConfig,
		Remedy:  "copy config.example.yaml to config.yaml, or name a file with --config"}}
}

// loadConfig reads, completes and checks a configuration. The error is of type
// Problems and holds everything that is wrong. environ is as os.Environ gives it.
func loadConfig(path string, environ []string) (*Config, error) {
	path, err := findConfig(path)
	if err != nil {
		return nil, err
	}
	raw, err := readBounded(path, maxConfigSize)
	if err != nil {
		return nil, Problems{{File: path, Message: err.Error(), Remedy: "name the right file with --config"}}
	}
	return parseConfig(path, raw, environ)
}

// parseConfig is loadConfig for bytes that were read.
func parseConfig(path string, raw []byte, environ []string) (*Config, error) {
	return parseSettings(path, raw, nil, environ)
}

// parseSettings is parseConfig with what stood in the staff list; nil: it is read.
func parseSettings(path string, raw []byte, staff *[]byte, environ []string) (*Config, error) {
	tree, problems := parseTree(path, raw)
	if tree == nil {
		return nil, problems
	}
	d := newDecoder(path, environ)
	d.problems, d.staff, d.c.text = problems, staff, raw
	options := d.options()
	d.overlay(tree, options)
	d.group("", tree, options)
	if tree.kind == mapKind || tree.kind == nullKind {
		d.finish()
	}
	if len(d.problems) > 0 {
		return nil, d.problems.inOrder()
	}
	d.c.notes = Problems(d.c.notes).inOrder()
	return d.c, nil
}

// Calendar is when the exchange works.
func (c *Config) Calendar() store.Calendar {
	return store.Calendar{
		Location:  c.Exchange.Location,
		At:        c.Digest.At,
		LateUntil: c.Digest.LateUntil,
		Days:      c.Digest.Days,
		Holidays:  c.Digest.Holidays,
	}
}

// StoreExchange is what every letter needs to know of the exchange.
func (c *Config) StoreExchange() store.Exchange {
	return store.Exchange{
		Name:     c.Exchange.Name,
		Address:  c.Exchange.Address,
		Admin:    c.Exchange.Admin,
		Language: c.Exchange.Language,
		Members:  len(c.Staff),
	}
}

// People is the staff list, in its order.
func (c *Config) People() []store.Person {
	people := make([]store.Person, len(c.Staff))
	for i, p := range c.Staff {
		people[i] = p.Person
	}
	return people
}
