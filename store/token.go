package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// A token names one copy of one letter of ours, and with it the asks that the
// letter lists. It stands in the plus tag of Reply-To and comes back in the
// fields that say to whom an answer went, when a mail program has lost
// In-Reply-To. It is context and never identity: whoever sends it is who From
// says, or nobody.
//
// Twenty octets, 32 letters of base32, which knows no case (RFC 4648 section 6),
// as mail servers may change it:
//
//	octets  0      the key, its number modulo 256
//	octets  1-2    the day on which the letter was written, since 1970
//	octets  3-7    the number of the letter
//	octets  8-19   HMAC-SHA-256 of the above and of the letter's key, shortened
//
// The letter's key stands in no token: after the restore of a backup the same
// number may be another letter's, and then the token proves nothing.
//
// Message-IDs need no token. Each is an HMAC of the letter's key itself, 160
// bits, and is looked up. What is given to strangers because of one ends after
// as many days as a token lives.
const (
	tokenOctets  = 20
	tokenLetters = 32
	tokenHead    = 8
)

// tokenDays is for how long a token is good.
const tokenDays = 30

// tokenRotation is how old a key becomes. One that was followed by another is
// kept until the last of its tokens is over, which is just when the next one
// comes: two live at a time.
const tokenRotation = (tokenDays + 1) * 24 * time.Hour

// longestLocal is how long a local part may be (RFC 5321 section 4.5.3.1.1).
const longestLocal = 64

type tokenKey struct {
	ID     int64
	Secret string
	Since  int64
}

func base32Lower(b []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

func tokenDay(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// token is the token of one copy of a letter; copyKey is its key in the outbox.
func (k tokenKey) token(letter int64, copyKey string, at time.Time) string {
	token := make([]byte, tokenOctets)
	token[0] = byte(k.ID)
	binary.BigEndian.PutUint16(token[1:], uint16(tokenDay(at)))
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(letter))
	copy(token[3:tokenHead], number[3:])
	copy(token[tokenHead:], k.sign(token[:tokenHead], copyKey))
	return base32Lower(token)
}

// sign is the token's last octets.
func (k tokenKey) sign(head []byte, copyKey string) []byte {
	secret, _ := hex.DecodeString(k.Secret) // a key without a secret is refused by audit, and proves only what it signed
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("askfirst token 1\x00"))
	mac.Write(head)
	mac.Write([]byte(copyKey))
	return mac.Sum(nil)[:tokenOctets-tokenHead]
}

// RotateTokens sees to it that there is a key which is young enough to sign, and
// drops those whose tokens are all over. It is cheap when there is nothing to do.
func (b *Book) RotateTokens(ctx context.Context, now time.Time) error {
	err := b.transact(ctx, func(tx *sqlx.Tx) error {
		keys := []tokenKey{}
		if err := tx.SelectContext(ctx, &keys, `SELECT id, secret, since FROM token_key ORDER BY since DESC, id DESC`); err != nil {
			return err
		}
		newest := int64(0)
		var current *tokenKey
		followed := int64(0) // when the key that is looked at was followed by another
		for i := range keys {
			k := &keys[i]
			newest = max(newest, k.ID)
			ahead := k.Since > millis(now.Add(leap)) // made while the clock was wrong
			over := followed != 0 && followed <= millis(now.Add(-tokenRotation))
			if ahead || over {
				if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM token_key WHERE id = ?`), k.ID); err != nil {
					return err
				}
			}
			if ahead {
				continue
			}
			if current == nil {
				current = k
			}
			followed = k.Since
		}
		if current != nil && current.Since > millis(now.Add(-tokenRotation)) {
			return nil
		}
		secret := make([]byte, 32)
		rand.Read(secret)
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO token_key (id, secret, since) VALUES (?, ?, ?)`), newest+1, hex.EncodeToString(secret), millis(now))
		return err
	})
	if err != nil {
		return fmt.Errorf("token keys: %w", err)
	}
	return nil
}

// Tags makes the plus tags of letters: nil where none are to be used.
type Tags struct {
	address string
	keys    []tokenKey // the newest first
}

// Tags is how letters are tagged now: not at all unless `check --send-test` has
// seen that mail to the tagged help address arrives.
func (b *Book) Tags(ctx context.Context) (*Tags, error) {
	address := b.settings.Exchange.Address
	trial, err := b.Trial(ctx)
	if err != nil || !trial.Plus || trial.Address != address {
		return nil, err
	}
	tags := &Tags{address: address}
	if err := b.read.SelectContext(ctx, &tags.keys, `SELECT id, secret, since FROM token_key ORDER BY since DESC, id DESC`); err != nil {
		return nil, fmt.Errorf("token keys: %w", err)
	}
	return tags, nil
}

// ReplyTo is the tagged help address for answers to a letter; "": it gets none.
// The same letter always has the same.
func (t *Tags) ReplyTo(o Outgoing) string {
	if t == nil || o.Letter.To.Member == 0 || len(o.Letter.ReplyTo) > 0 {
		return ""
	}
	local, domain, _ := strings.Cut(t.address, "@")
	if len(local)+1+tokenLetters > longestLocal || strings.Contains(local, "+") {
		return ""
	}
	copyKey := o.copyKey
	if copyKey == "" {
		copyKey = o.Letter.Key + "/to/" + recipientKey(o.Letter.To)
	}
	for _, k := range t.keys {
		if k.Since <= millis(o.At) {
			return local + "+" + k.token(o.ID, copyKey, o.At) + "@" + domain
		}
	}
	return ""
}

// letterOf is the number of the letter that a token names; 0: it is none of ours,
// or over.
func (t *Tx) letterOf(token string) (int64, error) {
	if len(token) != tokenLetters {
		return 0, nil
	}
	raw, err := base32.StdEncoding.DecodeString(strings.ToUpper(token))
	if err != nil || len(raw) != tokenOctets {
		return 0, nil
	}
	day, today := int64(binary.BigEndian.Uint16(raw[1:])), tokenDay(t.now)
	if day > today || today-day > tokenDays {
		return 0, nil
	}
	letter := int64(binary.BigEndian.Uint64(append([]byte{0, 0, 0}, raw[3:tokenHead]...)))
	var copyKey string
	if err := t.get(&copyKey, `SELECT key FROM outbox WHERE letter = ?`, letter); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("token: %w", err)
	}
	keys := []tokenKey{}
	if err := t.list(&keys, `SELECT id, secret, since FROM token_key ORDER BY since DESC, id DESC`); err != nil {
		return 0, fmt.Errorf("token: %w", err)
	}
	for _, k := range keys {
		if byte(k.ID) == raw[0] && hmac.Equal(k.sign(raw[:tokenHead], copyKey), raw[tokenHead:]) && copyKey != "" {
			return letter, nil
		}
	}
	return 0, nil
}

// mostTokens is how many tokens of one message are looked at.
const mostTokens = 4

// namedBy are the letters whose tokens a message carries, each once.
func (t *Tx) namedBy(tokens []string) ([]int64, error) {
	var letters []int64
	for _, token := range tokens[:min(len(tokens), mostTokens)] {
		letter, err := t.letterOf(token)
		if err != nil {
			return nil, err
		}
		if letter != 0 {
			letters = append(letters, letter)
		}
	}
	return letters, nil
}

// context are the letters that a message answers, nearest first: by Message-ID,
// then by token. A token that came back on a mail which is no answer was kept by
// an address book, and says nothing about a colleague's new mail.
func (t *Tx) context(v *View, r Refs, answers []string, writer int64) ([]Sent, error) {
	var named []int64
	if len(r.Tokens) > 0 && (writer == 0 || r.Quotes) {
		var err error
		if named, err = t.namedBy(r.Tokens); err != nil {
			return nil, err
		}
		ids := []string{}
		if err := listIn(t, &ids, `SELECT message_id FROM letter WHERE id IN (?)`, named); err != nil {
			return nil, err
		}
		for _, id := range ids {
			if !slices.Contains(answers, id) {
				answers = append(answers, id)
			}
		}
	}
	if err := t.touches(answers); err != nil {
		return nil, err
	}
	letters, err := t.letters(answers, writer)
	if err != nil || writer != 0 || len(letters) == 0 || r.From == "" {
		return letters, err
	}
	v.Addressee, v.AskAddressee, err = t.addressee(r.From, answers, named)
	return letters, err
}
