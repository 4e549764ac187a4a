package mailboxtest

import (
	"crypto/subtle"
	"io"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Step is a point of an SMTP transaction at which a fault can be put.
type Step string

// The steps.
const (
	StepMail Step = "mail" // MAIL FROM; to is empty
	StepRcpt Step = "rcpt" // RCPT TO
	StepData Step = "data" // DATA has been accepted, no body read yet: only Cut
	StepDot  Step = "dot"  // the final dot has arrived, nothing is answered yet
)

// Fault is what goes wrong.
type Fault struct {
	Code     int    // SMTP reply code; 0: none
	Enhanced [3]int // enhanced status code
	Text     string
	Wait     time.Duration // before anything else
	Cut      bool          // close the connection instead of answering
	Keep     bool          // at StepDot: the message is delivered all the same
}

// FaultFunc decides what goes wrong at a step; nil: nothing does.
type FaultFunc func(step Step, from, to string) *Fault

// SetFault changes what goes wrong from now on; nil: nothing.
func (po *PostOffice) SetFault(f FaultFunc) {
	po.mu.Lock()
	defer po.mu.Unlock()
	po.fault = f
}

// smtpSession is one SMTP connection.
type smtpSession struct {
	po   *PostOffice
	conn *smtp.Conn
	user string
	from string
	to   []string
}

func (po *PostOffice) newSession(conn *smtp.Conn) (smtp.Session, error) {
	return &smtpSession{po: po, conn: conn}, nil
}

func (s *smtpSession) AuthMechanisms() []string {
	if s.po.options.Token != nil {
		return []string{xoauth2}
	}
	if s.po.options.Login != nil {
		return s.po.options.Login
	}
	return []string{sasl.Plain, sasl.Login}
}

func (s *smtpSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(username, password string) error {
		if subtle.ConstantTimeCompare([]byte(password), []byte(s.po.options.Password)) != 1 {
			return smtp.ErrAuthFailed
		}
		s.user = username
		return nil
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error { return check(username, password) }), nil
	case xoauth2:
		return &bearerServer{good: s.po.options.Token, in: func(user string) error { s.user = user; return nil }, refused: smtp.ErrAuthFailed}, nil
	case sasl.Login:
		return &loginServer{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// loginServer is the LOGIN mechanism, which old servers offer alone.
type loginServer struct {
	check    func(username, password string) error
	username *string
	asked    bool
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case !l.asked:
		l.asked = true
		return []byte("Username:"), false, nil
	case l.username == nil:
		name := string(response)
		l.username = &name
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.username, string(response))
}

// fail asks for a fault and performs it.
func (s *smtpSession) fail(step Step, to string) (*Fault, error) {
	s.po.mu.Lock()
	fault := s.po.fault
	s.po.mu.Unlock()
	if fault == nil {
		return nil, nil
	}
	f := fault(step, s.from, to)
	if f == nil {
		return nil, nil
	}
	time.Sleep(f.Wait)
	if f.Cut {
		s.conn.Conn().Close()
		return f, io.ErrUnexpectedEOF
	}
	if f.Code == 0 {
		return f, nil
	}
	return f, &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.EnhancedCode(f.Enhanced), Message: f.Text}
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	if s.po.options.NeedLogin && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Please log in first"}
	}
	s.from = from
	_, err := s.fail(StepMail, "")
	return err
}

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, err := s.fail(StepRcpt, to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	if _, err := s.fail(StepData, s.to[0]); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	fault, err := s.fail(StepDot, s.to[0])
	if err != nil && !fault.Keep {
		return err
	}
	for _, to := range s.to {
		if err := s.po.Deliver(to, raw); err != nil {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: err.Error()}
		}
	}
	return err
}

func (s *smtpSession) Reset() { s.from, s.to = "", nil }

func (s *smtpSession) Logout() error { return nil }
