package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"askfirst/mailbox/oauth"
)

// Logging in with an access token: the mechanism XOAUTH2 of Google and
// Microsoft. OAUTHBEARER (RFC 7628), its successor, is not offered by Microsoft.

const xoauth2 = "XOAUTH2"

// bearer is what the mechanism sends.
func bearer(username, access string) string {
	return "user=" + username + "\x01auth=Bearer " + access + "\x01\x01"
}

// bearerClient is the mechanism's side of ours.
type bearerClient struct{ username, access string }

func (b bearerClient) Start() (string, []byte, error) {
	return xoauth2, []byte(bearer(b.username, b.access)), nil
}

// Next answers the reasons of a refusal with nothing, after which the server
// says that it refuses.
func (bearerClient) Next([]byte) ([]byte, error) { return []byte{}, nil }

func loginByToken(client *imapclient.Client, caps imap.CapSet, username, access string) error {
	if !caps.Has(imap.AuthCap(xoauth2)) {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Text: "the server takes no tokens here (no AUTH=XOAUTH2)"}
	}
	return client.Authenticate(bearerClient{username, access})
}

// token is an access token.
func (s Server) token(ctx context.Context) (string, error) {
	access, err := s.Tokens.Token(ctx)
	switch {
	case errors.Is(err, oauth.ErrRefused):
		return "", fmt.Errorf("%w: %s: %w", ErrAuth, s.Username, err)
	case errors.Is(err, oauth.ErrFile):
		return "", fmt.Errorf("%w: %w", ErrSecret, err)
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return access, nil
}

// refusedToken tells the source of tokens that the server did not take one.
func (s Server) refusedToken(access string, err error) {
	if s.Tokens != nil && errors.Is(err, ErrAuth) {
		s.Tokens.Refused(access)
	}
}
