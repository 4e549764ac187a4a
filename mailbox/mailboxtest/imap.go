package mailboxtest

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-sasl"
)

// imapSession is what the in-memory server's sessions can do.
type imapSession interface {
	imapserver.SessionIMAP4rev2
}

// session mends the in-memory server where it would break the protocol: asked to
// move or copy messages that are gone it answers with an empty COPYUID, which is
// not IMAP (RFC 4315 section 3 has no empty set).
type session struct{ imapSession }

func (s session) Copy(set imap.NumSet, dest string) (*imap.CopyData, error) {
	data, err := s.imapSession.Copy(set, dest)
	if err == nil && len(data.SourceUIDs) == 0 {
		return nil, nil
	}
	return data, err
}

func (s session) Move(w *imapserver.MoveWriter, set imap.NumSet, dest string) error {
	found, err := s.Search(imapserver.NumKindUID, criteria(set), &imap.SearchOptions{ReturnAll: true})
	if err != nil {
		return err
	}
	if len(found.AllUIDs()) == 0 {
		return nil
	}
	return s.imapSession.Move(w, set, dest)
}

const xoauth2 = "XOAUTH2"

// tokenSession lets people in by access token alone.
type tokenSession struct {
	session
	options *Options
}

func (t tokenSession) AuthenticateMechanisms() []string { return []string{xoauth2} }

func (t tokenSession) Authenticate(mechanism string) (sasl.Server, error) {
	refused := &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAuthenticationFailed, Text: "AUTHENTICATE failed."}
	if mechanism != xoauth2 {
		return nil, refused
	}
	return &bearerServer{good: t.options.Token, refused: refused, in: func(user string) error { return t.session.Login(user, t.options.Password) }}, nil
}

func (t tokenSession) Login(string, string) error { return imapserver.ErrAuthFailed }

func criteria(set imap.NumSet) *imap.SearchCriteria {
	switch set := set.(type) {
	case imap.UIDSet:
		return &imap.SearchCriteria{UID: []imap.UIDSet{set}}
	case imap.SeqSet:
		return &imap.SearchCriteria{SeqNum: []imap.SeqSet{set}}
	}
	return &imap.SearchCriteria{}
}
