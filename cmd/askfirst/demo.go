package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

const demoHelp = "help@greenfield.example"

// demoStaff is an invented school. Any likeness is chance.
const demoStaff = `
  - { name: Sam Doyle, email: sam@greenfield.example, group: Head's office, leader: true }
  - { name: Priya Nair, email: priya@greenfield.example, group: Science, knows: [microscopes] }
  - { name: Mark Evans, email: mark@greenfield.example, group: Year 4 }
  - { name: Ana Silva, email: ana@greenfield.example, group: Languages, aliases: [ana.silva@home.example] }
  - { name: Jo Park, email: jo@greenfield.example, group: Music }
  - { name: Tom Reed, email: tom@greenfield.example, group: Site }
  - { name: Lena Vogt, email: lena@greenfield.example, group: Maths }
  - { name: Ben Okafor, email: ben@greenfield.example, group: Year 2 }
  - { name: Ruth Cohen, email: ruth@greenfield.example, group: Library }
  - { name: Dev Patel, email: dev@greenfield.example, group: IT }
  - { name: Maya Lind, email: maya@greenfield.example, group: Art }
  - { name: Kim Lee, email: kim@greenfield.example, group: Admissions, knows: [Tigrinya] }
`

func demoConfig(folder string, imapPort, smtpPort int) string {
	return fmt.Sprintf(`exchange: { name: Greenfield Schools, address: %[1]s, admin: dev@greenfield.example, timezone: Europe/London }
inbox: { host: 127.0.0.1, port: %[2]d, tls: none, username: %[1]s, password_file: %[4]s/password, poll: 1s }
smtp: { host: 127.0.0.1, port: %[3]d, tls: none }
senders: { verify: none }
digest: { at: "07:30", holidays: ["2026-12-21..2027-01-01"] }
store: { url: %[4]s/askfirst.db }
staff:%[5]s`, demoHelp, imapPort, smtpPort, folder, demoStaff)
}

// demo is the daemon on a post office in this process, and the people around it.
type demo struct {
	out     io.Writer
	office  *mailboxtest.PostOffice
	daemon  *daemon
	folder  string
	letters string            // folder of the letters
	people  map[string]string // address → name
	seen    map[string]int    // address → letters shown so far
	sent    int               // mails people wrote, for their Message-IDs
	saved   int
}

func newDemo(ctx context.Context, out, errs io.Writer, letters string) (*demo, error) {
	d := &demo{out: out, letters: letters, people: map[string]string{}, seen: map[string]int{}}
	var err error
	if d.folder, err = os.MkdirTemp("", "askfirst-demo-"); err != nil {
		return nil, err
	}
	if d.letters == "" {
		d.letters = filepath.Join(d.folder, "letters")
	}
	if err := os.MkdirAll(d.letters, 0o755); err != nil {
		return nil, err
	}
	var addresses []string
	for line := range strings.Lines(demoStaff) {
		if _, rest, ok := strings.Cut(line, "{ name: "); ok {
			name, rest, _ := strings.Cut(rest, ", email: ")
			address, _, _ := strings.Cut(rest, ",")
			d.people[address] = name
			addresses = append(addresses, address)
		}
	}
	if d.office, err = mailboxtest.Open(append(addresses, demoHelp)...); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(d.folder, "password"), []byte(mailboxtest.Password+"\n"), 0o600); err != nil {
		return nil, errors.Join(err, d.office.Close())
	}
	config, err := parseConfig("demo.yaml", []byte(demoConfig(d.folder, d.office.IMAPPort(), d.office.SMTPPort())), nil)
	if err != nil {
		return nil, errors.Join(err, d.office.Close())
	}
	log := newLog(errs, slog.LevelWarn)
	if d.daemon, err = assemble(ctx, config, nil, log, demoStart(config.Exchange.Location)); err != nil {
		return nil, errors.Join(err, d.office.Close())
	}
	return d, nil
}

func (d *demo) close() error { return errors.Join(d.daemon.close(), d.office.Close()) }

// demoStart is when the invented exchange opens: a Sunday.
func demoStart(loc *time.Location) time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, loc) }

// pass lets the daemon do one full pass and tells which letters came of it.
func (d *demo) pass(ctx context.Context, now time.Time) error {
	report := d.daemon.pass(ctx, now)
	if err := report.status(); err != nil {
		return err
	}
	return d.tell()
}

// tell saves and mentions every letter that has arrived since the last time.
func (d *demo) tell() error {
	kinds := map[string][]string{}
	var order []string
	for _, box := range d.boxes() {
		for _, raw := range box.mails[d.seen[box.address]:] {
			message := parse.Read(raw, parse.Standard())
			name, known := d.people[box.address]
			if !known {
				name = box.address
			}
			if err := d.save(box.address, message, raw); err != nil {
				return err
			}
			if kinds[message.Subject] == nil {
				order = append(order, message.Subject)
			}
			kinds[message.Subject] = append(kinds[message.Subject], first(name))
		}
		d.seen[box.address] = len(box.mails)
	}
	for _, subject := range order {
		who := kinds[subject]
		to := strings.Join(who, " and ")
		if len(who) > 3 {
			to = fmt.Sprintf("%d colleagues", len(who))
		}
		fmt.Fprintf(d.out, "                  → to %s: “%s”\n", to, subject)
	}
	return nil
}

func first(name string) string {
	if strings.Contains(name, "@") {
		return name
	}
	first, _, _ := strings.Cut(name, " ")
	return first
}

type mailbag struct {
	address string
	mails   [][]byte
}

// boxes are all mailboxes but our own, members in the order of the staff list.
func (d *demo) boxes() []mailbag {
	var bags []mailbag
	for _, p := range d.daemon.config.Staff {
		bags = append(bags, mailbag{p.Email, d.office.Messages(p.Email)})
	}
	for address, mails := range d.office.Outside() {
		bags = append(bags, mailbag{address, mails})
	}
	return bags
}

// save leaves a letter as .eml and .html.
func (d *demo) save(address string, message *parse.Message, raw []byte) error {
	d.saved++
	local, _, _ := strings.Cut(address, "@")
	name := filepath.Join(d.letters, fmt.Sprintf("%03d-%s-%s", d.saved, local, slug(message.Subject)))
	if err := os.WriteFile(name+".eml", raw, 0o644); err != nil {
		return err
	}
	return os.WriteFile(name+".html", []byte(message.HTML), 0o644)
}

// slug is a subject fit for a file's name.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

func demoCommand(app *app) *cobra.Command {
	var serve bool
	var letters string
	command := &cobra.Command{
		Use: "demo", Short: "A week at an invented school, played through the real daemon", Args: cobra.NoArgs,
		Long: "A week at an invented school, played through the real daemon on a post office in\nthis process. It prints the story and leaves every letter in a folder. With\n--serve the post office stays open on loopback for a real mail program.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			d, err := newDemo(ctx, app.out, app.err, letters)
			if err != nil {
				return err
			}
			err = d.play(ctx)
			if err == nil && serve {
				err = d.serve(ctx, app.in)
			}
			return errors.Join(err, d.close())
		},
	}
	command.Flags().BoolVar(&serve, "serve", false, "stay open for a real mail program")
	command.Flags().StringVar(&letters, "letters", "", "`FOLDER` for the letters (default: a new one in the temporary folder)")
	return command
}

// serve keeps the post office open. Enter lets the next morning come.
func (d *demo) serve(ctx context.Context, in io.Reader) error {
	now := time.Date(2026, 11, 27, 16, 0, 0, 0, d.daemon.config.Exchange.Location)
	imap, smtp := d.office.IMAPAddr(), d.office.SMTPAddr()
	fmt.Fprintf(d.out, `
The post office stays open. Point a mail program at it as any of the staff:
  IMAP   %s   no encryption, user priya@greenfield.example, password %s
  SMTP   %s   no encryption, no login
Write to %s. Press Enter to let the next morning come, ^C to leave.
`, hostPort(imap), mailboxtest.Password, hostPort(smtp), demoHelp)
	mornings := make(chan struct{})
	go func() { // ends with the process: a terminal cannot be interrupted
		buffer := make([]byte, 1)
		for {
			if _, err := in.Read(buffer); err != nil {
				return
			}
			if buffer[0] == '\n' {
				mornings <- struct{}{}
			}
		}
	}()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			now = now.Add(time.Second)
		case <-mornings:
			now = d.daemon.book.NextEdition(now)
			fmt.Fprintln(d.out, now.In(d.daemon.config.Exchange.Location).Format("Mon 2 Jan 15:04"))
		}
		if err := d.pass(ctx, now); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func hostPort(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return host + " port " + port
}
