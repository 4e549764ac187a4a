package trim

import (
	"strings"
	"unicode/utf8"
)

// device says whether a line is what a phone or a program adds by itself.
func device(s string) bool {
	if len(s) > 200 || strings.HasSuffix(s, "?") {
		return false
	}
	linked := strings.Contains(s, "<http") || strings.Contains(s, "(http")
	s = strings.ToLower(strings.TrimLeft(unlinked(s), "<([*_~-–—> "))
	s = strings.TrimRight(s, ">)]*_~. ")
	if strings.HasPrefix(s, "sent from ") && linked && strings.Count(s, " ") <= 6 {
		return true
	}
	if fetches(s) {
		return true
	}
	for _, p := range []string{"sent from my ", "sent from outlook", "sent from mail", "sent from yahoo", "sent from windows mail", "sent from samsung", "sent from proton", "sent from a phone", "sent from a mobile", "sent from mobile", "sent from [mail]", "sent from aol", "sent from gmail",
		"sent via mobile", "sent with airmail", "sent with proton", "sent with sparrow", "sent by galaxy", "get outlook for", "get [outlook", "get bluemail", "sent with mailspring", "sent from mailspring", "sent with spark", "sent with canary", "sent from front", "sent from surface", "sent via bt email", "sent via virgin", "von outlook", "verzonden vanuit ", "đã gửi từ ", "gửi từ ", "στάλθηκε από ", "poslano s ", "poslané z ", "enviat des d", "saadetud minu", "išsiųsta iš", "from my iphone", "from my ipad", "sent using ",
		"von meinem iphone gesendet", "von meinem ipad gesendet", "von meinem mobil", "von meinem handy", "von meinem smartphone", "von meinem samsung", "gesendet von meinem", "gesendet von mail", "gesendet von outlook", "gesendet mit der", "gesendet mit ", "gesendet von yahoo", "gesendet von mobile", "diese nachricht wurde von meinem", "diese e-mail wurde von meinem", "holen sie sich outlook", "outlook für ",
		"envoyé de mon", "envoyé depuis", "envoyé à partir d", "envoyé via ", "envoyé avec ", "obtenir outlook", "téléchargez outlook", "télécharger outlook", "provenance : courrier",
		"enviado desde mi", "enviado desde ", "enviado con ", "obtener outlook", "inviato da iphone", "inviato da ipad", "inviato dal mio", "inviato da ", "scarica outlook", "ottieni outlook",
		"verzonden met ", "verzonden vanaf ", "verzonden via ", "verstuurd vanaf ", "verstuurd met ", "verstuurd via ", "outlook voor ", "download outlook",
		"enviado do meu", "enviado de meu", "enviado a partir d", "enviado pelo ", "enviado do ", "obter o outlook", "obtenha o outlook", "wysłane z ", "wysłano z ", "pobierz outlook", "skickat från ", "skickat med ", "skaffa outlook", "hämta outlook",
		"sendt fra min", "sendt fra ", "hent outlook", "lähetetty ", "hanki outlook", "odesláno z", "získat outlook", "отправлено с ", "отправлено из ", "послано с ", "надіслано з ", "відправлено з ",
		"发自我的", "發自我的", "发自", "從我的", "从我的", "傳送自", "寄自", "נשלח מה", "נשלח מ", "أرسلت من", "أُرسلت من", "مرسل من", "تم الإرسال من", "στάλθηκε από", "trimis de pe", "küldve "} {
		if s != "" && s[0] == p[0] && strings.HasPrefix(s, p) && known(s, p) {
			return true
		}
	}
	for _, p := range []string{" gesendet", "から送信", "から送信されました", "에서 보냄", "에서 전송", "ile gönderildi", "umdan gönderildi", "imden gönderildi", "den gönderildi", " küldve", "傳送", "发送", "發送"} {
		if strings.HasSuffix(s, p) && utf8.RuneCountInString(s) < 60 && (strings.Contains(s, "phone") || strings.Contains(s, "pad") || strings.Contains(s, "android") || strings.Contains(s, "mail") || strings.Contains(s, "mobil") || strings.Contains(s, "galaxy")) {
			return true
		}
	}
	return false
}

// fetches says whether a line is Outlook's advertisement for itself, in any
// language: its name, that of a system, and the words for getting it.
func fetches(s string) bool {
	if !strings.Contains(s, "outlook") || len(s) > 80 {
		return false
	}
	system := false
	for w := range strings.FieldsSeq(strings.NewReplacer("'", " ", "’", " ", "iosで", "ios", "ios용", "ios", "android용", "android").Replace(s)) {
		switch w {
		case "ios", "android", "mac", "windows":
			system = true
		case "outlook", "get", "for", "the", "app", "to", "download", "holen", "sie", "sich", "für", "beziehen", "herunterladen", "laden", "von", "gesendet", "obtenir", "télécharger", "téléchargez", "pour", "obtener", "obtén", "obtenga", "descargar", "descarga", "para", "scarica", "ottieni", "per", "downloaden", "voor", "ophalen",
			"obter", "obtenha", "o", "pobierz", "program", "aplikację", "dla", "systemu", "na", "skaffa", "hämta", "för", "hent", "til", "få", "hanki", "lataa", "získat", "získať", "pro", "pre", "stáhnout", "получить", "скачать", "для", "отримати", "завантажити", "için", "u", "edinin", "indirin", "λήψη", "του", "για", "letöltése", "beszerzése", "a", "az", "obțineți", "pentru", "tải", "về", "cho", "tải xuống", "dành",
			"下载", "获取", "取得", "下載", "を入手", "を取得", "다운로드", "받기", "가져오기", "الحصول", "على", "ل", "لـ", "תוריד", "קבל", "את", "עבור":
		default:
			return false
		}
	}
	return system
}

// unlinked is a line without the targets of its links, as programs print them
// in text: "Outlook<https://…>", "[Proton Mail](https://…)".
func unlinked(s string) string {
	for _, pair := range [...]string{"](http >)", "<http >", "(http )"} {
		open, ends, _ := strings.Cut(pair, " ")
		i := strings.Index(s, open)
		if i < 0 {
			continue
		}
		j := strings.IndexAny(s[i+1:], ends)
		if j < 0 {
			continue
		}
		s = strings.Replace(s[:i], "[", "", 1) + s[i+1+j+1:]
	}
	return s
}

// known guards the openings that could begin a person's sentence.
func known(s, opening string) bool {
	switch opening {
	case "enviado desde ", "enviado con ", "enviado do ", "enviado pelo ", "sendt fra ", "lähetetty ", "küldve ", "verzonden met ", "verzonden via ", "verstuurd met ", "verstuurd via ", "gesendet mit ", "inviato da ", "wysłane z ", "wysłano z ",
		"skickat från ", "skickat med ", "sent using ", "sent from mail", "отправлено с ", "отправлено из ", "envoyé via ", "envoyé avec ", "envoyé depuis", "outlook für ", "outlook voor ", "download outlook", "verzonden vanaf ", "verstuurd vanaf ", "发自", "寄自", "נשלח מ", "послано с ":
		longest, blanks := 70, 9
		if strings.Contains(s, "mail") || strings.Contains(s, "android") { // a program that names itself may say more
			longest, blanks = 120, 14
		}
		return utf8.RuneCountInString(s) <= longest && !strings.HasSuffix(s, "?") && strings.Count(s, " ") <= blanks
	}
	return true
}
