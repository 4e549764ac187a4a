package mailbox

import (
	"encoding/base64"
	"errors"
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

// cover takes the secret out of what a server said about a login, as it is and
// as the mechanisms encode it.
func cover(err error, username, secret string) error {
	if err == nil || len(secret) < shortestCovered {
		return err
	}
	encode := base64.StdEncoding.EncodeToString
	hide := strings.NewReplacer(encode([]byte("\x00"+username+"\x00"+secret)), "…", encode([]byte(secret)), "…", secret, "…").Replace
	var refused *imap.Error
	if errors.As(err, &refused) {
		refused.Text = hide(refused.Text)
	}
	if text := err.Error(); hide(text) != text {
		return covered{err, hide(text)}
	}
	return err
}
