package main

import (
	"context"
	"fmt"
	"sync"

	"askfirst/mailbox"
	"askfirst/store"
)

// unwelcome is the recipients refused in a row for what may be a matter of
// policy (5.7.x at RCPT), with no letter accepted in between. A few of them are
// mailboxes that take no mail from us; so many in a row are the server, which
// refuses everybody. The zero unwelcome is ready.
type unwelcome struct {
	mu      sync.Mutex
	letters map[string]store.Result // by recipient: the last refusal
}

// mostUnwelcome is how many recipients in a row make it the server.
const mostUnwelcome = 3

// refused notes a refusal and says whether it is the server by now.
func (u *unwelcome) refused(to string, r store.Result) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.letters == nil {
		u.letters = map[string]store.Result{}
	}
	r.State = store.ResultPermanent
	u.letters[to] = r
	return len(u.letters) >= mostUnwelcome
}

// accepted ends the row: the server takes our mail, so what it refused concerns
// those recipients, and their letters fail.
func (u *unwelcome) accepted() []store.Result {
	u.mu.Lock()
	defer u.mu.Unlock()
	var failed []store.Result
	for _, r := range u.letters {
		failed = append(failed, r)
	}
	clear(u.letters)
	return failed
}

// weigh looks at what the server said to a batch: failed are letters refused
// before, of which it is now clear that they concern their recipients alone;
// policy is why sending must pause.
func (s *sending) weigh(batch []store.Outgoing, receipts []mailbox.Receipt, results []store.Result) (failed []store.Result, policy error) {
	to := map[int64]string{}
	for _, o := range batch {
		to[o.ID] = o.Letter.To.Email
	}
	for i, r := range receipts {
		switch r.State {
		case mailbox.Accepted:
			failed = append(failed, s.unwelcome.accepted()...)
			continue
		case mailbox.ByPolicy:
		case mailbox.Unwelcome:
			if !s.unwelcome.refused(to[r.ID], results[i]) {
				continue
			}
		default:
			continue
		}
		policy = fmt.Errorf("%w: %d %s %s", errPolicy, r.Code, r.Enhanced, r.Text)
	}
	return failed, policy
}

// fail ends letters that were to be tried again. One that is under way again, or
// gone, is left alone.
func (s *sending) fail(ctx context.Context, letters []store.Result) error {
	if len(letters) == 0 {
		return nil
	}
	for _, r := range letters {
		s.log.Warn("letter", "letter", r.ID, "result", r.State, "code", r.Code, "status", r.Enhanced)
	}
	return ofBook(s.book.FailWaiting(ctx, letters, s.now()))
}
