package trim_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"askfirst/mailbox/trim"
)

// attributed are the lines that mail programs put above what they quote, by
// language: the web and the phone of Gmail, Apple Mail, Thunderbird, others.
// @ stands for a name with its address.
func attributed() map[string][]string {
	return map[string][]string{
		"en": {"On Fri, 20 Nov 2026 at 07:30, @ wrote:", "On Fri, Nov 20, 2026 at 7:30 AM @ wrote:", "On Fri, Nov 20, 2026, 7:30 AM @ wrote:", "On 20 Nov 2026, at 07:30, @ wrote:", "On Nov 20, 2026, at 7:30\u202fAM, @ wrote:", "On Friday, November 20, 2026 at 07:30:12 AM GMT, @ wrote:", "On 20.11.26 07:30, @ wrote:", "On 2026-11-20 07:30, @ wrote:", "On Friday 20 November 2026 07:30:12 CET @ wrote:", "@ wrote on 20/11/2026 07:30:"},
		"de": {"Am Fr., 20. Nov. 2026 um 07:30 Uhr schrieb @:", "@ schrieb am Fr., 20. Nov. 2026, 07:30:", "Am 20.11.2026 um 07:30 schrieb @:", "Am 20.11.26 um 07:30 schrieb @:", "Am Freitag, 20. November 2026 um 07:30:12 MEZ hat @ Folgendes geschrieben:", "Am Freitag, dem 20.11.2026 um 07:30 +0100 schrieb @:", "@ hat am 20.11.2026 07:30 CET geschrieben:", "@ schrieb am 20.11.2026 um 07:30:"},
		"fr": {"Le ven. 20 nov. 2026 à 07:30, @ a écrit :", "Le 20 nov. 2026 à 07:30, @ a écrit :", "Le 20/11/2026 à 07:30, @ a écrit :", "Le vendredi 20 novembre 2026 à 07:30:12 UTC+1, @ a écrit :", "Le vendredi 20 novembre 2026, @ a écrit :", "@ a écrit le 20/11/2026 07:30 :"},
		"es": {"El vie, 20 nov 2026 a las 7:30, @ escribió:", "El vie., 20 de nov. de 2026 7:30 a. m., @ escribió:", "El 20 nov 2026, a las 7:30, @ escribió:", "El 20/11/26 a las 7:30, @ escribió:", "El viernes, 20 de noviembre de 2026, 07:30:12 CET, @ escribió:", "@ escribió el 20/11/2026 07:30:"},
		"it": {"Il giorno ven 20 nov 2026 alle ore 07:30 @ ha scritto:", "Il ven 20 nov 2026, 07:30 @ ha scritto:", "Il giorno 20 nov 2026, alle ore 07:30, @ ha scritto:", "Il 20/11/26 07:30, @ ha scritto:", "Il venerdì 20 novembre 2026 alle ore 07:30:12 CET, @ ha scritto:"},
		"nl": {"Op vr 20 nov 2026 om 07:30 schreef @:", "Op vr 20 nov. 2026 07:30 schreef @:", "Op 20 nov. 2026, om 07:30 heeft @ het volgende geschreven:", "Op 20 nov 2026 om 07:30 heeft @ het volgende geschreven:", "Op 20-11-2026 om 07:30 schreef @:", "@ schreef op 2026-11-20 07:30:", "Op vrijdag 20 november 2026 om 07:30:12 CET schreef @:"},
		"pt": {"Em sex., 20 de nov. de 2026 às 07:30, @ escreveu:", "@ escreveu (sexta, 20/11/2026 à(s) 07:30):", "Em 20 de nov. de 2026, à(s) 07:30, @ escreveu:", "No dia 20/11/2026, às 07:30, @ escreveu:", "Em 20/11/2026 07:30, @ escreveu:", "Às 07:30 de 20/11/2026, @ escreveu:", "Em sexta-feira, 20 de novembro de 2026 às 07:30:12 BRT, @ escreveu:"},
		"pl": {"pt., 20 lis 2026 o 07:30 @ napisał(a):", "Wiadomość napisana przez @ w dniu 20 lis 2026, o godz. 07:30:", "W dniu 20.11.2026 o 07:30, @ pisze:", "Dnia 20 listopada 2026 07:30 @ napisał(a):", "W dniu pt., 20.11.2026 o 07:30 @ napisał(a):"},
		"sv": {"Den fre 20 nov. 2026 kl 07:30 skrev @:", "20 nov. 2026 kl. 07:30 skrev @:", "Den 2026-11-20 kl. 07:30, skrev @:", "Den fredag 20 november 2026 07:30:12 CET skrev @:"},
		"da": {"Den fre. 20. nov. 2026 kl. 07.30 skrev @:", "Den 20. nov. 2026 kl. 07.30 skrev @:", "fre. 20. nov. 2026 07.30 skrev @:", "Den 20.11.2026 kl. 07.30, skrev @:"},
		"no": {"fre. 20. nov. 2026 kl. 07:30 skrev @:", "20. nov. 2026 kl. 07:30 skrev @:", "Den 20.11.2026 07:30, skrev @:", "fredag 20. november 2026 kl. 07:30:12 CET skrev @ følgende:"},
		"fi": {"pe 20. marrask. 2026 klo 7.30 @ kirjoitti:", "@ kirjoitti 20.11.2026 kello 7.30:", "@ kirjoitti 20.11.2026 klo 7.30:", "perjantai 20. marraskuuta 2026 klo 07.30.12 UTC+2 @ kirjoitti:"},
		"cs": {"pá 20. 11. 2026 v 7:30 odesílatel @ napsal:", "Dne 20. 11. 2026 v 7:30, @ napsal(a):", "20. 11. 2026 v 7:30, @:", "Dne 20. 11. 26 v 7:30 @ napsal(a):", "Dne pátek 20. listopadu 2026 7:30:12, @ napsal(a):"},
		"sk": {"pi 20. 11. 2026 o 7:30 @ napísal(a):", "Dňa 20. 11. 2026 o 7:30 @ napísal(a):"},
		"ru": {"пт, 20 нояб. 2026 г. в 07:30, @:", "20 нояб. 2026 г., в 07:30, @ написал(а):", "20.11.2026 07:30, @ пишет:", "Пятница, 20 ноября 2026, 7:30 +03:00 от @:", "20.11.2026, 07:30, \"@\":", "В Пт, 20/11/2026 в 07:30 +0300, @ пишет:"},
		"uk": {"пт, 20 лист. 2026 р. о 07:30 @ пише:", "20 лист. 2026 р. о 07:30 @ написав(-ла):", "20.11.26 07:30, @ пише:"},
		"tr": {"@, 20 Kas 2026 Cum, 07:30 tarihinde şunu yazdı:", "@ şunları yazdı (20 Kas 2026 07:30):", "20.11.2026 07:30 tarihinde @ yazdı:", "20 Kasım 2026 Cuma 07:30:12 GMT+3 tarihinde, @ şunu yazdı:"},
		"el": {"Στις Παρ 20 Νοε 2026 στις 7:30 π.μ., ο χρήστης @ έγραψε:", "Στις 20 Νοε 2026, στις 07:30, ο/η @ έγραψε:", "Στις 20/11/26 07:30, ο/η @ έγραψε:"},
		"hu": {"@ ezt írta (időpont: 2026. nov. 20., P, 7:30):", "2026. 11. 20. dátummal, 7:30 időpontban @ írta:", "2026. 11. 20. 7:30 keltezéssel, @ írta:", "@ írta (2026. nov. 20., 7:30):"},
		"ro": {"În vin., 20 nov. 2026 la 07:30, @ a scris:", "Pe 20 nov. 2026, la 07:30, @ a scris:"},
		"vi": {"Vào Th 6, 20 thg 11, 2026 vào lúc 07:30 @ đã viết:", "Vào 20 thg 11, 2026, vào lúc 07:30, @ đã viết:", "Vào lúc 07:30, ngày 20/11/2026, @ viết:"},
		"zh": {"@ 于2026年11月20日周五 07:30写道：", "@ 於 2026年11月20日 週五 上午7:30寫道：", "在 2026年11月20日，07:30，@ 写道：", "在 2026/11/20 07:30, @ 写道:", "@ 於 2026/11/20 07:30 寫道:"},
		"ja": {"2026年11月20日(金) 7:30 @:", "2026/11/20 7:30、@のメール:", "On 2026/11/20 7:30, @ wrote:", "2026年11月20日金曜日 7:30:12 JST、@ さんは書きました:"},
		"ko": {"2026년 11월 20일 (금) 오전 7:30, @님이 작성:", "2026. 11. 20. 오전 7:30, @ 작성:", "2026-11-20 오전 7:30에 @ 이(가) 쓴 글:"},
		"ar": {"في الجمعة، ٢٠ نوفمبر ٢٠٢٦ في ٧:٣٠ ص تمت كتابة ما يلي بواسطة @:", "في ٢٠ نوفمبر ٢٠٢٦، الساعة ٧:٣٠، كتب @:", "في 20/11/2026 07:30، كتب @:", "بتاريخ 20/11/2026 07:30، كتب @:"},
		"he": {"\u202bבתאריך יום ו׳, 20 בנוב׳ 2026 ב-7:30 מאת @:\u202c", "ב-20 בנוב׳ 2026, בשעה 7:30, \u200f@ כתב/ה:", "בתאריך 20/11/2026 07:30, @ כתב:"},
	}
}

// wrappedAt breaks a line into n lines at its blanks.
func wrappedAt(s string, n int) string {
	words := strings.Split(s, " ")
	if len(words) < n {
		return s
	}
	var out []string
	for k := range n {
		out = append(out, strings.Join(words[k*len(words)/n:(k+1)*len(words)/n], " "))
	}
	return strings.Join(out, "\n")
}

func TestAttributionsOfEveryLanguage(t *testing.T) {
	names := []string{"Help <help@x.example>", `"Weber, Anna (Physics)" <anna@x.example>`, "Seán O’Neill <help@x.example>", "Help (<help@x.example>)", "help@x.example", "Anna-Lena Weber", "\u202aHelp\u202c <help@x.example>"}
	const quoted = "Some words of theirs.\nAnd more of them, for example these."
	tried, wrong := 0, map[string]int{}
	for language, list := range attributed() {
		for _, a := range list {
			for i, name := range names {
				line := strings.Replace(a, "@", name, 1)
				for form, head := range map[string]string{"one line": line, "two lines": wrappedAt(line, 2), "three": wrappedAt(line, 3), "four": wrappedAt(line, 4), "fixed blanks": strings.ReplaceAll(line, " ", "\u00a0"), "marked": "> " + strings.ReplaceAll(line, "\n", "\n> ")} {
					for mark, body := range map[string]string{">": prefixed("> ", quoted), "": quoted} {
						if mark == "" && (i == 5 || form == "marked") {
							continue // neither an address nor a mark
						}
						if strings.HasPrefix(form, "t") || form == "four" { // no program breaks lines as short as this
							short := false
							for l := range strings.SplitSeq(head, "\n") {
								short = short || utf8.RuneCountInString(l) < 14
							}
							if short {
								continue
							}
						}
						tried++
						got := trim.Trim(trim.Input{Plain: "Yes, I can.\n\n" + head + "\n\n" + body})
						if got.Text != "Yes, I can." {
							wrong[language]++
							if wrong[language] < 6 {
								t.Errorf("%s, %s, mark %q: %s\n got %q", language, form, mark, head, got.Text)
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d tried, wrong: %v", tried, wrong)
}

// The header blocks of Outlook and others, by language: from, sent, to, subject.
func TestHeaderBlocksOfEveryLanguage(t *testing.T) {
	wrong := map[string]int{}
	for language, f := range map[string][4]string{
		"en": {"From", "Sent", "To", "Subject"}, "en date": {"From", "Date", "To", "Subject"}, "de": {"Von", "Gesendet", "An", "Betreff"}, "de datum": {"Von", "Datum", "An", "Betreff"},
		"fr": {"De", "Envoyé", "À", "Objet"}, "fr date": {"De", "Date", "À", "Objet"}, "es": {"De", "Enviado", "Para", "Asunto"}, "es fecha": {"De", "Fecha", "Para", "Asunto"}, "es el": {"De", "Enviado el", "Para", "Asunto"},
		"it": {"Da", "Inviato", "A", "Oggetto"}, "it data": {"Da", "Data", "A", "Oggetto"}, "nl": {"Van", "Verzonden", "Aan", "Onderwerp"}, "nl datum": {"Van", "Datum", "Aan", "Onderwerp"},
		"pt": {"De", "Enviado", "Para", "Assunto"}, "br": {"De", "Enviada em", "Para", "Assunto"}, "pl": {"Od", "Wysłane", "Do", "Temat"}, "pl o": {"Od", "Wysłano", "Do", "Temat"}, "pl data": {"Od", "Data", "Do", "Temat"},
		"sv": {"Från", "Skickat", "Till", "Ämne"}, "sv datum": {"Från", "Datum", "Till", "Ämne"}, "da": {"Fra", "Sendt", "Til", "Emne"}, "da dato": {"Fra", "Dato", "Til", "Emne"}, "fi": {"Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"}, "fi päiväys": {"Lähettäjä", "Päiväys", "Vastaanottaja", "Aihe"},
		"cs": {"Od", "Odesláno", "Komu", "Předmět"}, "cs datum": {"Od", "Datum", "Komu", "Předmět"}, "sk": {"Od", "Odoslané", "Komu", "Predmet"}, "ru": {"От", "Отправлено", "Кому", "Тема"}, "ru дата": {"От", "Дата", "Кому", "Тема"}, "uk": {"Від", "Надіслано", "Кому", "Тема"},
		"tr": {"Kimden", "Gönderildi", "Kime", "Konu"}, "tr gönderen": {"Gönderen", "Gönderme Tarihi", "Alıcı", "Konu"}, "el": {"Από", "Στάλθηκε", "Προς", "Θέμα"}, "el ημ": {"Από", "Ημερομηνία", "Προς", "Θέμα"}, "hu": {"Feladó", "Elküldve", "Címzett", "Tárgy"}, "hu küldve": {"Feladó", "Küldve", "Címzett", "Tárgy"},
		"ro": {"De la", "Trimis", "Către", "Subiect"}, "vi": {"Từ", "Đã gửi", "Đến", "Chủ đề"}, "vi ngày": {"Từ", "Ngày", "Tới", "Chủ đề"}, "zh": {"发件人", "发送时间", "收件人", "主题"}, "zh 日期": {"发件人", "日期", "收件人", "主题"}, "tw": {"寄件者", "寄件日期", "收件者", "主旨"}, "tw apple": {"寄件人", "日期", "收件人", "主旨"},
		"ja": {"差出人", "送信日時", "宛先", "件名"}, "ja apple": {"差出人", "日付", "宛先", "件名"}, "ko": {"보낸 사람", "보낸 날짜", "받는 사람", "제목"}, "ko apple": {"보낸 사람", "날짜", "받는 사람", "제목"}, "ar": {"من", "تم الإرسال", "إلى", "الموضوع"}, "ar تاريخ": {"من", "التاريخ", "إلى", "الموضوع"}, "he": {"מאת", "נשלח", "אל", "נושא"}, "he תאריך": {"מאת", "תאריך", "אל", "נושא"},
		"hr": {"Od", "Poslano", "Prima", "Predmet"}, "sl": {"Od", "Poslano", "Za", "Zadeva"}, "bg": {"От", "Изпратено", "До", "Относно"}, "ca": {"De", "Enviat", "Per a", "Assumpte"}, "et": {"Saatja", "Saadetud", "Adressaat", "Teema"},
	} {
		for name, sender := range map[string]string{"address": "Help <help@x.example>", "name": "Help", "mailto": "Help [mailto:help@x.example]", "comma": "Weber, Anna"} {
			for form, colon := range map[string]string{"plain": ": ", "french": "\u00a0: ", "stars": ":* ", "wide": "：", "tab": ":\t"} {
				star := ""
				if form == "stars" {
					star = "*"
				}
				block := star + f[0] + colon + sender + "\n" + star + f[1] + colon + "20.11.2026 07:30\n" + star + f[2] + colon + "Mark Evans <mark@x.example>; Ben Okafor\n" + star + f[3] + colon + "2 asks (Fri 20 Nov)\n"
				lines := strings.SplitAfter(block, "\n")
				for order, b := range map[string]string{"outlook": block, "apple": lines[0] + lines[3] + lines[1] + lines[2], "subject first": lines[3] + lines[0] + lines[2] + lines[1], "spaced": strings.ReplaceAll(block, "\n", "\n\n")} {
					got := trim.Trim(trim.Input{Plain: "Yes, I can.\n\n" + b + "\nSome words of theirs.\nAnd more of them.\n"})
					if got.Text != "Yes, I can." {
						if wrong[language]++; wrong[language] < 2 {
							t.Errorf("%s, %s, %s, %s:\n%s got %q", language, name, form, order, b, got.Text)
						}
					}
				}
			}
		}
	}
	t.Logf("wrong: %v", wrong)
}

// What a phone or a program adds by itself, in the languages of staff.
func TestDevices(t *testing.T) {
	for _, s := range []string{
		"Sent from my iPhone", "Sent from my iPad", "Sent from my Galaxy", "Sent from my Samsung Galaxy smartphone.", "Sent from Outlook for Android", "Sent from Mail for Windows", "Sent from Yahoo Mail on Android", "Sent from Yahoo Mail for iPhone", "Get Outlook for iOS", "Get Outlook for Android<https://aka.ms/AAb9ysg>", "Sent via BT Email App", "Sent from my Huawei phone", "Sent from my mobile", "Sent from Proton Mail for iOS", "Sent from Front", "Get Outlook for Mac", "Sent from Surface", "Sent with Spark", "Sent from my Pixel 9",
		"Von meinem iPhone gesendet", "Von meinem iPad gesendet", "Gesendet von meinem iPhone", "Von meinem Samsung Galaxy Smartphone gesendet.", "Gesendet von Mail für Windows", "Von Outlook für iOS gesendet", "Holen Sie sich Outlook für Android", "Outlook für iOS beziehen", "Gesendet mit der GMX iPhone App", "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.", "Gesendet mit der Telekom Mail App", "Gesendet von Yahoo Mail auf Android", "Gesendet mit der mobilen Mail App", "Von meinem Huawei-Mobiltelefon gesendet", "Von meinem/meiner Galaxy gesendet", "Outlook für Android herunterladen",
		"Envoyé de mon iPhone", "Envoyé depuis mon iPad", "Envoyé depuis mon mobile", "Envoyé à partir de Outlook pour Android", "Obtenir Outlook pour iOS", "Téléchargez Outlook pour Android", "Envoyé à partir de Courrier pour Windows", "Envoyé depuis l'application Mail Orange", "Envoyé de mon appareil Galaxy", "Télécharger Outlook pour iOS",
		"Enviado desde mi iPhone", "Enviado desde mi iPad", "Enviado desde mi Galaxy", "Enviado desde Outlook para Android", "Obtener Outlook para iOS", "Enviado desde Correo para Windows", "Enviado desde Yahoo Mail para iPhone", "Obtén Outlook para Android",
		"Verstuurd vanaf mijn iPhone", "Verzonden vanaf mijn Galaxy", "Verzonden vanuit Mail voor Windows", "Outlook voor iOS downloaden", "Download Outlook voor Android", "Outlook voor Android downloaden", "Verzonden met Outlook voor iOS", "Verstuurd vanaf Outlook voor iOS",
		"Inviato da iPhone", "Inviato dal mio iPad", "Scarica Outlook per iOS", "Ottieni Outlook per Android", "Inviato da Posta per Windows", "Inviato dal mio Galaxy",
		"Enviado do meu iPhone", "Enviado a partir do Outlook para Android", "Obter o Outlook para iOS", "Enviado do meu Galaxy", "Obtenha o Outlook para Android",
		"Wysłane z iPhone'a", "Wysłano z mojego iPada", "Pobierz Outlook dla systemu iOS", "Wysłane z mojego Galaxy", "Skickat från min iPhone", "Hämta Outlook för iOS", "Sendt fra min iPhone", "Hent Outlook til iOS", "Få Outlook for iOS", "Lähetetty iPhonesta", "Hanki Outlook for iOS", "Odesláno z iPhonu", "Získat Outlook pro iOS", "Отправлено с iPhone", "Отправлено из мобильной Почты Mail", "Получить Outlook для iOS", "Скачать Outlook для iOS", "Надіслано з iPhone", "iPhone'umdan gönderildi", "iOS için Outlook'u edinin", "Στάλθηκε από το iPhone μου", "Λήψη του Outlook για iOS", "Az iPhone készülékemről küldve", "Trimis de pe iPhone-ul meu", "Đã gửi từ iPhone của tôi", "Gửi từ iPhone của tôi", "发自我的iPhone", "從我的 iPhone 傳送", "下载 Outlook for iOS", "获取 Outlook for iOS", "iPhoneから送信", "Outlook for iOS を入手", "나의 iPhone에서 보냄", "iOS용 Outlook 다운로드", "נשלח מה-iPhone שלי", "أرسلت من الـ iPhone", "أُرسلت من iPhone", "الحصول على Outlook لـ iOS",
	} {
		got := trim.Trim(trim.Input{Plain: "Yes, I can.\n\n" + s + "\n"})
		if got.Text != "Yes, I can." {
			t.Errorf("%s: got %q", s, got.Text)
		}
	}
}
