package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
)

// check refuses what could be read as something else on the way (SMTP
// smuggling: a bare CR or LF in front of a dot), and addresses that could carry
// commands.
func (p *Parcel) check() error {
	for _, address := range []string{p.From, p.To} {
		if err := checkAddress(address); err != nil {
			return err
		}
	}
	if len(p.Data) == 0 {
		return errors.New("the letter is empty")
	}
	if bytes.IndexByte(p.Data, 0) >= 0 {
		return errors.New("the letter contains NUL")
	}
	for rest := p.Data; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		line := rest
		if end >= 0 {
			if end == 0 || rest[end-1] != '\r' {
				return errors.New("the letter contains a bare LF")
			}
			line = rest[:end-1]
		}
		if bytes.IndexByte(line, '\r') >= 0 {
			return errors.New("the letter contains a bare CR")
		}
		if end < 0 {
			break
		}
		rest = rest[end+1:]
	}
	return nil
}

// checkAddress accepts what may stand between < and > in an envelope.
func checkAddress(address string) error {
	at := -1
	for i := 0; i < len(address); i++ {
		switch c := address[i]; {
		case c <= ' ' || c == 0x7f || c == '<' || c == '>':
			return fmt.Errorf("%q is not an address", address)
		case c == '@':
			at = i
		}
	}
	if at <= 0 || at == len(address)-1 || len(address) > 254 { // RFC 5321 section 4.5.3.1.3
		return fmt.Errorf("%q is not an address", address)
	}
	return nil
}

// appendStuffed doubles every dot that begins a line (RFC 5321 section 4.5.2)
// and ends the last line.
func appendStuffed(dst, data []byte) []byte {
	if len(data) > 0 && data[0] == '.' {
		dst = append(dst, '.')
	}
	for {
		i := bytes.Index(data, []byte("\n."))
		if i < 0 {
			break
		}
		dst = append(dst, data[:i+1]...)
		dst = append(dst, '.')
		data = data[i+1:]
	}
	dst = append(dst, data...)
	if !bytes.HasSuffix(data, []byte("\r\n")) {
		dst = append(dst, "\r\n"...)
	}
	return dst
}

// lost ends the batch: parcel i gets the state, those behind it never had a turn.
func (b *batch) lost(i int, state ReceiptState, r *reply, err error) {
	receipt := b.receipt(i)
	if r != nil && err == nil {
		receipt.take(*r)
		b.rest(i+1, "the server hung up: "+r.text)
		return
	}
	receipt.State, receipt.Text = state, "connection lost: "+err.Error()
	b.rest(i+1, receipt.Text)
}

// rest leaves the parcels from i on unsent.
func (b *batch) rest(i int, why string) {
	for ; i < len(b.parcels); i++ {
		b.receipt(i).State, b.receipt(i).Text = Unsent, why
	}
}

// failAll is what the batch gets when no connection came about.
func (b *batch) failAll(err error) {
	var said *textproto.Error
	for i := range b.parcels {
		r := b.receipt(i)
		r.State, r.Text, r.Fault = Unsent, err.Error(), err
		if errors.As(err, &said) {
			enhanced, _ := enhancedStatus(said.Msg)
			r.Code, r.Enhanced = said.Code, enhanced
		}
		switch {
		case errors.Is(err, ErrAuth), r.Code/100 == 5:
			r.State = ByPolicy
		case r.Code/100 == 4:
			r.State = Temporary
		}
	}
}

// take records a reply and what it means for the letter.
func (r *Receipt) take(said reply) {
	r.Code, r.Enhanced, r.Text = said.code, said.enhanced, said.text
	switch {
	case said.code/100 == 2:
		r.State = Accepted
	case said.code/100 == 4, said.code == 503: // 503: we and the server disagree on the order of commands
		r.State = Temporary
	case said.code == 530, said.code == 534, said.code == 535, said.code == 538: // RFC 4954 section 6
		r.State = ByPolicy
	case strings.HasPrefix(said.enhanced, "5.7.") && said.stage == atRecipient:
		// "Relaying denied", or a mailbox that takes mail from inside only (RFC
		// 3463 section 3.8): one answer does not tell which.
		r.State = Unwelcome
	case strings.HasPrefix(said.enhanced, "5.7."):
		r.State = ByPolicy
	case said.stage == atSender && said.code != 552 && said.enhanced != "5.3.4" && said.enhanced != "5.2.3":
		r.State = ByPolicy // the sender is refused, whoever the letter is for
	default:
		r.State = Permanent
	}
}

// ascii says whether there is no octet above 127.
func ascii[T string | []byte](s T) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
