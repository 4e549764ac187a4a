package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// memberRow is a member as the table has it.
type memberRow struct {
	ID          int64
	Stable      string
	Name        string
	Email       string
	Aliases     string
	Team        string
	Leader      bool
	Knows       string
	Language    string
	OnStaff     bool `db:"on_staff"`
	Paused      bool
	PausedUntil string `db:"paused_until"`
	Stopped     bool
	Weekly      bool
	JoinedAt    int64 `db:"joined_at"`
}

func (r memberRow) member() Member {
	if r.isVeil() {
		return Member{ID: r.ID, Veil: true, Left: !r.OnStaff}
	}
	m := Member{ID: r.ID, Name: r.Name, Email: r.Email, Group: r.Team, Leader: r.Leader,
		Language: r.Language, Paused: r.Paused, Stopped: r.Stopped, Weekly: r.Weekly, Left: !r.OnStaff}
	m.Aliases, m.Knows = fromJSON(r.Aliases), fromJSON(r.Knows)
	m.PausedUntil, _ = ParseDate(r.PausedUntil) // '' is the zero date
	return m
}

func toJSON[T any](list []T) string {
	if list == nil {
		list = []T{}
	}
	text, _ := json.Marshal(list) // strings and numbers always marshal
	return string(text)
}

func fromJSON(text string) []string {
	var list []string
	_ = json.Unmarshal([]byte(text), &list) // written by toJSON
	return list
}

// Staffing is what a new staff list changed.
type Staffing struct{ Joined, Left, Changed int }

// Staff makes the staff list the truth about who is a member. A person is the
// same member when the list's id, else the address, else a former address that
// is now an alias says so. Whoever is no longer listed stops being a member,
// and is one again with the same history when listed again.
func (b *Book) Staff(ctx context.Context, people []Person, now time.Time) (Staffing, error) {
	var done Staffing
	err := b.transact(ctx, func(tx *sqlx.Tx) error {
		people, passed, err := b.withoutForgotten(ctx, tx, people)
		if err == nil {
			err = notePassed(ctx, tx, len(passed))
		}
		if err != nil {
			return err
		}
		done, err = staff(ctx, tx, people, now)
		return err
	})
	return done, err
}

func staff(ctx context.Context, tx *sqlx.Tx, people []Person, now time.Time) (Staffing, error) {
	var done Staffing
	rows := []memberRow{}
	if err := tx.SelectContext(ctx, &rows, `SELECT * FROM member ORDER BY id`); err != nil {
		return done, fmt.Errorf("staff list: %w", err)
	}
	matched := match(rows, people)
	listed := map[int64]bool{}
	addresses := map[string]int64{}
	var changed []memberRow
	for i, p := range people {
		row := memberRow{Stable: clean(p.Stable), Name: clean(p.Name), Email: strings.ToLower(clean(p.Email)), Aliases: toJSON(lower(p.Aliases)),
			Team: clean(p.Group), Leader: p.Leader, Knows: toJSON(p.Knows), Language: p.Language, OnStaff: true}
		if old := matched[i]; old != nil {
			row.ID, row.JoinedAt = old.ID, old.JoinedAt
			row.Paused, row.PausedUntil, row.Stopped, row.Weekly = old.Paused, old.PausedUntil, old.Stopped, old.Weekly
			if !old.OnStaff {
				done.Joined++
			} else if row != *old {
				done.Changed++
			}
			if row != *old {
				changed = append(changed, row)
				if err := updateMember(ctx, tx, row); err != nil {
					return done, err
				}
			}
		} else {
			done.Joined++
			err := tx.GetContext(ctx, &row.ID, tx.Rebind(`INSERT INTO member (stable, name, email, aliases, team, leader, knows, language, on_staff, joined_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?) RETURNING id`), row.Stable, row.Name, row.Email, row.Aliases, row.Team, row.Leader, row.Knows, row.Language, millis(now))
			if err != nil {
				return done, fmt.Errorf("staff list: %s: %w", row.Email, err)
			}
			changed = append(changed, row)
		}
		listed[row.ID] = true
		for _, a := range append([]string{row.Email}, fromJSON(row.Aliases)...) {
			addresses[BareAddress(a)] = row.ID
		}
	}
	for _, r := range rows {
		if r.OnStaff && !listed[r.ID] {
			done.Left++
			if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE member SET on_staff = 0 WHERE id = ?`), r.ID); err != nil {
				return done, fmt.Errorf("staff list: %w", err)
			}
			if err := dropDigests(ctx, tx, r.ID); err != nil {
				return done, err
			}
		}
	}
	if err := setNames(ctx, tx, changed); err != nil {
		return done, err
	}
	if err := withLearnt(ctx, tx, addresses, listed); err != nil {
		return done, err
	}
	return done, setAddresses(ctx, tx, addresses)
}

// dropDigests ends the digests that wait for somebody who left: what colleagues
// ask is for the staff.
func dropDigests(ctx context.Context, tx *sqlx.Tx, member int64) error {
	_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'expired', error = 'no longer on the staff list'
		WHERE digest = 1 AND state IN ('queued', 'retry') AND letter IN (SELECT id FROM letter WHERE member = ?)`), member)
	if err != nil {
		return fmt.Errorf("staff list: %w", err)
	}
	return nil
}

// match finds for every person the member that it was until now; nil: somebody
// new. Each member is matched once, by the strongest sign first.
func match(rows []memberRow, people []Person) []*memberRow {
	matched := make([]*memberRow, len(people))
	taken := map[int64]bool{}
	index := map[string]*memberRow{}
	for i := range rows {
		r := &rows[i]
		if r.Stable != "" {
			index["id "+r.Stable] = r
		}
		key := "address " + BareAddress(r.Email)
		if old := index[key]; old == nil || !old.OnStaff {
			index[key] = r
		}
		for _, a := range fromJSON(r.Aliases) {
			index["alias "+BareAddress(a)] = r
		}
	}
	try := func(i int, key string) {
		if r := index[key]; matched[i] == nil && r != nil && !taken[r.ID] {
			matched[i], taken[r.ID] = r, true
		}
	}
	for i, p := range people {
		if p.Stable != "" {
			try(i, "id "+p.Stable)
		}
	}
	for i, p := range people {
		try(i, "address "+BareAddress(p.Email))
	}
	for i, p := range people {
		for _, a := range p.Aliases {
			try(i, "address "+BareAddress(a))
		}
		try(i, "alias "+BareAddress(p.Email))
	}
	return matched
}

func updateMember(ctx context.Context, tx *sqlx.Tx, r memberRow) error {
	_, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE member SET stable = ?, name = ?, email = ?, aliases = ?, team = ?, leader = ?, knows = ?, language = ?, on_staff = 1
		WHERE id = ?`), r.Stable, r.Name, r.Email, r.Aliases, r.Team, r.Leader, r.Knows, r.Language, r.ID)
	if err != nil {
		return fmt.Errorf("staff list: %s: %w", r.Email, err)
	}
	return nil
}

// setAddresses writes the index of addresses anew only where it differs, so
// that an unchanged staff list costs one query.
func setAddresses(ctx context.Context, tx *sqlx.Tx, want map[string]int64) error {
	rows := []struct {
		Address string
		Member  int64
	}{}
	if err := tx.SelectContext(ctx, &rows, `SELECT address, member FROM member_address`); err != nil {
		return fmt.Errorf("staff list: %w", err)
	}
	have := map[string]int64{}
	for _, r := range rows {
		have[r.Address] = r.Member
		if want[r.Address] == 0 {
			if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM member_address WHERE address = ?`), r.Address); err != nil {
				return fmt.Errorf("staff list: %w", err)
			}
		}
	}
	for address, member := range want {
		if have[address] == member {
			continue
		}
		if _, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO member_address (address, member) VALUES (?, ?)
			ON CONFLICT (address) DO UPDATE SET member = excluded.member`), address, member); err != nil {
			return fmt.Errorf("staff list: %w", err)
		}
	}
	return nil
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(clean(s))
	}
	return out
}
