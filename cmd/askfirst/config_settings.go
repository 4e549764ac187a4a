package main

import "askfirst/mailbox"

// InboxSettings is what the mailbox package needs to read the inbox.
func (c *Config) InboxSettings() mailbox.InboxConfig {
	return mailbox.InboxConfig{
		Server:  c.Inbox.server(),
		Poll:    c.Inbox.Poll,
		MaxSize: c.Inbox.MaxSize,
		Since:   c.Inbox.Since,
	}
}

// SMTPSettings is what the mailbox package needs to submit letters.
func (c *Config) SMTPSettings() mailbox.SMTPConfig {
	return mailbox.SMTPConfig{Server: c.SMTP.server(), PerMinute: c.SMTP.PerMinute}
}

func (e Endpoint) server() mailbox.Server {
	return mailbox.Server{
		Host:     e.Host,
		Port:     e.Port,
		TLS:      mailbox.TLSMode(e.TLS),
		Username: e.Username,
		Password: e.Secret,
		Tokens:   e.Tokens,
	}
}
