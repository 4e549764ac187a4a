package mailbox

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Servers have been seen to repeat the command that they refuse, password and
// all, and what they say ends in logs.

// covered is an error whose text does not hold the secret.
type covered struct {
	error
	text string
}

func (c covered) Error() string { return c.text }
func (c covered) Unwrap() error { return c.error }

// shortestCovered is how long a secret must be to be looked for: the letter "a"
// would be found everywhere.
const shortestCovered = 4

// veil takes the secret out of what a server says on one connection: as it is,
// as the mechanisms encode it, and as it is quoted (RFC 9051 section 4.3).
type veil struct{ replacer *strings.Replacer }

func veilOver(username, secret string) veil {
	if len(secret) < shortestCovered {
		return veil{}
	}
	encode := base64.StdEncoding.EncodeToString
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(secret)
	printed := strings.Trim(strconv.Quote(secret), `"`)
	return veil{strings.NewReplacer(encode([]byte(bearer(username, secret))), "…", encode([]byte("\x00"+username+"\x00"+secret)), "…", encode([]byte(username+"\x00"+username+"\x00"+secret)), "…",
		encode([]byte(secret)), "…", printed, "…", escaped, "…", secret, "…")}
}

func (v veil) text(s string) string {
	if v.replacer == nil {
		return s
	}
	return v.replacer.Replace(s)
}

// over is the error without the secret; nil stays nil.
func (v veil) over(err error) error {
	if err == nil || v.replacer == nil {
		return err
	}
	var refused *imap.Error
	if errors.As(err, &refused) {
		refused.Text = v.text(refused.Text)
	}
	if text := err.Error(); v.text(text) != text {
		return covered{err, v.text(text)}
	}
	return err
}
