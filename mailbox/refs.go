package mailbox

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"askfirst/mailbox/parse"
	"askfirst/mailbox/words"
	"askfirst/store"
)

// RefsOf is what the book must look up before a message can be understood. help
// is the exchange's address.
func RefsOf(m *parse.Message, help string) store.Refs {
	from, _ := sender(m)
	text := textOf(m)
	refs := store.Refs{From: from, MessageID: m.MessageID, Answers: answers(m), Numbers: numbersOf(m.Subject, text)}
	refs.Quotes = quotes(m, text, help)
	refs.Tokens = tokensOf(m)
	fresh := unquoted(head(text, readable))
	refs.Names = append(namesOf(words.Standard(), m.Subject, fresh), heldNames(m.Subject, fresh)...)
	refs.Codes = codesIn(m.Subject)
	if m.Report != nil {
		refs.Returned = m.Report.MessageID
	}
	if refs.Returned == "" && (m.Report != nil || m.Kind != "") {
		refs.Returned = strings.TrimSpace(m.Enclosed.Get("Message-ID"))
	}
	if from != "" && !ours(from, help) {
		refs.Dup = duplicateKey(m, text, from)
	}
	return refs
}

// textOf is as much of a message's text as is looked at.
func textOf(m *parse.Message) string {
	if strings.TrimSpace(m.Plain) != "" {
		return head(m.Plain, longestPlain)
	}
	return parse.Text(head(m.HTML, longestHTML))
}

// quotes says whether the message may hold words of ours: it answers something,
// it marks a quote, or it names our address as every letter of ours does.
func quotes(m *parse.Message, text, help string) bool {
	if len(m.InReplyTo)+len(m.References) > 0 {
		return true
	}
	if _, reply, forward := parse.BaseSubject(m.Subject); reply || forward {
		return true
	}
	return strings.Contains(text, "\n>") || strings.HasPrefix(text, ">") || help != "" && strings.Contains(strings.ToLower(text), help)
}

// answers is the Message-IDs the message answers, nearest first.
func answers(m *parse.Message) []string {
	var ids []string
	add := func(id string) {
		if id != "" && !slices.Contains(ids, id) && len(ids) < 50 {
			ids = append(ids, id)
		}
	}
	for _, id := range m.InReplyTo {
		add(id)
	}
	for _, id := range slices.Backward(m.References) {
		add(id)
	}
	return ids
}

// duplicateKey tells two deliveries of one mail from two mails: the sender is
// part of it, or anybody could suppress a colleague's mail by using its
// Message-ID first.
func duplicateKey(m *parse.Message, text, from string) string {
	h := sha256.New()
	b := bufio.NewWriter(h)
	write := func(s string) {
		blank := ""
		for field := range strings.FieldsSeq(s) {
			b.WriteString(blank)
			b.WriteString(field)
			blank = " "
		}
		b.WriteByte(0)
	}
	write(store.BareAddress(from))
	write(m.MessageID)
	if m.MessageID == "" {
		// Without an id only the moment tells "17" today from "17" next week.
		write(m.Header.Get("Date"))
		write(m.Subject)
	}
	write(text)
	b.Flush()
	return hex.EncodeToString(h.Sum(nil))
}

// unquoted is a text without the lines that mark a quote.
func unquoted(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), ">") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// numbersOf is every number in subject and text that could be an ask's, those
// outside "> " quotes first.
func numbersOf(subject, text string) []int64 {
	const most = 50
	var fresh, quoted strings.Builder
	for line := range strings.Lines(head(text, readable)) {
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			quoted.WriteString(line)
		} else {
			fresh.WriteString(line)
		}
	}
	var numbers []int64
	for _, text := range []string{subject, fresh.String(), quoted.String()} {
		for _, t := range words.Tokens(text) {
			for field := range strings.FieldsFuncSeq(t.Fold, func(r rune) bool { return r < '0' || r > '9' }) {
				n, ok := askNumber(field)
				if ok && !slices.Contains(numbers, n) && len(numbers) < most {
					numbers = append(numbers, n)
				}
			}
		}
	}
	return numbers
}

// askNumber reads digits as the number of an ask: 1 to 9,999,999.
func askNumber(digits string) (int64, bool) {
	if digits == "" || len(digits) > 7 || digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && n > 0
}

// readable is how many bytes of a text are searched for meaning. People's mails
// are shorter; what lies beyond is kept but does not act.
const readable = 40 << 10

// head is the first n bytes of s, not splitting a character.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
