package parse

import "golang.org/x/net/html/atom"

// inline elements may be closed across each other; blocks may not.
func inline(t atom.Atom) bool { return t == atom.Span || t == atom.A || t == atom.Font || t == atom.B }

func block(t atom.Atom) bool {
	switch t {
	case atom.Div, atom.P, atom.Blockquote, atom.Table, atom.Tr, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dt, atom.Dd,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Pre, atom.Center, atom.Section, atom.Article,
		atom.Header, atom.Footer, atom.Main, atom.Body, atom.Form, atom.Fieldset, atom.Address, atom.Caption, atom.Thead,
		atom.Tbody, atom.Tfoot, atom.Aside, atom.Figure, atom.Figcaption, atom.Nav, atom.Details, atom.Summary:
		return true
	}
	return false
}

// island stands for the xml element of Word, which has no atom.
const island = ^atom.Atom(0)

func lookup(name []byte) atom.Atom {
	if string(name) == "xml" {
		return island
	}
	return atom.Lookup(name)
}

// unseen elements show nothing of what is in them.
func unseen(t atom.Atom) bool {
	switch t {
	case atom.Style, atom.Script, atom.Title, atom.Template, atom.Object, atom.Select, atom.Textarea, atom.Svg, atom.Noframes, atom.Iframe:
		return true
	}
	return t == island
}
