package main

import (
	"bytes"
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"
)

// syntaxProblem says in a sentence what keeps the file from being YAML. The
// library's own texts are only looked at, never passed on: some of them quote
// what stands in the file, which may be a password.
func syntaxProblem(file string, raw []byte, err error) Problem {
	p := Problem{File: file, Message: "the file is not valid YAML", Remedy: "compare it with config.example.yaml"}
	var le *yaml.LoadError
	var les *yaml.LoadErrors
	if errors.As(err, &les) && len(les.Errors) > 0 {
		le = les.Errors[0]
	}
	if le == nil && !errors.As(err, &le) {
		return p
	}
	p.Line, p.Column = le.Mark.Line, le.Mark.Column
	line := lineOf(raw, p.Line)
	says := func(words string) bool {
		return strings.Contains(le.Message, words) || strings.Contains(le.ContextMsg, words)
	}
	blanks := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	s, slipped := slipBefore(raw, p.Line)
	switch {
	case strings.Contains(blanks, "\t"):
		p.Message, p.Remedy = "this line is indented with a tab", "use blanks, YAML allows no tabs here"
	case says("exceeded max depth"):
		p.Message, p.Remedy = "this is nested more deeply than any option is", ""
	case says("unknown anchor"):
		p.Message, p.Remedy = "a value that begins with * must stand in quotes", `write it as "*…"`
	case says("cannot start any token"):
		p.Message, p.Remedy = strayCharacter(line, p.Column)
	case slipped && !says("flow"):
		p.Line, p.Column, p.Message, p.Remedy = s.line, s.column, s.message, s.remedy
	case says("mapping values are not allowed") && belowValue(raw, p.Line):
		p.Line = unevenLine(raw, p.Line)
		p.Column, p.Message, p.Remedy = indent(lineOf(raw, p.Line))+1, uneven, alike
	case says("mapping values are not allowed"):
		p.Message = "there is a colon too many in this line, or the line above it lacks its colon"
		p.Remedy = `put values that contain ": " in quotes, and indent the options of one group alike`
	case says("quoted scalar"):
		p.Line, p.Column = orElse(le.ContextMark.Line, p.Line), orElse(le.ContextMark.Column, p.Column)
		p.Message, p.Remedy = "a quotation mark is opened here and not closed", `close it with the same mark`
	case says("flow sequence"):
		p.Line, p.Column = orElse(le.ContextMark.Line, p.Line), orElse(le.ContextMark.Column, p.Column)
		p.Message, p.Remedy = "a list is opened here with [ and not closed", "close it with ], with commas between the items"
		if line := lineOf(raw, p.Line); strings.Count(line, "[") == strings.Count(line, "]") {
			p.Message, p.Remedy = "the items of the list in this line cannot be told apart", "put commas between them, and quotes around what has a comma or a colon in it"
		}
	case says("flow mapping"):
		p.Line, p.Column = orElse(le.ContextMark.Line, p.Line), orElse(le.ContextMark.Column, p.Column)
		p.Message, p.Remedy = "a group is opened here with { and not closed", "close it with }, with commas between the options"
		if line := lineOf(raw, p.Line); strings.Count(line, "{") == strings.Count(line, "}") {
			p.Message, p.Remedy = "the options between { and } in this line cannot be told apart", "put commas between them, and quotes around a value that has a comma or a colon in it"
		}
	case says("block mapping") || says("expected key") || says("block collection") || says("block sequence"):
		if n := unevenLine(raw, p.Line); n != p.Line {
			p.Line, p.Column = n, indent(lineOf(raw, n))+1
		}
		p.Message, p.Remedy = uneven, alike
	case says("could not find expected ':'") || says("simple key"):
		p.Message, p.Remedy = "a colon is missing here", "write option: value, with a blank after the colon"
	case says("document start"):
		p.Message, p.Remedy = "nothing may follow here", "compare the line with config.example.yaml"
	}
	return p
}

// strayCharacter says which character cannot begin a value. Only its kind is
// named, nothing around it.
func strayCharacter(line string, column int) (message, remedy string) {
	if runes := []rune(line); column >= 1 && column <= len(runes) {
		if c := runes[column-1]; strings.ContainsRune("@`%", c) {
			return "a value cannot begin with " + string(c), "put the value in quotes"
		}
	}
	return "a value cannot begin with this character", "put the value in quotes"
}

// lineOf is one line of the file, from 1.
func lineOf(raw []byte, n int) string {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	for i := 1; ; i++ {
		line, rest, more := bytes.Cut(raw, []byte("\n"))
		if i == n {
			return strings.TrimSuffix(string(line), "\r")
		}
		if !more {
			return ""
		}
		raw = rest
	}
}

func orElse(n, fallback int) int {
	if n > 0 {
		return n
	}
	return fallback
}
