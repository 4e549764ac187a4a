package store

// Asks without a name that wait for their writer's yes. Until the yes the book
// has to know whose they are, or nobody could be asked: the row of the message
// names the member, and its bytes are there, for three days at most. Nothing
// else of them is written down, and after the decision nothing joins the two:
// neither rows nor keys, and of the times no more than the day.

// namelessWaiting is what marks such rows of unconfirmed u: they say neither
// what they would do nor how they begin.
const namelessWaiting = `(u.acts = '' AND u.words = '')`

// nameless says whether a message that is to wait would be sealed.
func (t *Tx) nameless(e Event) (bool, error) {
	p, err := t.planned(&e)
	return p.sealed, err
}

// confirmRef names the question about a message. Other names begin with the sum
// of its bytes, which stays in the ledger; that of one without a name can be
// told by nobody without the key of anonymous asks.
func (t *Tx) confirmRef(in Intake, first Saying) (string, error) {
	if first != (Saying{}) {
		return in.Ref(), nil
	}
	s, err := t.readyKey()
	if err != nil {
		return "", err
	}
	return s.hash("confirm " + in.SHA256)[:16], nil
}
