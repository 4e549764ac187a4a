package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in the configuration, in words for the person who
// edits it. No Problem ever holds the value of a secret or a line of the file.
type Problem struct {
	File    string // the file as it was named, or the environment variable
	Line    int    // from 1; 0: the whole file, or no file
	Column  int    // from 1, in characters
	Key     string // the dotted key, such as inbox.port; ""
	Message string // a sentence without its full stop
	Remedy  string // what to do, a sentence without its full stop; ""
}

// String is the problem on one line, in the form editors and terminals turn
// into a link: file:line:column: sentence.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	b.WriteString(p.Message)
	if p.Remedy != "" {
		b.WriteString("; ")
		b.WriteString(p.Remedy)
	}
	return b.String()
}

// Problems is everything that is wrong with a configuration, in file order.
type Problems []Problem

// shownProblems bounds what is printed: a staff list saved in the wrong way
// has one problem a row, and nobody reads the thousandth.
const shownProblems = 40

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i == shownProblems {
			fmt.Fprintf(&b, "\nand %d more problems like these", len(ps)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// inOrder sorts by file as first met, then line, then column, and drops
// exact repetitions.
func (ps Problems) inOrder() Problems {
	rank := map[string]int{}
	for _, p := range ps {
		if _, met := rank[p.File]; !met {
			rank[p.File] = len(rank)
		}
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(rank[a.File], rank[b.File]),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(ps)
}

// shown is a value as it may stand in a sentence: quoted, short, on one line.
func shown(value string) string {
	const most = 40
	runes := []rune(value)
	if len(runes) > most {
		value = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", value)
}

// listed joins words as a sentence does: "a, b or c".
func listed(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
}
