package trim

import "strings"

// The fields of a header block as mail programs print it.
const (
	fieldFrom = 1 << iota
	fieldDate
	fieldTo
	fieldSubject
	fieldOther
)

// headerField says which field a name stands for, in the languages of Outlook,
// Apple Mail, Thunderbird and Gmail.
func headerField(name string) int {
	switch name {
	case "from", "von", "de", "da", "van", "fra", "från", "od", "lähettäjä", "от", "від", "kimden", "gönderen", "发件人", "寄件者", "寄件人", "發件人",
		"差出人", "送信者", "보낸 사람", "보낸사람", "מאת", "من", "feladó", "από", "expéditeur", "absender", "remitente", "mittente", "afzender", "avsändare", "nadawca", "odesílatel", "отправитель", "відправник", "de la", "od koho", "từ", "saatja", "siuntėjas", "sūtītājs", "no", "nuo", "odosielateľ", "feladó neve", "pošiljatelj", "φορέας":
		return fieldFrom
	case "sent", "date", "gesendet", "datum", "envoyé", "envoyé le", "date d'envoi", "enviado", "enviado el", "enviada", "enviada em", "enviado em", "fecha", "data", "inviato", "inviata",
		"verzonden", "verzonden op", "sendt", "dato", "skickat", "skickades", "wysłano", "odesláno", "posláno", "lähetetty", "päivämäärä", "päiväys", "отправлено", "дата", "надіслано", "відправлено",
		"gönderildi", "tarih", "gönderme tarihi", "发送时间", "日期", "寄件日期", "傳送日期", "送信日時", "日付", "日時", "보낸 날짜", "날짜", "נשלח", "תאריך", "تاريخ الإرسال", "التاريخ", "message du", "ημερομηνία", "elküldve", "dátum", "sent at", "sent on", "date sent", "datum en tijd", "enviados", "trimis", "trimise", "đã gửi", "ngày", "gửi", "poslano", "изпратено", "enviat", "saadetud", "odoslané", "wysłane", "wysłana", "στάλθηκε", "εστάλη", "küldve", "küldés ideje", "تم الإرسال", "تاريخ", "išsiųsta", "nosūtīts", "kuupäev", "сан", "送信", "보냄", "보낸 시간":
		return fieldDate
	case "to", "an", "à", "a", "para", "aan", "til", "till", "do", "komu", "vastaanottaja", "кому", "alıcı", "kime", "收件人", "收件者", "宛先", "받는 사람", "받는사람", "אל", "إلى", "προς", "címzett", "destinataire", "empfänger", "destinatario", "către", "đến", "tới", "prima", "za", "до", "per a", "adressaat", "kam", "gavėjas", "mottaker", "modtager", "mottagare", "ontvanger", "odbiorca", "příjemce", "受信者", "받는이", "a címzett":
		return fieldTo
	case "subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "emne", "ämne", "temat", "předmět", "predmet", "aihe", "тема", "konu", "主题", "主旨", "件名", "제목", "נושא", "الموضوع", "θέμα", "tárgy", "sujet", "titre", "subiect", "chủ đề", "zadeva", "относно", "assumpte", "teema", "tema", "temats", "标题", "標題", "argomento":
		return fieldSubject
	case "cc", "kopie", "kopia", "kopi", "copie à", "copie", "copia", "bcc", "cópia", "копия", "копія", "抄送", "副本", "ccn", "kopio", "reply-to", "antwort an", "antworten an", "répondre à", "responder a", "risposta", "rispondi a", "importance", "wichtigkeit", "priorität", "priority", "anlagen", "attachments", "anhänge", "pièces jointes", "organization",
		"attachment", "message-id", "newsgroups", "resent-from", "return-path", "responder para", "svar till", "参照", "參照", "vs", "bijlage", "bijlagen", "allegati", "adjuntos":
		return fieldOther
	}
	return 0
}

// splitField splits "*From:* value", "De : value", "发件人： value".
func splitField(s string) (field int, value string) {
	s = strings.TrimLeft(s, "*_> ")
	i := strings.IndexAny(s, ":：")
	if i <= 0 || i > 60 {
		return 0, ""
	}
	name := strings.ToLower(strings.TrimSpace(strings.Trim(s[:i], "* \u00a0")))
	value = strings.TrimLeft(s[i:], ":：")
	return headerField(name), strings.Trim(value, "* ")
}

// headerBlock says how many lines from i on are the header block that Outlook
// and others put above what they quote; 0 when it is none. Fields may be
// folded, and empty lines may stand between them.
func headerBlock(ls []line, i int) int {
	if i >= len(ls) {
		return 0
	}
	if f, _ := splitField(ls[i].bare); f == 0 || f == fieldOther {
		return 0
	}
	seen, fields, end, address := 0, 0, i, false
	gap, folded := 0, 0
	for j := i; j < len(ls) && j < i+30; j++ {
		if ls[j].blank() {
			if gap++; gap > 1 {
				break
			}
			continue
		}
		f, value := splitField(ls[j].bare)
		if f == 0 {
			// a folded field: long lists of recipients, subjects over two lines
			if gap > 0 || folded >= 4 || fields < 1 || !foldable(ls, j) {
				break
			}
			folded++
			continue
		}
		if f != fieldOther && seen&f != 0 {
			break
		}
		if f == fieldFrom || f == fieldTo {
			address = address || strings.Contains(value, "@")
		}
		seen |= f
		fields, end, gap, folded = fields+1, j+1, 0, 0
	}
	if !proven(seen, fields, address) {
		return 0
	}
	return end - i + foldedTail(ls, end)
}

// proven says whether the fields found make a header block rather than a
// person's list of "From: 9:00, To: 11:00, Date: Thursday".
func proven(seen, fields int, address bool) bool {
	switch {
	case fields < 2:
		return false
	case seen&fieldFrom != 0 && seen&fieldSubject != 0 && seen&(fieldDate|fieldTo) != 0:
		return true
	case address:
		return seen&(fieldFrom|fieldDate) != 0 && seen&(fieldDate|fieldTo|fieldSubject) != 0
	}
	return false
}

// foldable says whether another field follows a line without one, soon and
// without an empty line between.
func foldable(ls []line, j int) bool {
	for k := j + 1; k < len(ls) && k <= j+4; k++ {
		if ls[k].blank() {
			return false
		}
		if f, _ := splitField(ls[k].bare); f != 0 {
			return true
		}
	}
	return false
}

// foldedTail counts lines directly below a last field that was too long for its
// line, up to the empty line; text that follows without one is not touched.
func foldedTail(ls []line, from int) int {
	if ls[from-1].html || len(ls[from-1].text) < 55 {
		return 0
	}
	n := 0
	for from+n < len(ls) && n < 3 && !ls[from+n].blank() {
		n++
	}
	if from+n == len(ls) || !ls[from+n].blank() {
		return 0
	}
	return n
}

// wholeHeader says how many lines from i on are all the fields of a message (RFC
// 5322 section 2.2), as mutt prints them on top of what it forwards when nobody
// told it which to leave out; 0 when they are none. An empty line ends them.
func wholeHeader(ls []line, i int) int {
	seen, end := 0, i
	for end < len(ls) && !ls[end].blank() && end < i+200 {
		name, _, found := strings.Cut(ls[end].text, ":")
		switch {
		case end > i && (strings.HasPrefix(ls[end].text, " ") || strings.HasPrefix(ls[end].text, "\t")):
		case !found || name == "" || strings.ContainsAny(name, " \t"):
			return 0
		}
		seen |= headerField(strings.ToLower(name))
		end++
	}
	if seen&fieldFrom == 0 || seen&(fieldDate|fieldSubject) == 0 {
		return 0
	}
	return end - i
}
