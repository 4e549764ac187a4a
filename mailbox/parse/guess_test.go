package parse_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"askfirst/mailbox/parse"
)

// written is a short note as a colleague writes it, and the sets it is sent in.
type written struct {
	text string
	sets []encoding.Encoding
}

func notes() map[string]written {
	western := []encoding.Encoding{charmap.Windows1252, charmap.ISO8859_1}
	middle := []encoding.Encoding{charmap.ISO8859_2, charmap.Windows1250}
	cyrillic := []encoding.Encoding{charmap.Windows1251, charmap.KOI8R, charmap.ISO8859_5}
	return map[string]written{
		"german":      {"Schöne Grüße, ich könnte am Dienstag für die Übung aushelfen. Das heißt, falls es nötig ist.", append(western, charmap.CodePage850)},
		"french":      {"Bonjour à tous, j'ai déjà prêté le mien à une élève, mais ça devrait être réglé dès jeudi.", western},
		"spanish":     {"¿Quién podría ayudarme mañana? Necesito una cámara pequeña para el año próximo. ¡Gracias!", western},
		"portuguese":  {"Olá, não tenho a certeza, mas amanhã à tarde já estarão cá três pessoas para as lições.", western},
		"italian":     {"Ciao, così può andare: è già lì, però più tardi non c'è nessuno. Perché no?", western},
		"dutch":       {"Beste collega's, één ding: de coördinatie en het idee van België zijn geïnventariseerd.", western},
		"swedish":     {"Hej, jag behöver någon som kan hjälpa på måndag förmiddag. Går det bra är jag nöjd.", western},
		"danish":      {"Hej, jeg har brug for en på næste fredag. Kan du også låne mig nøglen til rød sal?", western},
		"icelandic":   {"Góðan dag, ég þarf að fá lánaða myndavél á föstudaginn. Þakka þér fyrir, það væri gott.", western},
		"one word":    {"Schöne Grüße", western},
		"one accent":  {"I will be at the café until four.", western},
		"quotation":   {"He said “yes” – and it’s fine.", []encoding.Encoding{charmap.Windows1252}},
		"polish":      {"Cześć, potrzebuję pomocy w środę. Kto może pożyczyć mi książkę? Dziękuję bardzo, źle się czuję.", middle},
		"polish word": {"Dziękuję, książka", middle},
		"czech":       {"Dobrý den, potřebuji někoho, kdo by mi příští týden půjčil učebnice. Děkuji, šťastnou cestu.", middle},
		"magyar":      {"Kérem, segítsen valaki hétfőn, mert szükségem van egy tűzőgépre. Előre is köszönöm a gyűjtőt.", middle},
		"croatian":    {"Trebam nekoga tko će mi sljedeći tjedan posuditi knjige, može li netko već sutra? Čuvat ću ih, riječ.", middle},
		"turkish":     {"Merhaba, yarın öğleden sonra bana yardım edebilecek biri var mı? Teşekkür ederim, iyi günler, şimdiden sağ olun.", []encoding.Encoding{charmap.ISO8859_9, charmap.Windows1254}},
		"russian":     {"Здравствуйте, мне нужна помощь в среду после обеда. Кто может одолжить микроскоп? Большое спасибо.", cyrillic},
		"short":       {"Спасибо, завтра приду", cyrillic},
		"ukrainian":   {"Доброго дня, потрібна допомога з перевіркою зошитів у четвер.", []encoding.Encoding{charmap.Windows1251, charmap.KOI8U}},
		"bulgarian":   {"Здравейте, търся някой, който може да ми помогне с учебниците утре следобед.", []encoding.Encoding{charmap.Windows1251}},
		"greek":       {"Καλημέρα, χρειάζομαι βοήθεια την Τετάρτη το απόγευμα. Ποιος μπορεί να μου δανείσει ένα μικροσκόπιο; Ευχαριστώ πολύ.", []encoding.Encoding{charmap.ISO8859_7, charmap.Windows1253}},
		"hebrew":      {"שלום לכולם, אני צריכה עזרה ביום רביעי אחר הצהריים. מי יכול להשאיל לי מיקרוסקופ? תודה רבה.", []encoding.Encoding{charmap.Windows1255, charmap.ISO8859_8}},
		"arabic":      {"السلام عليكم، أحتاج إلى مساعدة يوم الأربعاء بعد الظهر. من يستطيع أن يعيرني مجهرا؟ شكرا جزيلا.", []encoding.Encoding{charmap.Windows1256}},
		"thai":        {"สวัสดีครับ ผมต้องการความช่วยเหลือในวันพุธตอนบ่าย ใครพอจะให้ยืมกล้องได้บ้าง ขอบคุณมากครับ", []encoding.Encoding{charmap.Windows874}},
		"japanese":    {"お世話になっております。水曜日の午後に手伝ってくださる方はいませんか。顕微鏡を貸してください。よろしくお願いします。", []encoding.Encoding{japanese.ShiftJIS, japanese.EUCJP}},
		"korean":      {"안녕하세요, 수요일 오후에 도와주실 분이 있습니까? 현미경을 빌려 주세요. 감사합니다.", []encoding.Encoding{korean.EUCKR}},
		"chinese":     {"大家好，我星期三下午需要人帮忙。请问谁可以借给我一个显微镜？谢谢你们。", []encoding.Encoding{simplifiedchinese.GBK}},
		"traditional": {"大家好，我星期三下午需要人幫忙。請問誰可以借給我一個顯微鏡？謝謝你們。", []encoding.Encoding{traditionalchinese.Big5}},
	}
}

// What names no set, or one that cannot be, is read as what it looks like; and
// Western text is never taken for anything else.
func TestUnlabelledText(t *testing.T) {
	for name, n := range notes() {
		for _, set := range n.sets {
			raw, err := set.NewEncoder().String(n.text)
			if err != nil {
				t.Fatalf("%s in %v: %v", name, set, err)
			}
			for _, label := range []string{"", "; charset=us-ascii", "; charset=utf-8", "; charset=x-unknown", "; charset=unknown-8bit"} {
				for _, body := range []string{raw, "Hello all,\n\nplease see below.\n\n" + raw + "\n\nRegards\nJ. Smith\n"} {
					m := read("Subject: x\nContent-Type: text/plain" + label + "\nContent-Transfer-Encoding: 8bit\n\n" + body)
					if !strings.Contains(m.Plain, n.text) {
						t.Errorf("%s in %v%s:\n got %q\nwant %q", name, set, label, m.Plain, n.text)
					}
				}
			}
			if m := read("Subject: " + raw + "\n\nx"); m.Subject != strings.Join(strings.Fields(n.text), " ") {
				t.Errorf("%s in %v as a subject: %q", name, set, m.Subject)
			}
		}
	}
}

// What is labelled rightly stays what it is, whatever it looks like.
func TestLabelsAreBelieved(t *testing.T) {
	raw, err := charmap.ISO8859_1.NewEncoder().String("Þetta er gott, það væri fínt ±1 ½ µ")
	if err != nil {
		t.Fatal(err)
	}
	m := parse.Read([]byte("Content-Type: text/plain; charset=iso-8859-1\n\n"+raw), parse.Standard())
	if m := read("Subject: \xa4\xa3\xadn\xa7\xe4\nContent-Type: text/plain; charset=\"big5\"\n\nx"); m.Subject != "不要找" {
		t.Errorf("a bare subject in the text's set: %q", m.Subject)
	}
	if m.Plain != "Þetta er gott, það væri fínt ±1 ½ µ" {
		t.Errorf("%q", m.Plain)
	}
}
