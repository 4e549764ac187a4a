package parse

import "strings"

// notification reads what a sending service reports as JSON in the text of a
// mail (Amazon SES by SNS): one object, often wrapped at a column, often quoted
// inside another one. Only the few words that matter are looked for.
func (r *reader) notification() []ReportRecipient {
	m := r.message
	text := strings.TrimSpace(head(m.Plain, longestProse))
	if !strings.HasPrefix(text, "{") {
		return nil
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\`, ""), "\n", "")
	kind := jsonValue(text, "notificationType")
	if kind == "" {
		kind = jsonValue(text, "eventType")
	}
	action := ""
	switch kind {
	case "Bounce":
		action = "failed"
	case "Delivery":
		action = "delivered"
	case "DeliveryDelay":
		action = "delayed"
	case "Complaint":
		m.Kind = "feedback"
		return nil
	default:
		return nil
	}
	m.Kind = "report"
	if m.Enclosed == nil {
		if id := jsonHeader(text, "Message-ID"); id != "" {
			m.Enclosed = Header{{Name: "Message-ID", Value: id}}
		}
	}
	list := bouncedRecipients(text, action)
	if len(list) > 0 {
		return list
	}
	for _, name := range [...]string{"recipients", "destination"} {
		if i := strings.Index(text, `"`+name+`":[`); i >= 0 {
			value, _, _ := strings.Cut(text[i+len(name)+4:], "]")
			found, _ := addresses(strings.ReplaceAll(value, `"`, ""), 50)
			for _, a := range found {
				list = append(list, ReportRecipient{Address: strings.ToLower(a.Email), Action: action})
			}
			break
		}
	}
	return list
}

// bouncedRecipients are the objects that name an address of their own.
func bouncedRecipients(text, action string) []ReportRecipient {
	var list []ReportRecipient
	soft := strings.EqualFold(jsonValue(text, "bounceType"), "Transient")
	for rest := text; len(list) < 50; {
		i := strings.Index(rest, `"emailAddress"`)
		if i < 0 {
			break
		}
		one := rest[i:]
		rest = one[len(`"emailAddress"`):]
		if end := strings.Index(rest, `"emailAddress"`); end >= 0 {
			one = one[:end]
		}
		e := ReportRecipient{Address: recipient(jsonValue(one, "emailAddress")), Action: firstWord(jsonValue(one, "action")), Status: status(jsonValue(one, "status")), Diagnostic: diagnostic(jsonValue(one, "diagnosticCode"))}
		if e.Action == "" {
			e.Action = action
		}
		if e.Status == "" && soft {
			e.Status = "4.0.0"
		}
		list = append(list, e)
	}
	return list
}

// jsonValue is the string value of the first member of that name.
func jsonValue(text, name string) string {
	_, after, ok := strings.Cut(text, `"`+name+`"`)
	if !ok {
		return ""
	}
	after = strings.TrimLeft(after, " ")
	if !strings.HasPrefix(after, ":") {
		return ""
	}
	after = strings.TrimLeft(after[1:], " ")
	if !strings.HasPrefix(after, `"`) {
		return ""
	}
	value, _, _ := strings.Cut(head(after[1:], 2000), `"`)
	return value
}

// jsonHeader is the value of a header field of the returned message.
func jsonHeader(text, name string) string {
	i := strings.Index(strings.ToLower(text), `"name":"`+strings.ToLower(name)+`"`)
	if i < 0 || i >= len(text) {
		return ""
	}
	return jsonValue(text[i:], "value")
}
