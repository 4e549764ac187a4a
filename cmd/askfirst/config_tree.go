package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/encoding/unicode"
)

// The file is read into a tree of ours before anything is decoded, so that
// every sentence can name its place, environment variables can be laid over
// single keys, and nothing of the YAML library's wording, which quotes values,
// reaches a reader.

// maxConfigSize is far above a staff list of ten thousand.
const maxConfigSize = 4 << 20

// maxConfigLine is far above what stands on one line, and bounds what the YAML
// library spends on a line of brackets, quotes or commas.
const maxConfigLine = 64 << 10

// maxConfigDepth is three times what the deepest option needs.
const maxConfigDepth = 12

// place is where a value stands.
type place struct {
	file      string
	line, col int
}

// nodeKind is the shape of a value.
type nodeKind int

const (
	scalarKind nodeKind = iota
	nullKind
	listKind
	mapKind
)

// value is one YAML value, with its place.
type value struct {
	kind  nodeKind
	text  string // scalars: the text as written, never reinterpreted
	items []*value
	keys  []entry
	at    place
}

// entry is one key of a mapping.
type entry struct {
	name string
	at   place
	val  *value
}

// get finds a key; nil when it is absent.
func (v *value) get(name string) *value {
	for _, e := range v.keys {
		if e.name == name {
			return e.val
		}
	}
	return nil
}

// readBounded reads a file of limited size; the error is a sentence.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("this is a folder, not a file")
	}
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fileError(err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("the file is larger than %d KiB", limit>>10)
	}
	return raw, nil
}

// fileError says in a sentence why a file cannot be read.
func fileError(err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, os.ErrPermission):
		return errors.New("the file may not be read by this user")
	}
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("the file cannot be read: %w", err)
}

// parseTree reads one YAML document. A nil tree comes with problems.
func parseTree(file string, raw []byte) (*value, Problems) {
	fail := func(line, col int, message, remedy string) (*value, Problems) {
		return nil, Problems{{File: file, Line: line, Column: col, Message: message, Remedy: remedy}}
	}
	raw = fromUTF16(raw)
	if message, remedy := noPlainText(raw); message != "" {
		return fail(0, 0, message, remedy)
	}
	if line, col, message, remedy := badCharacter(raw); message != "" {
		return fail(line, col, message, remedy)
	}
	loader, err := yaml.NewLoader(bytes.NewReader(raw))
	if err != nil {
		return fail(0, 0, "the file cannot be read as YAML", "")
	}
	var doc yaml.Node
	if err := loader.Load(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return fail(0, 0, "the file is empty", "start from a copy of config.example.yaml")
		}
		return nil, Problems{syntaxProblem(file, raw, err)}
	}
	g := grower{file: file}
	root := g.grow(&doc, 0, "")
	var second yaml.Node
	if err := loader.Load(&second); err == nil {
		g.complain(second.Line, second.Column, "", "a second document begins here, after the line ---",
			"keep everything in one document: remove the line ---")
	} else if !errors.Is(err, io.EOF) {
		g.problems = append(g.problems, syntaxProblem(file, raw, err))
	}
	return root, g.problems
}

// grower turns the library's nodes into values.
type grower struct {
	file     string
	problems Problems
}

func (g *grower) complain(line, col int, key, message, remedy string) {
	if len(g.problems) < maxProblems {
		g.problems = append(g.problems, Problem{g.file, line, col, key, message, remedy})
	}
}

// grow converts a node. Anchors and aliases are refused: a configuration needs
// none, and a handful of them can stand for a billion values.
func (g *grower) grow(n *yaml.Node, depth int, key string) *value {
	v := &value{kind: nullKind, at: place{g.file, n.Line, n.Column}}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		g.complain(n.Line, n.Column, key, "YAML anchors and aliases (& and *) are not used here",
			"write the value out, or put it in quotes if it begins with & or *")
	}
	switch {
	case depth > maxConfigDepth:
		g.complain(n.Line, n.Column, key, "this is nested more deeply than any option is", "")
	case n.Kind == yaml.DocumentNode && len(n.Content) > 0:
		return g.grow(n.Content[0], depth+1, key)
	case n.Kind == yaml.MappingNode:
		v.kind = mapKind
		g.growKeys(v, n, depth, key)
	case n.Kind == yaml.SequenceNode:
		v.kind = listKind
		for _, item := range n.Content {
			v.items = append(v.items, g.grow(item, depth+1, key))
		}
	case n.Kind == yaml.ScalarNode:
		g.growScalar(v, n, key)
	}
	return v
}

// growKeys adds the keys of a mapping and refuses those that stand twice.
func (g *grower) growKeys(v *value, n *yaml.Node, depth int, path string) {
	first := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.ShortTag() == "!!merge" {
			g.complain(k.Line, k.Column, path, "a plain option name was expected here", "")
			continue
		}
		if strings.ContainsAny(k.Value, "\u00a0\u2007\u202f\u200b\ufeff") {
			g.complain(k.Line, k.Column, path, specialSpace, retype)
			continue
		}
		key := joinKey(path, k.Value)
		if line, twice := first[k.Value]; twice {
			g.complain(k.Line, k.Column, key, fmt.Sprintf("this option stands here a second time, the first is in line %d", line),
				"keep one of the two")
			continue
		}
		first[k.Value] = k.Line
		v.keys = append(v.keys, entry{k.Value, place{g.file, k.Line, k.Column}, g.grow(val, depth+1, key)})
	}
}

// growScalar keeps the text as written.
func (g *grower) growScalar(v *value, n *yaml.Node, key string) {
	v.kind, v.text = scalarKind, strings.TrimSpace(n.Value)
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	if plain && n.ShortTag() == "!!null" {
		v.kind, v.text = nullKind, ""
		return
	}
	if tag := n.ShortTag(); !strings.HasPrefix(tag, "!!") && tag != "" && tag != "!" {
		g.complain(n.Line, n.Column, key, "a value that begins with ! must stand in quotes", "")
		v.kind = nullKind
	}
	if plain && typographicQuotes(v.text) {
		g.complain(n.Line, n.Column, key, "the quotation marks are typographic ones, which YAML takes for a part of the value",
			`use plain ones: "…"`)
		v.kind = nullKind
	}
}

// typographicQuotes says whether a word processor wrote the quotation marks. A
// lone apostrophe in front is part of a name: ’t Hooft.
func typographicQuotes(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return strings.ContainsRune("“”„«»", first) && s != "" ||
		strings.ContainsRune("‘‚‹›’", first) && strings.ContainsRune("‘’‹›", last) && utf8.RuneCountInString(s) > 1
}

// joinKey is the dotted name of an option.
func joinKey(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// fromUTF16 turns what Windows calls "Unicode" into UTF-8, by its byte order mark.
func fromUTF16(raw []byte) []byte {
	if !bytes.HasPrefix(raw, []byte{0xff, 0xfe}) && !bytes.HasPrefix(raw, []byte{0xfe, 0xff}) {
		return raw
	}
	out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(raw)
	if err != nil {
		return raw
	}
	return out
}

// noPlainText says what a file is that an editor for documents, or a browser,
// has made of a text.
func noPlainText(raw []byte) (message, remedy string) {
	start := bytes.ToLower(bytes.TrimSpace(raw[:min(len(raw), 64)]))
	for _, mark := range []string{"pk\x03\x04", "\xd0\xcf\x11\xe0", `{\rtf`, "%pdf"} {
		if bytes.HasPrefix(start, []byte(mark)) {
			return "this is a document of a word processor", "save it as plain text with the encoding UTF-8"
		}
	}
	if bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) {
		return "this is a web page", "fetch the file itself, or start from a copy of config.example.yaml"
	}
	if len(raw) > 3 && (raw[0] == 0) != (raw[1] == 0) && (raw[2] == 0) == (raw[0] == 0) && (raw[3] == 0) == (raw[1] == 0) {
		return "the file has the encoding UTF-16, and no mark that says so", "save the file with the encoding UTF-8"
	}
	return "", ""
}

// badCharacter finds the first byte that no text file has, or a line without end.
func badCharacter(raw []byte) (line, col int, message, remedy string) {
	line, col = 1, 1
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return line, col, "this character is not UTF-8 text", "save the file with the encoding UTF-8"
		case r == 0:
			return line, col, "there is a NUL byte here, so the file is damaged or not a text", "restore it from a copy"
		case r < ' ' && r != '\n' && r != '\r' && r != '\t', r == 0x7f:
			return line, col, "there is an invisible control character here", "delete it"
		case col > maxConfigLine:
			return line, 1, "this line is far too long", "put each person and each option on a line of its own"
		case r == '\n':
			line, col = line+1, 0
		}
		i, col = i+size, col+1
	}
	return 0, 0, "", ""
}
