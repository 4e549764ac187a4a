package link

import (
	"net/url"
	"strings"
)

// wrappers are services that put themselves before the address somebody sent,
// and the parameter that holds it. A host matches as a whole or behind a dot.
var wrappers = [...]struct{ host, path, parameter string }{
	{"safelinks.protection.outlook.com", "", "url"},
	{"safelinks.protection.office365.us", "", "url"},
	{"statics.teams.cdn.office.net", "", "url"},
	{"nam.safelink.emails.azure.net", "", "destination"},
	{"urldefense.proofpoint.com", "/v1/", "u"},
	{"google.com", "/url", "q"}, {"google.com", "/url", "url"},
	{"google.co.uk", "/url", "q"}, {"google.de", "/url", "q"}, {"google.fr", "/url", "q"}, {"google.es", "/url", "q"}, {"google.nl", "/url", "q"},
	{"linkprotect.cudasvc.com", "/url", "a"},
	{"clicktime.symantec.com", "", "u"},
	{"slack-redir.net", "/link", "url"},
	{"duckduckgo.com", "/l/", "uddg"},
	{"youtube.com", "/redirect", "q"},
	{"linkedin.com", "/redir/redirect", "url"}, {"linkedin.com", "/safety/go", "url"},
	{"facebook.com", "/l.php", "u"}, {"instagram.com", "/", "u"},
}

// deepest is how many wrappers around one another are opened.
const deepest = 5

// Unwrap gives the address that a wrapper leads to, or the address itself.
func Unwrap(address string) string {
	for range deepest {
		target := unwrapped(address)
		low := strings.ToLower(target)
		if !strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
			return address
		}
		address = target
	}
	return address
}

func unwrapped(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return ""
	}
	host := strings.ToLower(strings.TrimPrefix(u.Hostname(), "www."))
	for _, w := range wrappers {
		if (host == w.host || strings.HasSuffix(host, "."+w.host)) && strings.HasPrefix(u.Path, w.path) && (w.host != "google.com" || !strings.Contains(host, "sites.")) {
			if target := u.Query().Get(w.parameter); target != "" {
				return target
			}
		}
	}
	switch {
	case host == "urldefense.proofpoint.com" && strings.HasPrefix(u.Path, "/v2/"):
		// Version 2 writes "-" for "%" and "_" for "/".
		target, err := url.QueryUnescape(strings.NewReplacer("-", "%", "_", "/").Replace(u.Query().Get("u")))
		if err == nil {
			return target
		}
	case host == "urldefense.com" || host == "urldefense.us":
		return version3(address)
	case host == "secure-web.cisco.com":
		if i := strings.Index(address, "/http"); i >= 0 {
			if target, err := url.PathUnescape(address[i+1:]); err == nil {
				return target
			}
		}
	}
	return ""
}

// version3 opens https://urldefense.com/v3/__TARGET__;REST!!…; a "*" in it
// stands for characters that are written in REST, which tell nothing of the host
// unless they are in it: such an address stays wrapped.
func version3(address string) string {
	_, rest, found := strings.Cut(address, "/v3/__")
	target, _, closed := strings.Cut(rest, "__;")
	if !found || !closed {
		return ""
	}
	// Their servers fold the slashes of "https://".
	for _, scheme := range []string{"https:/", "http:/"} {
		if strings.HasPrefix(target, scheme) && !strings.HasPrefix(target, scheme+"/") {
			target = scheme + "/" + strings.TrimPrefix(target, scheme)
		}
	}
	if strings.Contains(target, "*") {
		return ""
	}
	return target
}
