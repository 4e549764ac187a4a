package parse

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// attributes are the few attributes of a tag that say what is seen of it and
// whose text it is.
type attributes struct{ keys, values []string }

func (a attributes) get(key string) string {
	for i, k := range a.keys {
		if k == key {
			return a.values[i]
		}
	}
	return ""
}

// attributes reads those of the current tag.
func (w *writer) attributes(more bool) attributes {
	var a attributes
	for n := 0; more && n < 64; n++ {
		var key, value []byte
		key, value, more = w.tokens.TagAttr()
		switch string(key) {
		case "style", "class", "id", "name", "type", "href", "alt", "hidden", "align", "data-marker", "apple-content-edited":
			if len(value) > 2000 {
				value = value[:2000]
			}
			a.keys = append(a.keys, string(key))
			a.values = append(a.values, string(value))
			if string(key) == "hidden" {
				a.values[len(a.values)-1] = "hidden"
			}
		}
	}
	return a
}

// style is the style attribute without blanks, lower case.
func (a attributes) style() string {
	s := a.get("style")
	if s == "" {
		return ""
	}
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}

// hidden says whether a reader sees nothing of the element.
func (a attributes) hidden() bool {
	if a.get("hidden") != "" {
		return true
	}
	s := a.style()
	if s == "" {
		return false
	}
	for _, sign := range []string{"display:none", "visibility:hidden", "mso-hide:all", "font-size:0;", "font-size:0px", "max-height:0;", "max-height:0px", "opacity:0;"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return strings.HasSuffix(s, "font-size:0") || strings.HasSuffix(s, "max-height:0") || strings.HasSuffix(s, "opacity:0")
}

func (a attributes) preformatted() bool {
	s := a.style()
	return strings.Contains(s, "white-space:pre;") || strings.Contains(s, "white-space:pre-wrap") || strings.HasSuffix(s, "white-space:pre")
}

// spaced says whether blank lines stand around the element.
func (a attributes) spaced(t atom.Atom) bool {
	switch t {
	case atom.P:
		class := a.get("class")
		if strings.Contains(class, "MsoNormal") || strings.Contains(class, "MsoPlainText") {
			return false
		}
		s := a.style()
		return !strings.Contains(s, "margin:0") && !strings.Contains(s, "margin-bottom:0")
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Blockquote, atom.Ul, atom.Ol, atom.Table:
		return true
	}
	return false
}

// mark reads the signs by which mail programs set off what they quote.
func (a attributes) mark(t atom.Atom) Mark {
	class, id := a.get("class"), a.get("id")
	if class != "" {
		if m := classMark(class); m != NoMark {
			return m
		}
	}
	if id != "" {
		if m := idMark(id); m != NoMark {
			return m
		}
	}
	if t == atom.Div && a.get("style") != "" && outlookBorder(a.style()) {
		return Border
	}
	if t == atom.Blockquote && strings.EqualFold(a.get("type"), "cite") {
		return Quote
	}
	switch strings.ToLower(a.get("name")) {
	case "quote":
		return Quote
	case "messagereplysection":
		return Border
	}
	switch {
	case a.get("apple-content-edited") != "": // Apple Mail's signature
		return Signature
	case a.get("data-marker") == "__QUOTED_TEXT__":
		return Quote
	case a.get("data-marker") == "__SIG_PRE__" || a.get("data-marker") == "__SIG_POST__":
		return Signature
	}
	return NoMark
}

func classMark(class string) Mark {
	for _, c := range strings.Fields(class) {
		switch {
		case c == "gmail_quote" || c == "gmail_quote_container" || c == "protonmail_quote" || c == "tutanota_quote" ||
			strings.HasPrefix(c, "yahoo_quoted") || strings.Contains(c, "yahoo_quoted") && strings.HasPrefix(c, "ydp"):
			return Quote
		case c == "gmail_attr" || c == "moz-cite-prefix" || strings.HasSuffix(c, "gmail_attr"):
			return Attribution
		case c == "gmail_signature" || c == "moz-signature" || c == "apple-mail-signature" || strings.HasPrefix(c, "protonmail_signature_block"):
			return Signature
		case c == "moz-forward-container":
			return ForwardMark
		case c == "cm_replymail_content_wrap" || c == "front-blockquote" || c == "zmail_extra":
			return Quote
		}
	}
	return NoMark
}

func idMark(id string) Mark {
	low := strings.ToLower(id)
	switch {
	case strings.HasSuffix(low, "divrplyfwdmsg") || strings.HasSuffix(low, "appendonsend") ||
		low == "mail-editor-reference-message-container" || strings.HasSuffix(low, "olk_src_body_section"):
		return Border
	case strings.HasPrefix(low, "yahoo_quoted") || strings.Contains(low, "yahoo_quoted"):
		return Quote
	case low == "signature" || strings.HasSuffix(low, "_signature") || low == "applemailsignature" || low == "applemailsignatureid" || low == "ms-outlook-mobile-signature":
		return Signature
	}
	return NoMark
}

// outlookBorder recognises the line that Outlook for Windows, its mobile
// sisters and Windows Mail draw above the header block of what they quote.
func outlookBorder(style string) bool {
	if strings.Contains(style, "border-top:solid#b5c4df1.0pt") || strings.Contains(style, "border-top:solid#e1e1e11.0pt") {
		return strings.Contains(style, "border:none")
	}
	return strings.Contains(style, "padding-top:5px") && strings.Contains(style, "border-top-color:rgb(229,229,229)")
}
