package main

import (
	"regexp"
	"strings"
)

// Where YAML stops is often a line or a page behind the slip: a line without its
// colon is the beginning of a long value to it, and a quotation mark that is not
// closed ends with the next one. So the lines up to there are looked at by eye.

// A slip is what somebody mistyped in one line.
type slip struct {
	line, column    int
	message, remedy string
}

// slipBefore looks for the slip because of which YAML stopped in a line: in that
// line and the one above it that is no comment, and for an open quotation mark
// in all above it.
func slipBefore(raw []byte, stopped int) (slip, bool) {
	lines := strings.Split(strings.TrimPrefix(string(raw), "\ufeff"), "\n")
	near := 0
	for n := above(lines, stopped+1); n > 0; n = above(lines, n) {
		near++
		words := strings.Trim(lines[n-1], " \t\r")
		column := indent(lines[n-1]) + 1
		if message, remedy := slipOfQuotes(words); message != "" {
			return slip{n, column, message, remedy}, true
		}
		if near > 2 {
			continue
		}
		if message, remedy := slipOfLine(words); message != "" {
			return slip{n, column, message, remedy}, true
		}
		if entry := above(lines, n); words[0] == '{' && entry > 0 && strings.HasPrefix(lines[entry-1][indent(lines[entry-1]):], "- ") {
			return slip{n, column, "the hyphen in front of this entry is missing", "write it like the entries above it: - { … }"}, true
		}
	}
	return slip{}, false
}

// above is the line above line n that has more than a comment; 0: there is none.
func above(lines []string, n int) int {
	for n = min(n, len(lines)+1) - 1; n > 0; n-- {
		if words := strings.TrimSpace(lines[n-1]); words != "" && words[0] != '#' {
			return n
		}
	}
	return 0
}

// indent is how many blanks stand in front of a line.
func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

var (
	hasValue   = regexp.MustCompile(`^ *[a-z_]+:\s+[^\s#]`)
	namedValue = regexp.MustCompile(`^(- )?[a-z_]+:\s+(["'])`)
	bareName   = regexp.MustCompile(`^(- )?[\pL\d_-]+(\s*[:=：]?\s*\S.*)?$`)
)

// slipOfQuotes says what is wrong with a value in quotation marks: it lacks the
// second one, or goes on after it.
func slipOfQuotes(words string) (message, remedy string) {
	m := namedValue.FindStringSubmatchIndex(words)
	if m == nil {
		return "", ""
	}
	mark, value := words[m[4]:m[5]], words[m[5]:]
	value = strings.NewReplacer(`\"`, "", `''`, "").Replace(value)
	_, rest, closed := strings.Cut(value, mark)
	rest = strings.TrimSpace(rest)
	switch {
	case !closed:
		return "a quotation mark is opened in this line and not closed", "close it with the same mark"
	case rest != "" && rest[0] != '#':
		return "the value of this line goes on after its second quotation mark", `put the whole value between two ", or write an apostrophe between two ' twice`
	}
	return "", ""
}

// slipOfLine says what is wrong with a line that is neither an option nor an
// entry of a list.
func slipOfLine(words string) (message, remedy string) {
	option := strings.TrimPrefix(words, "- ")
	if comment := strings.Index(option, " #"); comment >= 0 {
		option = strings.TrimSpace(option[:comment])
	}
	switch first := []rune(words)[0]; {
	case strings.HasPrefix(words, "<<<<<<<"), strings.HasPrefix(words, "======="), strings.HasPrefix(words, ">>>>>>>"):
		return "two versions of the file were not merged here", "keep the one or the other, and delete this mark"
	case strings.ContainsRune("–—−•·●‣", first):
		return "an entry of a list begins with a hyphen, and this is another character", "write - and a blank instead of " + string(first)
	case strings.ContainsRune("\u00a0\u2007\u202f\u200b\ufeff", first):
		return specialSpace, retype
	}
	name, value, colon := strings.Cut(option, ":")
	switch {
	case strings.HasPrefix(value, "\u00a0"), strings.HasPrefix(value, "\u202f"):
		return "there is a special space behind the colon", retype
	case colon && (value == "" || value[0] == ' '), !bareName.MatchString(option):
		return "", ""
	case !colon && strings.ContainsAny(name, ",[]{}"): // within a list over several lines
		return "", ""
	}
	return "the colon and the blank behind an option's name are missing in this line", "write option: value, with a blank after the colon"
}

// unevenLine is the line that is indented differently where YAML stopped in line
// n: the one above it if n is indented like the one above that.
func unevenLine(raw []byte, n int) int {
	lines := strings.Split(string(raw), "\n")
	one := above(lines, n)
	two := above(lines, one)
	if two > 0 && n <= len(lines) && indent(lines[one-1]) < indent(lines[n-1]) && indent(lines[two-1]) == indent(lines[n-1]) {
		return one
	}
	return n
}

// belowValue says whether line n is indented more than the option above it, which
// has its value already.
func belowValue(raw []byte, n int) bool {
	lines := strings.Split(string(raw), "\n")
	one := above(lines, n)
	return one > 0 && n <= len(lines) && indent(lines[n-1]) > indent(lines[one-1]) && hasValue.MatchString(lines[one-1])
}

// What is said of several slips.
const (
	uneven       = "this line is indented differently from the lines it belongs with"
	alike        = "give the options of one group the same number of blanks"
	specialSpace = "there is a special space in front of or within an option's name"
	retype       = "delete the blanks of this line and type them again"
)
