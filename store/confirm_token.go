package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// The token of a question "did you just write this?" stands in two places of
// its letter: the Message-ID, an HMAC of 160 bits, which mail programs put into
// the answer's In-Reply-To; and the subject, for those that do not. Both are
// computed from the book's secret and stand in no table. An answer proves that
// it was written by somebody who reads the registered address, for this question
// alone; and it counts only in mail From the member who was asked.

// codeLetters holds no vowel, so that no word comes of it, and no digit, so that
// no number of an ask does. Fifteen of them are 64 bits.
const codeLetters = "bcdfghjklmnpqrstvwxz"

// codeLength is how many letters a code has, in three groups.
const codeLength = 15

// confirmCode is what stands in the subject of that letter: "bcdfg-hjklm-npqrs".
func (b *Book) confirmCode(letter string) string {
	mac := hmac.New(sha256.New, b.secret)
	mac.Write([]byte("confirm code " + letter))
	sum := mac.Sum(nil)
	var code strings.Builder
	for i := range codeLength {
		if i > 0 && i%5 == 0 {
			code.WriteByte('-')
		}
		code.WriteByte(codeLetters[(int(sum[2*i])<<8|int(sum[2*i+1]))%len(codeLetters)])
	}
	return code.String()
}

// PlainCode is a code without what a mail program may have made of its hyphens,
// as Refs.Codes has it; "" if it is none.
func PlainCode(s string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, s)
	if len(plain) != codeLength {
		return ""
	}
	return plain
}

// Confirmation is a question of ours to the writer, whose own token the message
// shows.
type Confirmation struct {
	Letter string // key of the letter that asked
	State  string // waiting, yes, no or over
}

// confirmation finds the question whose token the message shows. id is the
// Message-ID of its letter if only the code in the subject shows it.
func (t *Tx) confirmation(r Refs, writer int64) (found *Confirmation, id string, err error) {
	if writer == 0 || len(r.Answers)+len(r.Codes) == 0 {
		return nil, "", nil
	}
	const newest = 40
	rows := []confirmRow{}
	if err := t.list(&rows, confirmColumns+`WHERE member = ? ORDER BY id DESC LIMIT ?`, writer, newest); err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		own := t.book.messageID(row.Letter)
		byID, byCode := 0, 0
		for _, a := range r.Answers {
			byID |= agree(beforeAt(a), beforeAt(own))
		}
		for _, c := range r.Codes {
			byCode |= agree(c, PlainCode(t.book.confirmCode(row.Letter)))
		}
		if byID|byCode == 0 || found != nil && byCode == 0 {
			continue
		}
		found, id = &Confirmation{Letter: row.Letter, State: row.State}, ""
		if byCode == 1 {
			return found, own, nil
		}
	}
	return found, "", nil
}

func beforeAt(id string) string {
	local, _, _ := strings.Cut(id, "@")
	return local
}

// agree compares in a time that does not depend on where two strings differ.
func agree(a, b string) int { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) }
