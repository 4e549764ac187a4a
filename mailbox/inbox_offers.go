package mailbox

import "github.com/emersion/go-imap/v2"

// Offers says which of the extensions that matter to us the server has: being
// told of new mail (RFC 2177), moving mail (RFC 6851) and removing single
// messages (RFC 4315).
func (in *Inbox) Offers() (idle, move, uidplus bool) {
	return in.caps.Has(imap.CapIdle), in.caps.Has(imap.CapMove), in.caps.Has(imap.CapUIDPlus)
}
