package main

import (
	"errors"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// parseAddress reads one plain mail address and lower-cases it. It is stricter
// than RFC 5321 section 4.1.2: quoted local parts and address literals belong
// to no colleague, and each of these refusals has caught a real slip.
func parseAddress(s string) (string, error) {
	local, domain, found := strings.Cut(s, "@")
	switch {
	case strings.HasPrefix(strings.ToLower(s), "mailto:"):
		return "", errors.New("must be written without mailto: in front")
	case strings.ContainsAny(s, "<>"):
		return "", errors.New("must be the address alone, without a name and < >")
	case strings.ContainsAny(s, " ,;"):
		return "", errors.New("must be a single address without blanks")
	case !found || strings.Contains(domain, "@"):
		return "", errors.New("must be an address with one @")
	case len(local) > 64 || !validLocal(local):
		return "", errors.New("has characters before the @ that an address cannot have")
	}
	if ascii, err := idna.Lookup.ToASCII(domain); err == nil && !strings.EqualFold(ascii, domain) {
		return "", errors.New("must have its domain in the form " + ascii)
	}
	if !validHost(domain) || !strings.Contains(domain, ".") && !strings.EqualFold(domain, "localhost") {
		return "", errors.New("must end in a full domain, like carpenter.example")
	}
	return strings.ToLower(s), nil
}

// validHost says whether s is a host name (RFC 1123 section 2.1).
func validHost(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") ||
			strings.ContainsFunc(label, func(r rune) bool { return !letterOrDigit(r) && r != '-' && r != '_' }) {
			return false
		}
	}
	return len(s) <= 253
}

// validLocal says whether s is a dot-atom (RFC 5322 section 3.2.3).
func validLocal(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool {
			return !letterOrDigit(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
		}) {
			return false
		}
	}
	return true
}

func letterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func (d *decoder) address(into *string) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		address, err := parseAddress(s)
		if err != nil {
			d.complain(v.at, key, "write it like help@carpenter.example", "%s %v", key, err)
			return
		}
		*into = address
	}
}

// host reads a server's name. A refused value is not repeated: people paste
// whole URLs here, with the password inside.
func (d *decoder) host(into *string) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		name, port, _ := strings.Cut(s, ":")
		_, notIP := netip.ParseAddr(s)
		switch {
		case validHost(s) || notIP == nil:
			*into = strings.ToLower(s)
		case strings.ContainsAny(s, "/@"):
			d.complain(v.at, key, "", "%s must be the server's name alone, without protocol, user or path", key)
		case validHost(name) && port != "" && strings.Trim(port, "0123456789") == "":
			d.complain(v.at, key, "write the port as port: "+port, "%s must be the server's name without the port", key)
		default:
			if ascii, err := idna.Lookup.ToASCII(s); err == nil && ascii != s && validHost(ascii) {
				d.complain(v.at, key, "write "+ascii, "%s must be in the form that name servers know", key)
				return
			}
			d.complain(v.at, key, "write it like imap.carpenter.example", "%s is not a server's name", key)
		}
	}
}

func (d *decoder) tls(into *string) func(string, *value) {
	return func(key string, v *value) {
		s, ok := d.scalar(key, v, 4096)
		if !ok {
			return
		}
		ways := []string{"implicit", "starttls", "none"}
		switch strings.ToLower(s) {
		case "implicit", "starttls", "none":
			*into = strings.ToLower(s)
			return
		}
		guess := map[string]string{"ssl": "implicit", "tls": "implicit", "ssl/tls": "implicit", "smtps": "implicit", "imaps": "implicit",
			"true": "implicit", "yes": "implicit", "start_tls": "starttls", "no": "none", "false": "none", "off": "none"}[strings.ToLower(s)]
		if guess == "" {
			guess = nearest(s, ways)
		}
		remedy := ""
		if guess != "" {
			remedy = "did you mean " + guess + "?"
		}
		d.complain(v.at, key, remedy, "%s must be implicit, starttls or none, not %s", key, shown(s))
	}
}
